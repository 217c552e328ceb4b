#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "store/engine.hpp"

namespace probity::store {

/// What a role of PostgreSQL must not have, because row-level security would not hold it; in the
/// order of the columns of the statement role_powers, as the end of a sentence about the role.
inline constexpr std::array<std::string_view, 4> k_role_powers{
    "is or can become a role with SUPERUSER, BYPASSRLS, CREATEROLE or REPLICATION",
    "owns the schema probity or can become its owner",
    "owns tables of the schema probity or can become their owner",
    "can read or write the server's files"};

/// How PostgreSQL keeps the rows of tenants apart at this moment.
struct RowWalls {
  int tables = 0;                   ///< With rows of tenants.
  std::vector<std::string> faults;  ///< Table and what is wrong; or what the role may do.
};

/// Reads them from the catalogue, as the server's own role sees it. For the engine "postgres"
/// alone: with files there are no walls, each tenant has its own. Threads: any.
[[nodiscard]] Result<RowWalls> read_row_walls(Engine& engine);

}  // namespace probity::store
