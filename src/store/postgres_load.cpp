#include <algorithm>
#include <fstream>
#include <map>
#include <span>

#include <fmt/core.h>

#include "crypto/hash.hpp"
#include "sql/migrations.hpp"
#include "sql/store.hpp"
#include "store/core.hpp"
#include "store/postgres_dump.hpp"
#include "store/postgres_schema.hpp"

namespace probity::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_piece_bytes = 64U * 1024;
constexpr const char* k_default_role = "probity_app";

// Files of a dump on their way into tables that are made here, within the caller's transaction.
class Loader {
 public:
  Loader(PgConnection& connection, fs::path directory, const EngineParts& parts)
      : connection_(connection),
        directory_(std::move(directory)),
        known_(parts.migrations.empty() ? sql::migrations() : parts.migrations),
        master_(parts.master) {}

  /// Makes the tables as they were, fills them and compares.
  [[nodiscard]] Result<void> run(TablesOf which) {
    PROBITY_CHECK(make_tables(which));
    for (const CopiedTable& table : tables_)
      if (table.is_of_tenants) PROBITY_CHECK(connection_.script(table.unforce));
    PROBITY_CHECK(fill(Space::system()));
    PROBITY_CHECK(try_keys());
    PROBITY_TRY(tenants, PgMoment(connection_).tenants());
    for (const TenantRecord& tenant : tenants)
      PROBITY_CHECK(fill(Space::of(tenant.id)));
    for (const CopiedTable& table : tables_)
      if (table.is_of_tenants) PROBITY_CHECK(connection_.script(table.force));
    PROBITY_CHECK(compare(Space::system()));
    for (const TenantRecord& tenant : tenants)
      PROBITY_CHECK(compare(Space::of(tenant.id)));
    return {};
  }

  [[nodiscard]] std::span<const Migration> known() const { return known_; }

 private:
  // The steps the dump was made under; whatever this build adds comes when the rows are there.
  [[nodiscard]] Result<void> make_tables(TablesOf which) {
    PROBITY_CHECK(connection_.change(sql::store::make_schema_step, {}));
    PROBITY_TRY(first, list_tables(connection_, which));
    if (first.size() != 1) return fail(Code::Internal, "the place to load into is not empty");
    PROBITY_CHECK(copy_in(Space::system(), first.front()));
    PROBITY_TRY(applied, read_steps());
    PROBITY_CHECK(plan_migrations(known_, applied, StepsOf::Both));
    for (const Migration& step : known_) {
      const bool is_applied =
          std::ranges::find(applied, step.number, &AppliedStep::number) != applied.end();
      if (is_applied) PROBITY_CHECK(connection_.script(std::string(step.postgres)));
    }
    PROBITY_TRY(tables, list_tables(connection_, which));
    tables_ = std::move(tables);
    return {};
  }

  [[nodiscard]] Result<std::vector<AppliedStep>> read_steps() {
    std::vector<AppliedStep> steps;
    PROBITY_CHECK(connection_.fetch(
        sql::store::schema_steps, {},
        [&](const Row& row) {
          steps.push_back({static_cast<int>(row.integer(0)), std::string(row.text(1)),
                           std::string(row.text(2))});
          return true;
        },
        PgConnection::Rows::Whole));
    return steps;
  }

  [[nodiscard]] Result<void> fill(const Space& space) {
    PROBITY_CHECK(enter(connection_, space));
    for (const CopiedTable& table : tables_) {
      if (!lies_in(table, space) || table.name == k_step_table) continue;
      PROBITY_CHECK(copy_in(space, table));
    }
    return {};
  }

