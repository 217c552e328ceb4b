#include "web/budget.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace probity::web {
namespace {

const RawId k_first = make_raw_id(Instant::from_s(1'767'225'600));
const RawId k_second = make_raw_id(Instant::from_s(1'767'225'601));

TEST(Budget, HoldsTheBoundOfOneAndOfAll) {
  Budget budget(100, 60);
  EXPECT_FALSE(budget.take(k_first, 61));
  auto first = budget.take(k_first, 60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.take(k_first, 1));
  EXPECT_FALSE(budget.take(k_second, 41));
  auto second = budget.take(k_second, 40);
  ASSERT_TRUE(second);
  EXPECT_FALSE(budget.take(RawId(), 1));
  first.reset();
  EXPECT_TRUE(budget.take(RawId(), 60));
}

TEST(Budget, RoomComesBackOnceHoweverItMoves) {
  Budget budget(10, 10);
  {
    Budget::Share kept;
    {
      auto share = budget.take(k_first, 10);
      ASSERT_TRUE(share);
      kept = std::move(*share);
    }
    EXPECT_FALSE(budget.take(k_first, 1));
    const Budget::Share moved(std::move(kept));
    EXPECT_FALSE(budget.take(k_first, 1));
  }
  EXPECT_TRUE(budget.take(k_first, 10));
}

TEST(Budget, MayBeGoneBeforeItsShares) {
  std::optional<Budget::Share> share;
  {
    Budget budget(10, 10);
    share = budget.take(k_first, 5);
  }
  EXPECT_TRUE(share);
  share.reset();
}

TEST(Budget, ThreadsNeverTakeMoreThanThereIs) {
  Budget budget(8, 8);
  std::atomic<int> held = 0;
  std::atomic<int> most = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 2'000; ++round) {
        const auto share = budget.take(round % 2 == 0 ? k_first : k_second, 3);
        if (!share) continue;
        const int now = ++held;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        --held;
      }
    });
  }
  threads.clear();
  EXPECT_LE(most, 2);
  EXPECT_TRUE(budget.take(k_first, 8));
}

}  // namespace
}  // namespace probity::web
