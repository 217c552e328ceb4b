#pragma once

#include <span>
#include <string>

#include "base/log.hpp"
#include "store/migration_plan.hpp"
#include "store/postgres_connection.hpp"

namespace probity::store {

/// The steps the schema `probity` has; none when it is not there.
[[nodiscard]] Result<std::vector<AppliedStep>> applied_steps(PgConnection& connection);

/// Runs the steps that are missing in the schema and gives the application role its rights, within
/// the caller's transaction. Config when that role is missing and may not be made.
[[nodiscard]] Result<void> complete_schema(PgConnection& connection, const std::string& role,
                                           std::span<const Migration> known, Log& log);

/// Whether a server may run on this connection: Config (with the remedy) when its role could get
/// round row-level security, when a table of tenants is without it (naming table and remedy), when
/// the schema is missing, older or newer than the build, or when the server does not sync what it
/// acknowledges.
[[nodiscard]] Result<void> check_postgres(PgConnection& connection,
                                          std::span<const Migration> known);

}  // namespace probity::store
