#pragma once

#include <span>

#include "store/migration_plan.hpp"
#include "store/postgres_connection.hpp"

namespace probity::store {

/// The steps the schema `probity` has; none when it is not there.
[[nodiscard]] Result<std::vector<AppliedStep>> applied_steps(PgConnection& connection);

/// Whether a server may run on this connection: Config (with the remedy) when its role could get
/// round row-level security, when the schema is missing, older or newer than the build, or when the
/// server does not sync what it acknowledges.
[[nodiscard]] Result<void> check_postgres(PgConnection& connection,
                                          std::span<const Migration> known);

}  // namespace probity::store
