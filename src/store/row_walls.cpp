#include "store/row_walls.hpp"

#include <fmt/core.h>

#include "sql/store.hpp"

namespace probity::store {
namespace {

constexpr std::array<std::string_view, 1> k_rooms{"store"};
constexpr Grant k_grant{"row_walls", k_rooms, {}};

}  // namespace

Result<RowWalls> read_row_walls(Engine& engine) {
  if (engine.kind() != "postgres") return fail(Code::Internal, "files have no walls");
  PROBITY_TRY(reader, engine.read(Space::system(), k_grant));
  RowWalls walls;
  PROBITY_CHECK(reader->each(sql::store::row_walls, {}, [&](const Row& row) -> Result<bool> {
    if (row.text(1).empty())
      ++walls.tables;
    else
      walls.faults.push_back(fmt::format("{}: {}", row.text(0), row.text(1)));
    return true;
  }));
  PROBITY_CHECK(reader->each(sql::store::role_powers, {}, [&](const Row& row) -> Result<bool> {
    for (std::size_t i = 0; i < k_role_powers.size(); ++i)
      if (row.integer(static_cast<int>(i)) != 0)
        walls.faults.push_back(fmt::format("the server's role {}", k_role_powers[i]));
    return true;
  }));
  return walls;
}

}  // namespace probity::store
