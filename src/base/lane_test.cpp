#include "base/lane.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <new>

namespace probity {
namespace {

bool offer(Lane& lane, Lane::Task task) { return lane.offer(task); }

TEST(Lane, RunsWhatItTook) {
  std::atomic<int> done{0};
  {
    Lane lane("test", 3, 1000);
    for (int i = 0; i < 500; ++i)
      EXPECT_TRUE(offer(lane, [&done] { ++done; }));
  }
  EXPECT_EQ(done.load(), 500);
}

TEST(Lane, RefusesWhenItsQueueIsFull) {
  Lane lane("test", 1, 2);
  std::latch is_busy(1);
  std::latch may_go(1);
  ASSERT_TRUE(offer(lane, [&] {
    is_busy.count_down();
    may_go.wait();
  }));
  is_busy.wait();
  std::atomic<int> done{0};
  EXPECT_TRUE(offer(lane, [&] { ++done; }));
  EXPECT_TRUE(offer(lane, [&] { ++done; }));
  EXPECT_EQ(lane.waiting(), 2U);
  Lane::Task refused = [&] { done += 100; };
  EXPECT_FALSE(lane.offer(refused));
  EXPECT_TRUE(refused) << "A task that is not taken stays with the caller.";
  may_go.count_down();
  lane.stop();
  EXPECT_EQ(done.load(), 2);
}

TEST(Lane, StopFinishesWhatIsQueuedAndTakesNoMore) {
  Lane lane("test", 1, 100);
  std::latch is_busy(1);
  std::latch may_go(1);
  std::atomic<int> done{0};
  ASSERT_TRUE(offer(lane, [&] {
    is_busy.count_down();
    may_go.wait();
  }));
  is_busy.wait();
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(offer(lane, [&done] { ++done; }));
  std::jthread stopper([&lane] { lane.stop(); });
  may_go.count_down();
  stopper.join();
  EXPECT_EQ(done.load(), 10);
  EXPECT_FALSE(offer(lane, [] {}));
  lane.stop();
  EXPECT_EQ(lane.waiting(), 0U);
}

TEST(Lane, GoesOnAfterATaskThatThrows) {
  Lane lane("test", 1, 100);
  std::atomic<int> done{0};
  EXPECT_TRUE(offer(lane, [] { throw std::bad_alloc(); }));
  EXPECT_TRUE(offer(lane, [&done] { ++done; }));
  lane.stop();
  EXPECT_EQ(done.load(), 1);
  EXPECT_EQ(lane.thrown(), 1U);
}

TEST(Lane, RunsAsManyAtATimeAsItHasThreads) {
  constexpr int k_threads = 4;
  Lane lane("test", k_threads, 100);
  std::latch all_there(k_threads);  // Reached only when all four run together.
  for (int i = 0; i < k_threads; ++i)
    EXPECT_TRUE(offer(lane, [&] { all_there.arrive_and_wait(); }));
  lane.stop();
}

TEST(Lane, TakesFromManyThreads) {
  std::atomic<int> done{0};
  std::atomic<int> taken{0};
  {
    Lane lane("a name longer than fifteen bytes", 2, 64);
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i)
          if (offer(lane, [&done] { ++done; })) ++taken;
      });
  }
  EXPECT_EQ(done.load(), taken.load());
}

}  // namespace
}  // namespace probity
