#include "store/postgres_dump.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/core.h>

#include "sql/store.hpp"
#include "store/durable_file.hpp"

namespace probity::store {
namespace {

struct Table {
  std::string name;
  bool is_of_tenants;
  std::string copy_text;
};

// A dump may take longer than any request.
constexpr const char* k_no_time_limit = "SET LOCAL statement_timeout = 0";

// A file written piece by piece and synced at the end.
class Output {
 public:
  explicit Output(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~Output() {
    if (fd_ >= 0) ::close(fd_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  [[nodiscard]] Result<void> write(BytesView piece) {
    while (!piece.empty()) {
      const ssize_t written = ::write(fd_, piece.data(), piece.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return failed();
      piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }
  [[nodiscard]] Result<void> sync() {
    if (fd_ < 0 || ::fsync(fd_) != 0) return failed();
    return {};
  }

 private:
  [[nodiscard]] static std::unexpected<Error> failed() {
    return fail(errno == ENOSPC ? Code::StorageFull : Code::StorageFailed,
                fmt::format("cannot write the dump: errno {}", errno));
  }
  int fd_;
};

Result<void> copy_table(PgConnection& connection, const Table& table,
                        const std::filesystem::path& path) {
  Output output(path);
  PROBITY_CHECK(
      connection.copy_out(table.copy_text, [&](BytesView piece) { return output.write(piece); }));
  return output.sync();
}

Result<std::vector<Table>> list_tables(PgConnection& connection) {
  std::vector<Table> tables;
  PROBITY_CHECK(connection.fetch(
      sql::store::schema_tables, {},
      [&](const Row& row) {
        tables.push_back({std::string(row.text(0)), row.integer(1) != 0, std::string(row.text(2))});
        return true;
      },
      PgConnection::Rows::Whole));
  return tables;
}

Result<std::vector<TenantId>> list_tenants(PgConnection& connection) {
  std::vector<TenantId> tenants;
  PROBITY_CHECK(connection.fetch(
      sql::store::tenants, {},
      [&](const Row& row) {
        tenants.push_back(row.id<TenantId>(0));
        return true;
      },
      PgConnection::Rows::Whole));
  return tenants;
}

// `tenant` nil: the system's tables.
Result<void> dump_space(PgConnection& connection, const std::vector<Table>& tables,
                        const Space& space, const std::filesystem::path& directory) {
  PROBITY_CHECK(make_private_directory(directory));
  PROBITY_CHECK(connection.fetch(
      sql::store::enter_snapshot, {tenant_setting(space)}, [](const Row&) { return true; },
      PgConnection::Rows::Whole));
  for (const Table& table : tables) {
    if (table.is_of_tenants == space.is_system()) continue;
    PROBITY_CHECK(copy_table(connection, table, directory / (table.name + ".copy")));
  }
  return sync_directory(directory);
}

void name_files(const std::vector<Table>& tables, const Space& space, const std::string& below,
                std::vector<std::string>& names) {
  for (const Table& table : tables) {
    if (table.is_of_tenants != space.is_system()) names.push_back(below + table.name + ".copy");
  }
}

}  // namespace

Result<std::vector<std::string>> dump_postgres(PgConnection& connection,
                                               const std::filesystem::path& directory) {
  PROBITY_CHECK(make_private_directory(directory));
  PROBITY_CHECK(make_private_directory(directory / "tenants"));
  PROBITY_CHECK(connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  PROBITY_CHECK(connection.script(k_no_time_limit));
  PROBITY_TRY(tables, list_tables(connection));
  PROBITY_TRY(tenants, list_tenants(connection));
  std::vector<std::string> names;
  PROBITY_CHECK(dump_space(connection, tables, Space::system(), directory / "system"));
  name_files(tables, Space::system(), "system/", names);
  for (const TenantId& tenant : tenants) {
    const std::string below = "tenants/" + tenant.text();
    PROBITY_CHECK(dump_space(connection, tables, Space::of(tenant), directory / below));
    name_files(tables, Space::of(tenant), below + "/", names);
  }
  PROBITY_CHECK(connection.script("COMMIT"));
  return names;
}

}  // namespace probity::store
