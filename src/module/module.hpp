#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/instant.hpp"
#include "base/json_writer.hpp"
#include "crypto/cipher.hpp"
#include "jobs/scheduler.hpp"
#include "module/approvable.hpp"
#include "store/engine.hpp"
#include "store/query.hpp"
#include "web/route.hpp"

namespace probity::module {

/// How a stored column is kept.
enum class Storage : std::uint8_t { Clear, Sealed, KeyedHash };

/// A column that holds something about a person: what for and for how long. A personal column
/// without one fails the build (MW-01, SW-29); /api/v1/privacy/inventory and /privacy print these.
struct PersonalColumn {
  std::string_view table;
  std::string_view column;
  std::string_view what;       ///< "E-mail address of a member".
  std::string_view purpose;    ///< "Log-in and invitations".
  std::string_view retention;  ///< "While the account exists".
  Storage storage = Storage::Sealed;
};

/// With what a tenant's rows are opened and sealed.
struct RowKeys {
  const TenantId& tenant;
  const crypto::Cipher& cipher;
};

/// Writes a row of `list` as the members of a JSON object, sealed columns opened, keyed hashes left
/// out (they are made anew on import). The object itself is begun and ended by the caller.
using RowWriter = Result<void> (*)(const store::Row&, const RowKeys&, JsonWriter&);

/// Puts one row into the new tenant, within a Change; may run more than once.
using RowStore = std::move_only_function<Result<void>(store::Tx&)>;

/// A row of an archive: its members, and its text (for members that must come back byte for byte).
struct ArchiveRow {
  const boost::json::object& values;
  std::string_view line;
};

/// Seals what RowWriter opened and prepares the row's statements. BadRequest for a row it does not
/// understand.
using RowReader = Result<RowStore> (*)(const ArchiveRow&, const RowKeys&);

/// Takes one object of an export with its key; false when no more are wanted now.
using TakeLine = std::function<Result<bool>(BytesView key, JsonWriter& json)>;
/// Writes what follows the key `after` (empty at first), in key order, for tables whose rows are
/// not the objects an export carries. The object is begun and ended by the walk.
using TableWalk = Result<void> (*)(store::Reader&, const RowKeys&, BytesView after,
                                   const TakeLine&);

/// The first moment of the year 0000 and the last of 9999: what an archive may name as a date that
/// a person wrote (RFC 3339 reaches no further).
inline constexpr std::int64_t k_archive_date_least_us = -62'167'219'200'000'000;
inline constexpr std::int64_t k_archive_moment_most_us = 253'402'300'799'999'999;

/// A table of a tenant that an export carries: in key order, the key as the first column. The order
/// must not depend on a key of the tenant, so that what is imported exports the same bytes again.
struct ExportTable {
  std::string_view name;
  const store::Query* list;                   ///< Params: tenant, last key (empty at first), limit.
  std::span<const std::string_view> columns;  ///< Of the JSON objects.
  RowWriter write = nullptr;                  ///< With `list`; null when there is a walk instead.
  RowReader read = nullptr;                   ///< Null: carried for reading alone, not imported.
  const store::Query* clear = nullptr;  ///< Deletes the tenant's rows after a failed import ($1).
  TableWalk walk = nullptr;
  /// Counts, once all tables of an archive are in, what lacks its counterpart ($1 the tenant). An
  /// import that leaves any is refused: the rest of the program relies on them.
  const store::Query* strays = nullptr;
};

/// What plugs into the server: a feature, or a part of the platform with routes.
class Module {
 public:
  virtual ~Module() = default;
  /// One word; also the prefix of the tables it owns.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// What its handlers and Changes may read and write.
  [[nodiscard]] virtual store::Grant grant() const = 0;
  [[nodiscard]] virtual std::vector<web::Route> routes() = 0;
  [[nodiscard]] virtual std::vector<PersonalColumn> personal_columns() const = 0;
  [[nodiscard]] virtual std::vector<ExportTable> exports() const { return {}; }
  [[nodiscard]] virtual std::vector<jobs::Job> jobs() { return {}; }
  /// What of it a tenant may leave to two people. They refer to the module, which outlives them.
  [[nodiscard]] virtual std::vector<Approvable> approvables() { return {}; }
};

/// What of the program a tenant may leave to two people.
[[nodiscard]] inline std::vector<Approvable> approvables_of(
    const std::vector<std::unique_ptr<Module>>& modules) {
  std::vector<Approvable> all;
  for (const auto& module : modules)
    for (Approvable& one : module->approvables())
      all.push_back(std::move(one));
  return all;
}

}  // namespace probity::module
