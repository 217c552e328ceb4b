#include <utility>

#include <fmt/format.h>

#include "attest/grant.hpp"
#include "attest/people.hpp"
#include "attest/probes_access.hpp"
#include "sql/attest.hpp"
#include "store/row_walls.hpp"

namespace probity::attest {
namespace {

/// How many rows of one organisation a statement made for another sees.
Result<int> rows_seen(const Ground& ground, TenantId from, TenantId of) {
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(from), k_grant));
  int rows = 0;
  PROBITY_CHECK(
      reader->each(sql::attest::sealed_values, {of}, [&](const store::Row&) -> Result<bool> {
        ++rows;
        return true;
      }));
  return rows;
}

/// PostgreSQL: the walls of every table, and that the server's own role is held by them.
Result<void> look_at_walls(const Ground& ground, Observations& seen) {
  PROBITY_TRY(walls, store::read_row_walls(ground.engine));
  seen.need(walls.tables > 0, "no table of organisations was found");
  seen.note("tables", walls.tables);
  seen.expect(walls.faults.empty(), "rows are not held apart");
  for (const std::string& fault : walls.faults)
    seen.expect(false, fault);
  return {};
}

Result<Finding> rows_held(const Ground& ground) {
  Observations seen;
  PROBITY_TRY(first, ground.scratch.tenant(Which::First));
  PROBITY_TRY(second, ground.scratch.tenant(Which::Second));
  PROBITY_TRY(member,
              invite_scratch(ground.engine, first.id, identity::Role::Analyst, ground.clock.now()));
  const auto own = rows_seen(ground, first.id, first.id);
  const auto foreign = rows_seen(ground, second.id, first.id);
  const auto walls =
      ground.engine.kind() == "postgres" ? look_at_walls(ground, seen) : Result<void>();
  static_cast<void>(remove_scratch_member(ground.engine, member, ground.clock.now()));
  PROBITY_CHECK(walls);
  seen.need(own && *own > 0, "the control: the organisation does not see its own rows");
  seen.need(foreign.has_value(), "the other organisation's rows could not be looked for");
  if (foreign) seen.expect(*foreign == 0, "rows of another organisation can be read");
  return seen.finding();
}

}  // namespace

Probes row_probes(const Ground& ground) {
  Probes probes;
  probes.push_back({.name = "isolation.rows_held",
                    .run = [ground](const Deadline&) { return rows_held(ground); }});
  return probes;
}

}  // namespace probity::attest
