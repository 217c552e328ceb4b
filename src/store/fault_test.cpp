#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "store/engine.hpp"
#include "store/store_fixture.hpp"

namespace probity::store {
namespace {

constexpr std::size_t k_acknowledged_wanted = 40;

// The child: writes without end and tells of each acknowledgement through the pipe.
[[noreturn]] void write_until_killed(Surroundings& s, TenantId id, const FaultPlan& plan,
                                     int pipe) {
  auto engine = open_sqlcipher(s.data(), s.parts(), plan);
  if (!engine) ::_exit(3);
  std::atomic<std::int64_t> next{0};
  const auto work = [&] {
    while (true) {
      const std::int64_t place = next++;
      if (!(*engine)->apply(Space::of(id), insert_note(id, place, Bytes(600, 7)))) continue;
      tell(pipe, place);
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back(work);
  threads.clear();
  ::_exit(5);
}

// Kills a writing process and returns how many acknowledged rows a new one does not find.
std::size_t lost_after_kill(const FaultPlan& plan) {
  Surroundings s;
  TenantId id;
  {
    auto engine = open_sqlcipher(s.data(), s.parts());
    EXPECT_TRUE(engine);
    id = make_tenant(**engine);
  }
  const auto acknowledged = told_until_killed(
      k_acknowledged_wanted, [&](int pipe) { write_until_killed(s, id, plan, pipe); });
  auto engine = open_sqlcipher(s.data(), s.parts());
  EXPECT_TRUE(engine) << engine.error().detail;
  return missing(acknowledged, places_of(**engine, id));
}

TEST(Kill, LosesNothingThatWasAcknowledged) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(lost_after_kill({}), 0U);
}

TEST(Kill, LosesNothingThatWasAcknowledgedWhenUnsyncedWritesAreLost) {
  FaultPlan plan;
  plan.drop_unsynced_on_kill = true;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(lost_after_kill(plan), 0U);
}

TEST(Kill, LosesNothingWhenSomeSyncsFailToo) {
  FaultPlan plan;
  plan.drop_unsynced_on_kill = true;
  plan.fail_every_kth_sync = 5;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(lost_after_kill(plan), 0U);
}

// The control of the three above: acknowledging before the sync must be noticed.
TEST(Kill, IsSeenToLoseRowsWhenAcknowledgementsComeBeforeTheSync) {
  FaultPlan plan;
  plan.drop_unsynced_on_kill = true;
  plan.pretend_log_syncs = true;
  EXPECT_GT(lost_after_kill(plan), 0U);
}

class Faults : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(EveryKth, Faults, ::testing::Values(2, 5, 11, 13, 23, 47));

// Whatever fails, an acknowledged row is there and a refused one is not, now and after reopening.
void expect_truth(const FaultPlan& plan) {
  Surroundings s;
  TenantId id;
  {
    auto engine = open_sqlcipher(s.data(), s.parts());
    ASSERT_TRUE(engine);
    id = make_tenant(**engine);
  }
  std::set<std::int64_t> acknowledged;
  int failures = 0;
  {
    auto engine = open_sqlcipher(s.data(), s.parts(), plan);
    // Not opening is a right answer too, but tells nothing: only the worst disks may do that.
    const int worst = std::max(plan.fail_every_kth_write, plan.fail_every_kth_sync);
    ASSERT_TRUE(engine || worst <= 3);
    if (!engine) return;
    for (std::int64_t place = 0; place < 60; ++place) {
      auto stored = (*engine)->apply(Space::of(id), insert_note(id, place, Bytes(600, 7)));
      if (stored) {
        acknowledged.insert(place);
      } else {
        ++failures;
        EXPECT_TRUE(stored.error().code == Code::StorageFailed ||
                    stored.error().code == Code::StorageFull)
            << stored.error().detail;
      }
    }
  }
  EXPECT_GT(failures, 0);
  // The milder disks let something through, so that the comparison says something.
  const bool is_mild = plan.fail_every_kth_write >= 11 || plan.fail_every_kth_sync >= 5;
  EXPECT_TRUE(!is_mild || !acknowledged.empty());
  auto engine = open_sqlcipher(s.data(), s.parts());
  ASSERT_TRUE(engine) << engine.error().detail;
  EXPECT_EQ(places_of(**engine, id), acknowledged);
}

TEST_P(Faults, OfWritesNeverGiveAFalseAnswer) {
  FaultPlan plan;
  plan.fail_every_kth_write = GetParam();
  expect_truth(plan);
}

TEST_P(Faults, OfSyncsNeverGiveAFalseAnswer) {
  FaultPlan plan;
  plan.fail_every_kth_sync = GetParam();
  expect_truth(plan);
}

TEST(LowWater, RefusesWhatGrowsAndTakesWhatIsEssential) {
  for (const std::uint64_t free : {k_low_water_bytes - 1, k_low_water_bytes}) {
    Surroundings s;
    TenantId id;
    {
      auto engine = open_sqlcipher(s.data(), s.parts());
      id = make_tenant(**engine);
    }
    FaultPlan plan;
    plan.pretend_free_bytes = free;
    auto engine = open_sqlcipher(s.data(), s.parts(), plan);
    ASSERT_TRUE(engine);
    const auto grows = (*engine)->apply(Space::of(id), insert_note(id, 1));
    Change essential = insert_note(id, 2);
    essential.growth = Growth::Essential;
    EXPECT_TRUE((*engine)->apply(Space::of(id), std::move(essential)));
    EXPECT_EQ(grows.has_value(), free >= k_low_water_bytes);
    if (!grows) {
      EXPECT_EQ(grows.error().code, Code::StorageFull);
    }
    EXPECT_EQ((*engine)->stats().free_bytes, free);
  }
}

}  // namespace
}  // namespace probity::store
