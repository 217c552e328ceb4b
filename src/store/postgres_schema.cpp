#include "store/postgres_schema.hpp"

#include <array>
#include <chrono>

#include <fmt/core.h>

#include "sql/migrations.hpp"
#include "sql/store.hpp"
#include "store/engine.hpp"
#include "store/row_walls.hpp"

namespace probity::store {
namespace {

constexpr int k_version_min = 150'000;
constexpr std::string_view k_remedy =
    "run `probity init --database OWNER_URL` with the URL of the schema's owner";

Result<std::int64_t> number(PgConnection& connection, const Query& query, Values values) {
  std::int64_t found = 0;
  PROBITY_CHECK(connection.fetch(
      query, values,
      [&](const Row& row) {
        found = row.integer(0);
        return false;
      },
      PgConnection::Rows::Whole));
  return found;
}

Result<std::string> text(PgConnection& connection, const Query& query, Values values) {
  std::string found;
  PROBITY_CHECK(connection.fetch(
      query, values,
      [&](const Row& row) {
        found = row.text(0);
        return false;
      },
      PgConnection::Rows::Whole));
  return found;
}

std::unexpected<Error> config(std::string words) {
  Error error{Code::Config, words, std::move(words), {}, 0};
  return std::unexpected(std::move(error));
}

Result<void> check_powers(PgConnection& connection) {
  std::array<std::int64_t, k_role_powers.size()> powers{};
  PROBITY_CHECK(connection.fetch(
      sql::store::role_powers, {},
      [&](const Row& row) {
        for (std::size_t i = 0; i < powers.size(); ++i)
          powers[i] = row.integer(static_cast<int>(i));
        return false;
      },
      PgConnection::Rows::Whole));
  for (std::size_t i = 0; i < powers.size(); ++i) {
    if (powers[i] == 0) continue;
    PROBITY_TRY(role, text(connection, sql::store::current_role_name, {}));
    return config(
        fmt::format("the database role {} {}, so row-level security would not hold it; "
                    "connect as the application role (probity_app)",
                    role, k_role_powers[i]));
  }
  return {};
}

Result<void> check_walls(PgConnection& connection) {
  std::string fault;
  PROBITY_CHECK(connection.fetch(
      sql::store::row_walls, {},
      [&](const Row& row) {
        if (!row.text(1).empty() && fault.empty())
          fault = fmt::format(
              "rows of tenants are not kept apart in probity.{}: {}; let the schema's owner run: "
              "{}",
              row.text(0), row.text(1), row.text(2));
        return true;
      },
      PgConnection::Rows::Whole));
  if (!fault.empty()) return config(fault);
  return {};
}

Result<void> check_settings(PgConnection& connection) {
  if (connection.server_version() < k_version_min) {
    return config(fmt::format("the server is version {}; PostgreSQL 15 or newer is needed",
                              connection.server_version() / 10'000));
  }
  std::array<std::string, 3> settings;
  PROBITY_CHECK(connection.fetch(
      sql::store::server_settings, {},
      [&](const Row& row) {
        for (int i = 0; i < 3; ++i)
          settings[static_cast<std::size_t>(i)] = row.text(i);
        return false;
      },
      PgConnection::Rows::Whole));
  if (settings[0] == "off") return config("the server has fsync=off; set it to on");
  if (settings[1] == "off") {
    return config("synchronous_commit is off for this role or server; set it to on");
  }
  if (settings[2] == "off") return config("the server has full_page_writes=off; set it to on");
  return {};
}

Result<void> run_steps(PgConnection& connection, std::span<const Migration> known, Log& log) {
  PROBITY_CHECK(connection.change(sql::store::make_schema_step, {}));
  PROBITY_TRY(applied, applied_steps(connection));
  PROBITY_TRY(pending, plan_migrations(known, applied, StepsOf::Both));
  // A migration's time is the machine's: no promise depends on it.
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  for (const Migration* step : pending) {
    PROBITY_CHECK(connection.script(std::string(step->postgres)));
    PROBITY_CHECK(
        connection.change(sql::store::insert_schema_step,
                          {step->number, step->name, step->sha256_hex, std::int64_t{now.count()}}));
    log.info("schema_step_applied", {{"step", step->name}});
  }
  return {};
}

Result<void> make_role(PgConnection& connection, const std::string& role) {
  PROBITY_TRY(create, text(connection, sql::store::create_role_text, {role}));
  PROBITY_CHECK(connection.script("SAVEPOINT make_role"));
  if (connection.script(create)) return {};
  PROBITY_CHECK(connection.script("ROLLBACK TO make_role"));
  // Roles belong to the whole cluster: the first start of another database may just have made it.
  PROBITY_TRY(exists, number(connection, sql::store::role_exists, {role}));
  if (exists != 0) return {};
  return config(
      fmt::format("the application role {0} does not exist and this role may not make it; let an "
                  "administrator run: create role {0} login password …",
                  role));
}

Result<void> grant_role(PgConnection& connection, const std::string& role, Log& log) {
  PROBITY_TRY(exists, number(connection, sql::store::role_exists, {role}));
  if (exists == 0) {
    PROBITY_CHECK(make_role(connection, role));
    log.info("application_role_made", {{"role", role}});
  }
  std::vector<std::string> grants;
  PROBITY_CHECK(connection.fetch(
      sql::store::grant_texts, {role},
      [&](const Row& row) {
        grants.emplace_back(row.text(0));
        return true;
      },
      PgConnection::Rows::Whole));
  for (const std::string& grant : grants)
    PROBITY_CHECK(connection.script(grant));
  return {};
}

// Lets the owner act as the application role, which takes nothing from anybody. A plain owner may
// not be allowed to; then `init` needs the application role's URL for its second half.
void join_role(PgConnection& connection, const std::string& role) {
  const auto join = text(connection, sql::store::join_role_text, {role});
  if (!join || !connection.script("SAVEPOINT join_role")) return;
  if (!connection.script(*join)) {
    [[maybe_unused]] const auto undone = connection.script("ROLLBACK TO join_role");
  }
}

Result<void> prepare_schema(PgConnection& connection, const std::string& role,
                            std::span<const Migration> known, Log& log) {
  PROBITY_CHECK(connection.script("BEGIN"));
  PROBITY_CHECK(connection.fetch(
      sql::store::lock_schema, {}, [](const Row&) { return false; }, PgConnection::Rows::Whole));
  PROBITY_TRY(has_schema, number(connection, sql::store::has_schema, {}));
  if (has_schema == 0) {
    if (auto made = connection.change(sql::store::make_schema, {}); !made) {
      return config(
          "this role may not make the schema probity; use the URL of the database's owner");
    }
  }
  PROBITY_CHECK(complete_schema(connection, role, known, log));
  PROBITY_TRY(tag, connection.control("COMMIT"));
  if (tag != "COMMIT") return fail(Code::StorageFailed, "preparing the schema was rolled back");
  return {};
}

// True for the application role's own URL on a schema that needs nothing.
Result<bool> has_nothing_to_do(PgConnection& connection, std::span<const Migration> known) {
  PROBITY_TRY(is_owner, number(connection, sql::store::owns_schema, {}));
  PROBITY_TRY(may_use, number(connection, sql::store::may_use_schema, {}));
  if (is_owner != 0 || may_use == 0) return false;
  PROBITY_TRY(applied, applied_steps(connection));
  PROBITY_TRY(pending, plan_migrations(known, applied, StepsOf::Both));
  if (!pending.empty()) {
    return config(fmt::format("the schema is older than this build; {}", k_remedy));
  }
  return true;
}

}  // namespace

Result<std::vector<AppliedStep>> applied_steps(PgConnection& connection) {
  std::vector<AppliedStep> steps;
  PROBITY_TRY(has_table, number(connection, sql::store::has_schema_step, {}));
  if (has_table == 0) return steps;
  PROBITY_CHECK(connection.fetch(
      sql::store::schema_steps, {},
      [&](const Row& row) {
        steps.push_back(
            {static_cast<int>(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))});
        return true;
      },
      PgConnection::Rows::Whole));
  return steps;
}

Result<void> complete_schema(PgConnection& connection, const std::string& role,
                             std::span<const Migration> known, Log& log) {
  PROBITY_CHECK(run_steps(connection, known, log));
  PROBITY_CHECK(grant_role(connection, role, log));
  join_role(connection, role);
  return {};
}

Result<void> check_postgres(PgConnection& connection, std::span<const Migration> known) {
  PROBITY_CHECK(check_settings(connection));
  PROBITY_CHECK(check_powers(connection));
  PROBITY_TRY(may_use, number(connection, sql::store::may_use_schema, {}));
  if (may_use == 0) {
    return config(fmt::format("there is no schema probity this role may use; {}", k_remedy));
  }
  PROBITY_TRY(applied, applied_steps(connection));
  PROBITY_TRY(pending, plan_migrations(known, applied, StepsOf::Both));
  if (!pending.empty()) {
    return config(fmt::format("the schema is older than this build; {}", k_remedy));
  }
  return check_walls(connection);
}

Result<std::string> prepare_postgres(const std::string& owner_url, const std::string& app_role,
                                     Log& log, std::span<const Migration> migrations) {
  const auto known = migrations.empty() ? sql::migrations() : migrations;
  const std::string role = app_role.empty() ? "probity_app" : app_role;
  PROBITY_TRY(connection, PgConnection::open(owner_url, {}));
  PROBITY_TRY(is_done, has_nothing_to_do(*connection, known));
  if (is_done) return std::string();
  PROBITY_TRY(current, text(*connection, sql::store::current_role_name, {}));
  if (current == role) {
    return config(
        fmt::format("{} is the application role, which must own nothing; {}", role, k_remedy));
  }
  PROBITY_CHECK(prepare_schema(*connection, role, known, log));
  return role;
}

}  // namespace probity::store
