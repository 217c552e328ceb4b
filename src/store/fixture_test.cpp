#include "store/store_fixture.hpp"

#include <vector>

#include "sql/migrations.hpp"

namespace probity::store {

std::span<const Migration> test_migrations() {
  static const std::vector<Migration> steps = [] {
    std::vector<Migration> all;
    for (const Migration& step : sql::migrations()) all.push_back(step);
    all.push_back(k_note_step);
    return all;
  }();
  return steps;
}

Surroundings::Surroundings() {
  auto made = crypto::MasterKeys::create(directory.path() / "master.key");
  EXPECT_TRUE(made);
  master = std::make_unique<crypto::MasterKeys>(std::move(*made));
}

EngineParts Surroundings::parts() {
  return {clock, log, *master, journaler, test_migrations()};
}

Change insert_note(TenantId tenant, std::int64_t place, Bytes body) {
  return {k_grant_all,
          [tenant, place, body = std::move(body)](Tx& tx) -> Result<Journal> {
            const auto id = ResponseId::make(Instant::from_s(1'767'225'600));
            PROBITY_CHECK(tx.run(k_insert_note, {tenant, id, place, body}));
            return Journal{};
          },
          {},
          Growth::Grows};
}

std::int64_t count_notes(Engine& engine, TenantId tenant) {
  auto reader = engine.read(Space::of(tenant), k_grant_all);
  if (!reader) return -1;
  const auto count =
      (*reader)->first(k_count_notes, {}, [](const Row& row) { return row.integer(0); });
  return count && *count ? **count : -1;
}

}  // namespace probity::store
