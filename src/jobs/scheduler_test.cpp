#include "jobs/scheduler.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "support/own_database.hpp"

namespace probity::jobs {
namespace {

using support::EitherEngine;

using SchedulerOn = support::OnEitherEngine;
INSTANTIATE_TEST_SUITE_P(Engines, SchedulerOn, support::both_engines(), support::engine_name);

Job counting(std::string name, Span every, std::vector<std::string>& runs) {
  return {name, every, Span(), [name, &runs](Instant now) -> Result<std::string> {
            runs.push_back(name + "@" + std::to_string(now.s() % 1'000'000));
            return "ran";
          }};
}

Instant held_until(store::Engine& engine) {
  constexpr store::Query k_held{"test.held", "jobs", "SELECT held_until FROM job_lease",
                                "SELECT held_until FROM job_lease"};
  auto reader = engine.read(store::Space::system(), store::k_grant_all);
  EXPECT_TRUE(reader);
  const auto held =
      (*reader)->first(k_held, {}, [](const store::Row& row) { return row.instant(0); });
  return held && *held ? **held : Instant();
}

JobRecord only_record(Scheduler& scheduler) {
  auto records = scheduler.records();
  EXPECT_TRUE(records);
  EXPECT_EQ(records->size(), 1U);
  return records->front();
}

TEST(Jitter, StaysWithinItsBoundAndSpreads) {
  const Instant due = Instant::from_s(1'800'000'000);
  EXPECT_EQ(start_of("a", due, Span()), due);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const Instant start = start_of("job" + std::to_string(i), due, Span::seconds(600));
    EXPECT_GE(start, due);
    EXPECT_LE(start, due + Span::seconds(600));
    seen.insert((start - due).s() / 60);
  }
  EXPECT_GE(seen.size(), 10U);
  EXPECT_EQ(start_of("a", due, Span::hours(1)), start_of("a", due, Span::hours(1)));
  EXPECT_NE(start_of("a", due, Span::hours(1)), start_of("b", due, Span::hours(1)));
}

TEST(Backoff, DoublesUpToAnHourOrThePeriod) {
  EXPECT_EQ(backoff_after(1, Span::days(1)), Span::minutes(1));
  EXPECT_EQ(backoff_after(2, Span::days(1)), Span::minutes(2));
  EXPECT_EQ(backoff_after(6, Span::days(1)), Span::minutes(32));
  EXPECT_EQ(backoff_after(7, Span::days(1)), Span::hours(1));
  EXPECT_EQ(backoff_after(1000, Span::days(1)), Span::hours(1));
  EXPECT_EQ(backoff_after(5, Span::minutes(10)), Span::minutes(10));
  EXPECT_EQ(backoff_after(1, Span::seconds(5)), Span::seconds(5));
}

TEST_P(SchedulerOn, RunsWhatFellDueAtItsTimeAndInOrder) {
  EitherEngine store(GetParam());
  std::vector<std::string> runs;
  Scheduler scheduler(*store.engine, store.clock, store.log);
  store.clock.set(Instant::from_s(1'800'000'000));
  scheduler.add(counting("slow", Span::seconds(100), runs));
  scheduler.add(counting("fast", Span::seconds(40), runs));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_TRUE(runs.empty());
  store.clock.advance(Span::seconds(39));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_TRUE(runs.empty()) << "one second before";
  store.clock.advance(Span::seconds(81));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(runs, (std::vector<std::string>{"fast@40", "fast@80", "slow@100", "fast@120"}));
}

TEST_P(SchedulerOn, RunsAMeasurementOnceForManyMissedTimes) {
  EitherEngine store(GetParam());
  std::vector<std::string> runs;
  Scheduler scheduler(*store.engine, store.clock, store.log);
  store.clock.set(Instant::from_s(1'800'000'000));
  Job job = counting("probe", Span::seconds(100), runs);
  job.missed = Missed::RunLast;
  scheduler.add(std::move(job));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  store.clock.advance(Span::seconds(1050));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(runs, std::vector<std::string>{"probe@1000"});
  EXPECT_EQ(only_record(scheduler).next_due, Instant::from_s(1'800'001'100));
}

TEST_P(SchedulerOn, KeepsDueTimesAndOutcomesOverARestart) {
  EitherEngine store(GetParam());
  std::vector<std::string> runs;
  const Instant start = store.clock.now();
  {
    Scheduler scheduler(*store.engine, store.clock, store.log);
    scheduler.add(counting("daily", Span::days(1), runs));
    ASSERT_TRUE(*scheduler.run_due(start, Span::seconds(10)));
    store.clock.advance(Span::hours(23));
  }
  Scheduler scheduler(*store.engine, store.clock, store.log);
  scheduler.add(counting("daily", Span::days(1), runs));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_TRUE(runs.empty());
  EXPECT_EQ(only_record(scheduler).next_due, start + Span::days(1));
  store.clock.advance(Span::hours(1));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_EQ(only_record(scheduler).outcome, "ran");
  EXPECT_EQ(only_record(scheduler).last_started, start + Span::days(1));
  EXPECT_EQ(only_record(scheduler).next_due, start + Span::days(2));
}

TEST_P(SchedulerOn, TriesAFailedJobAgainAfterAGrowingPause) {
  EitherEngine store(GetParam());
  int calls = 0;
  Scheduler scheduler(*store.engine, store.clock, store.log);
  scheduler.add({"shaky", Span::hours(5), Span(), [&calls](Instant) -> Result<std::string> {
                   if (++calls < 3) return fail(Code::StorageFailed, "not now");
                   return "done";
                 }});
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  store.clock.advance(Span::hours(5));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(only_record(scheduler).outcome, "failed:storage_failed");
  EXPECT_EQ(only_record(scheduler).failures_in_a_row, 1);
  EXPECT_EQ(only_record(scheduler).next_due, store.clock.now() + Span::minutes(1));
  store.clock.advance(Span::minutes(1));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(only_record(scheduler).failures_in_a_row, 2);
  store.clock.advance(Span::minutes(2));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(only_record(scheduler).outcome, "done");
  EXPECT_EQ(only_record(scheduler).failures_in_a_row, 0);
}

TEST_P(SchedulerOn, SurvivesAJobThatThrows) {
  EitherEngine store(GetParam());
  Scheduler scheduler(*store.engine, store.clock, store.log);
  scheduler.add({"thrower", Span::minutes(1), Span(),
                 [](Instant) -> Result<std::string> { throw std::runtime_error("out"); }});
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  store.clock.advance(Span::minutes(1));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(only_record(scheduler).outcome, "failed:internal");
}

TEST_P(SchedulerOn, LeavesTheJobsToTheHolderOfTheLease) {
  EitherEngine store(GetParam());
  std::vector<std::string> runs;
  Scheduler first(*store.engine, store.clock, store.log);
  Scheduler second(*store.engine, store.clock, store.log);
  first.add(counting("one", Span::seconds(30), runs));
  second.add(counting("one", Span::seconds(30), runs));
  ASSERT_TRUE(*first.run_due(store.clock.now(), Span::seconds(10)));
  auto refused = second.run_due(store.clock.now(), Span::seconds(10));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Locked);
  store.clock.advance(k_lease - Span::seconds(1));
  EXPECT_FALSE(second.run_due(store.clock.now(), Span::seconds(10)));
  store.clock.advance(Span::seconds(1));
  ASSERT_TRUE(second.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(runs.size(), 4U);
  EXPECT_FALSE(first.run_due(store.clock.now(), Span::seconds(10)));
  second.stop();
  EXPECT_TRUE(first.run_due(store.clock.now(), Span::seconds(10))) << "given back at the stop";
  EXPECT_EQ(runs.size(), 4U) << "what the other one ran is not run again";
}

TEST_P(SchedulerOn, KeepsTheLeaseWhileAJobRunsLong) {
  EitherEngine store(GetParam());
  Scheduler first(*store.engine, store.clock, store.log);
  Scheduler second(*store.engine, store.clock, store.log);
  std::vector<std::string> runs;
  second.add(counting("long", Span::hours(1), runs));
  first.add({"long", Span::hours(1), Span(), [&](Instant) -> Result<std::string> {
               for (int i = 0; i < 2; ++i) {
                 store.clock.advance(k_lease - Span::seconds(1));
                 const auto renewed = [&] { return held_until(*store.engine); };
                 while (renewed() < store.clock.now() + k_lease)
                   std::this_thread::yield();
                 EXPECT_EQ(second.run_due(store.clock.now(), Span::seconds(1)).error().code,
                           Code::Locked);
               }
               return "done";
             }});
  ASSERT_TRUE(*first.run_due(store.clock.now(), Span::seconds(10)));
  store.clock.advance(Span::hours(1));
  ASSERT_TRUE(first.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_TRUE(runs.empty());
  EXPECT_EQ(only_record(first).outcome, "done");
}

TEST_P(SchedulerOn, StoresNoOutcomeOfAJobWhoseLeaseWasTaken) {
  EitherEngine store(GetParam());
  Scheduler first(*store.engine, store.clock, store.log);
  Scheduler second(*store.engine, store.clock, store.log);
  std::vector<std::string> runs;
  second.add(counting("one", Span::hours(1), runs));
  first.add({"one", Span::hours(1), Span(), [&](Instant) -> Result<std::string> {
               // As if this process had been stopped for a while.
               store.clock.advance(k_lease);
               EXPECT_TRUE(second.run_due(store.clock.now(), Span::seconds(10)));
               return "late";
             }});
  ASSERT_TRUE(*first.run_due(store.clock.now(), Span::seconds(10)));
  store.clock.advance(Span::hours(1));
  EXPECT_EQ(first.run_due(store.clock.now(), Span::seconds(10)).error().code, Code::Locked);
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_EQ(only_record(second).outcome, "ran");
}

TEST_P(SchedulerOn, StopsAtItsTimeLimitAndGoesOnNextTime) {
  EitherEngine store(GetParam());
  std::vector<std::string> runs;
  Scheduler scheduler(*store.engine, store.clock, store.log);
  scheduler.add(counting("one", Span::seconds(1), runs));
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  store.clock.advance(Span::seconds(3));
  auto ended = scheduler.run_due(store.clock.now(), Span::micros(-1));
  ASSERT_TRUE(ended);
  EXPECT_FALSE(*ended);
  ASSERT_TRUE(*scheduler.run_due(store.clock.now(), Span::seconds(10)));
  EXPECT_EQ(runs.size(), 3U);
}

TEST_P(SchedulerOn, RunsOnItsOwnThreadAndMakesUpForMissedTimesOnce) {
  EitherEngine store(GetParam());
  std::mutex mutex;
  std::condition_variable changed;
  int calls = 0;
  {
    Scheduler first(*store.engine, store.clock, store.log);
    first.add({"slept", Span::hours(1), Span(), [](Instant) -> Result<std::string> { return ""; }});
    ASSERT_TRUE(*first.run_due(store.clock.now(), Span::seconds(10)));
  }
  store.clock.advance(Span::hours(10) + Span::minutes(1));
  Scheduler scheduler(*store.engine, store.clock, store.log);
  scheduler.add({"slept", Span::hours(1), Span(), [&](Instant) -> Result<std::string> {
                   const std::lock_guard lock(mutex);
                   ++calls;
                   changed.notify_all();
                   return "awake";
                 }});
  scheduler.start();
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return calls > 0; }));
  }
  scheduler.stop();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(only_record(scheduler).outcome, "awake");
  EXPECT_EQ(only_record(scheduler).next_due, store.clock.now() + Span::minutes(59));
}

}  // namespace
}  // namespace probity::jobs
