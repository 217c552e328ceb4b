#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/engine.hpp"

/// Copies of a PostgreSQL database's rows as files, and back. See keep/backup.
namespace probity::store {

/// All rows of one moment, on one connection: what a copy is counted by. A reader holds until the
/// next one is asked for. One thread.
class Moment {
 public:
  virtual ~Moment() = default;
  [[nodiscard]] virtual Result<std::vector<TenantRecord>> tenants() = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> read(const Space& space) = 0;
};
/// Looks at a moment while it lasts; its error ends the whole.
using Look = std::function<Result<void>(Moment&)>;

/// Writes every row to files below `directory`, in the one moment that `look` sees. `url` is the
/// application role's. Returns the relative names. Sealed values stay sealed; nothing is held in
/// memory, nothing is synced.
[[nodiscard]] Result<std::vector<std::string>> dump_postgres(const std::string& url,
                                                             const std::filesystem::path& directory,
                                                             const Look& look);

/// Loads such files into temporary tables of one session, copies them out again and compares every
/// byte, opens every wrapped key, and lets `look` see them; afterwards they are gone, however it
/// ends. The application role's rights suffice: Config with the remedy when it may make no
/// temporary tables. IntegrityError when something differs, KeyUnavailable when a key needs a
/// master key that is not in the key file, NewerData when a newer build wrote them.
[[nodiscard]] Result<void> try_postgres_dump(const std::string& url,
                                             const std::filesystem::path& directory,
                                             const EngineParts& parts, const Look& look);

/// Who a schema is made by and for.
struct SchemaOwner {
  std::string url;       ///< As for prepare_postgres.
  std::string app_role;  ///< "probity_app" when empty.
};

/// Makes the schema with these rows in one transaction, compared as above, brings it up to this
/// build and gives the application role its rights. Nothing of it is there unless `look` agreed and
/// the commit succeeded. Conflict when there is a schema
/// `probity` already.
[[nodiscard]] Result<void> restore_postgres(const SchemaOwner& owner,
                                            const std::filesystem::path& directory,
                                            const EngineParts& parts, const Look& look);

}  // namespace probity::store
