#include "store/postgres_dump.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/core.h>

#include "sql/store.hpp"
#include "store/core.hpp"
#include "store/durable_file.hpp"
#include "store/grant.hpp"

namespace probity::store {
namespace {

// A file written piece by piece. Not synced: it is read back at once, and what counts is made of
// it.
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
      if (written <= 0)
        return fail(errno == ENOSPC ? Code::StorageFull : Code::StorageFailed,
                    fmt::format("cannot write the dump: errno {}", errno));
      piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

 private:
  int fd_;
};

Result<void> dump_space(PgConnection& connection, const std::vector<CopiedTable>& tables,
                        const Space& space, const std::filesystem::path& directory) {
  PROBITY_CHECK(make_private_directory(directory));
  PROBITY_CHECK(enter(connection, space));
  for (const CopiedTable& table : tables) {
    if (!lies_in(table, space)) continue;
    Output output(directory / file_of(table));
    PROBITY_CHECK(
        connection.copy_out(table.out, [&](BytesView piece) { return output.write(piece); }));
  }
  return {};
}

void name_files(const std::vector<CopiedTable>& tables, const Space& space,
                std::vector<std::string>& names) {
  for (const CopiedTable& table : tables) {
    if (lies_in(table, space)) names.push_back(folder_of(space) + file_of(table));
  }
}

class MomentReader final : public Reader {
 public:
  MomentReader(Space space, PgConnection& connection) : space_(space), connection_(connection) {}
  [[nodiscard]] const Space& space() const override { return space_; }
  [[nodiscard]] Result<void> each(const Query& query, Values values, const OnRow& on_row) override {
    PROBITY_CHECK(admit(k_grant_all, query, values.size(), Access::Read));
    return connection_.fetch(query, values, on_row, PgConnection::Rows::Streamed);
  }

 private:
  Space space_;
  PgConnection& connection_;
};

}  // namespace

Result<std::vector<CopiedTable>> list_tables(PgConnection& connection, TablesOf which) {
  std::vector<CopiedTable> tables;
  PROBITY_CHECK(connection.fetch(
      sql::store::schema_tables, {which == TablesOf::Scratch ? "scratch" : "schema"},
      [&](const Row& row) {
        tables.push_back({std::string(row.text(0)), row.integer(1) != 0, std::string(row.text(2)),
                          std::string(row.text(3)), std::string(row.text(4)),
                          std::string(row.text(5))});
        return true;
      },
      PgConnection::Rows::Whole));
  return tables;
}

std::string folder_of(const Space& space) {
  return space.is_system() ? "system/" : fmt::format("tenants/{}/", space.tenant().text());
}

std::string file_of(const CopiedTable& table) { return table.name + ".copy"; }

bool lies_in(const CopiedTable& table, const Space& space) {
  return table.is_of_tenants || space.is_system();
}

Result<void> enter(PgConnection& connection, const Space& space) {
  return connection.fetch(
      sql::store::enter_snapshot, {tenant_setting(space)}, [](const Row&) { return true; },
      PgConnection::Rows::Whole);
}

Result<std::vector<TenantRecord>> PgMoment::tenants() {
  std::vector<TenantRecord> tenants;
  PROBITY_CHECK(connection_.fetch(
      sql::store::tenants, {},
      [&](const Row& row) {
        tenants.push_back(tenant_record_of(row));
        return true;
      },
      PgConnection::Rows::Whole));
  return tenants;
}

Result<std::unique_ptr<Reader>> PgMoment::read(const Space& space) {
  PROBITY_CHECK(enter(connection_, space));
  return std::make_unique<MomentReader>(space, connection_);
}

Result<std::vector<std::string>> dump_rows(PgConnection& connection,
                                           const std::filesystem::path& directory,
                                           const Look& look) {
  PROBITY_CHECK(make_private_directory(directory));
  PROBITY_CHECK(make_private_directory(directory / "tenants"));
  PROBITY_CHECK(connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  PROBITY_CHECK(connection.script(k_no_time_limits));
  PgMoment moment(connection);
  PROBITY_TRY(tables, list_tables(connection, TablesOf::Schema));
  PROBITY_TRY(tenants, moment.tenants());
  std::vector<Space> spaces{Space::system()};
  for (const TenantRecord& tenant : tenants)
    spaces.push_back(Space::of(tenant.id));
  std::vector<std::string> names;
  for (const Space& space : spaces) {
    PROBITY_CHECK(dump_space(connection, tables, space, directory / folder_of(space)));
    name_files(tables, space, names);
  }
  PROBITY_CHECK(look(moment));
  PROBITY_CHECK(connection.script("COMMIT"));
  return names;
}

Result<std::vector<std::string>> dump_postgres(const std::string& url,
                                               const std::filesystem::path& directory,
                                               const Look& look) {
  PROBITY_TRY(connection, PgConnection::open(url, {}));
  return dump_rows(*connection, directory, look);
}

}  // namespace probity::store