  [[nodiscard]] Result<void> copy_in(const Space& space, const CopiedTable& table) {
    const std::string name = folder_of(space) + file_of(table);
    std::ifstream in(directory_ / name, std::ios::binary);
    if (!in) return fail(Code::IntegrityError, fmt::format("{} is missing", name));
    crypto::Sha256 hash;
    std::string piece(k_piece_bytes, '\0');
    PROBITY_CHECK(connection_.copy_in(table.in, [&]() -> Result<std::string_view> {
      in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      if (in.bad()) return fail(Code::StorageFailed, fmt::format("cannot read {}", name));
      const auto got = std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount()));
      hash.add(as_bytes(got));
      return got;
    }));
    hashes_[name] = to_hex(hash.finish());
    return {};
  }

  // Rows without the keys they are sealed under would be of no use.
  [[nodiscard]] Result<void> try_keys() {
    return connection_.fetch(
        sql::store::all_keys, {},
        [&](const Row& row) -> Result<bool> {
          const KeyKind kind =
              row.text(1) == key_kind_text(KeyKind::File) ? KeyKind::File : KeyKind::Seal;
          PROBITY_CHECK(master_.unwrap(
              row.bytes(3),
              key_binding(kind, row.id<TenantId>(0), static_cast<std::uint32_t>(row.integer(2)))));
          return true;
        },
        PgConnection::Rows::Whole);
  }

  [[nodiscard]] Result<void> compare(const Space& space) {
    PROBITY_CHECK(enter(connection_, space));
    for (const CopiedTable& table : tables_) {
      if (!lies_in(table, space)) continue;
      const std::string name = folder_of(space) + file_of(table);
      crypto::Sha256 hash;
      PROBITY_CHECK(connection_.copy_out(table.out, [&](BytesView piece) {
        hash.add(piece);
        return Result<void>();
      }));
      if (to_hex(hash.finish()) != hashes_[name])
        return fail(Code::IntegrityError, fmt::format("{} reads otherwise than it was", name));
    }
    return {};
  }

  PgConnection& connection_;
  fs::path directory_;
  std::span<const Migration> known_;
  const crypto::MasterKeys& master_;
  std::vector<CopiedTable> tables_;
  std::map<std::string, std::string> hashes_;  // Of the files, by name.
};

Result<void> require_scratch(PgConnection& connection) {
  bool may_make = false;
  std::string remedy;
  PROBITY_CHECK(connection.fetch(
      sql::store::may_make_scratch, {},
      [&](const Row& row) {
        may_make = row.integer(0) != 0;
        remedy = row.text(1);
        return false;
      },
      PgConnection::Rows::Whole));
  if (may_make) return {};
  return refuse(Code::Config,
                fmt::format("A backup is restored into temporary tables before it counts, and this "
                            "role may not make any. Let an administrator run: {}",
                            remedy));
}

Result<void> make_schema(PgConnection& connection) {
  std::int64_t count = 0;
  PROBITY_CHECK(connection.fetch(
      sql::store::lock_schema, {}, [](const Row&) { return false; }, PgConnection::Rows::Whole));
  PROBITY_CHECK(connection.fetch(
      sql::store::has_schema, {},
      [&](const Row& row) {
        count = row.integer(0);
        return false;
      },
      PgConnection::Rows::Whole));
  if (count != 0)
    return refuse(Code::Conflict,
                  "The database holds a schema probity already; nothing was changed. Restore into "
                  "a new database.");
  if (connection.change(sql::store::make_schema, {})) return {};
  return refuse(Code::Config,
                "This role may not make the schema probity; use the URL of the database's owner.");
}

}  // namespace

Result<void> try_postgres_dump(const std::string& url, const fs::path& directory,
                               const EngineParts& parts, const Look& look) {
  PROBITY_TRY(connection, PgConnection::open(url, {}));
  PROBITY_CHECK(require_scratch(*connection));
  PROBITY_CHECK(connection->script("BEGIN"));
  PROBITY_CHECK(connection->script(k_no_time_limits));
  // What is made without a schema's name is temporary now, and what is read too.
  PROBITY_CHECK(connection->script("SET LOCAL search_path = pg_temp"));
  PROBITY_CHECK(Loader(*connection, directory, parts).run(TablesOf::Scratch));
  PgMoment moment(*connection);
  PROBITY_CHECK(look(moment));
  return connection->script("ROLLBACK");
}

Result<void> restore_postgres(const SchemaOwner& owner, const fs::path& directory,
                              const EngineParts& parts, const Look& look) {
  PROBITY_TRY(connection, PgConnection::open(owner.url, {}));
  PROBITY_CHECK(connection->script("BEGIN"));
  PROBITY_CHECK(connection->script(k_no_time_limits));
  PROBITY_CHECK(make_schema(*connection));
  Loader loader(*connection, directory, parts);
  PROBITY_CHECK(loader.run(TablesOf::Schema));
  const std::string role = owner.app_role.empty() ? k_default_role : owner.app_role;
  PROBITY_CHECK(complete_schema(*connection, role, loader.known(), parts.log));
  PgMoment moment(*connection);
  PROBITY_CHECK(look(moment));
  PROBITY_TRY(tag, connection->control("COMMIT"));
  if (tag != "COMMIT") return fail(Code::StorageFailed, "the restore was rolled back");
  return {};
}

}  // namespace probity::store
