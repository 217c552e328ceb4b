#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/instant.hpp"
#include "jobs/scheduler.hpp"
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
  std::string_view what;        ///< "E-mail address of a member".
  std::string_view purpose;     ///< "Log-in and invitations".
  std::string_view retention;   ///< "While the account exists".
  Storage storage = Storage::Sealed;
};

/// A table of a tenant that an export carries: in key order, every column.
struct ExportTable {
  std::string_view name;
  const store::Query* list;     ///< Params: last key as bytes (empty at first), limit.
  std::span<const std::string_view> columns;
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
};

}  // namespace probity::module
