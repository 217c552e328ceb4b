#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/postgres_connection.hpp"

namespace probity::store {

/// Writes every table of the schema as the application role sees it, in one snapshot: tables of the
/// system to `system/<table>.copy`, those of tenants to `tenants/<id>/<table>.copy`, each in
/// PostgreSQL's binary COPY format (sealed values stay sealed). Streams; nothing is held in memory.
/// Returns the relative names.
[[nodiscard]] Result<std::vector<std::string>> dump_postgres(
    PgConnection& connection, const std::filesystem::path& directory);

}  // namespace probity::store
