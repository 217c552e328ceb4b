#include "attest/runner.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <stdexcept>

#include "attest/attest_fixture.hpp"
#include "attest/publisher.hpp"
#include "audit/read.hpp"
#include "module/demonstration.hpp"

namespace probity::attest {
namespace {

struct Bench {
  explicit Bench(const std::string& kind) : shop(kind) {}

  Workshop shop;
  Catalogue catalogue = *load_catalogue();
  SigningDesk desk = *SigningDesk::open(*shop.store.engine, shop.store.clock);
  Shelf shelf{*shop.store.engine, "build 1"};
  std::atomic<Status> next = Status::Held;
  std::atomic<int> runs{0};

  [[nodiscard]] Probes probes() {
    return {{.name = "crypto.known_answers_met", .run = [this](const Deadline&) -> Result<Finding> {
               ++runs;
               return Finding{next.load(), R"({"observations":1})"};
             }}};
  }
  [[nodiscard]] PublisherParts parts(Runner& runner) {
    return {*shop.store.engine, shop.store.clock, shop.store.log, catalogue, shelf, runner, desk};
  }
};

using RunnerOn = support::OnEitherEngine;
using PublisherOn = support::OnEitherEngine;
using ScratchOn = support::OnEitherEngine;
INSTANTIATE_TEST_SUITE_P(Engines, RunnerOn, support::both_engines(), support::engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, PublisherOn, support::both_engines(), support::engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, ScratchOn, support::both_engines(), support::engine_name);

Status status_in(const Edition& edition) {
  for (const Standing& standing : edition.standings)
    if (standing.promise->probe == "crypto.known_answers_met") return standing.status;
  return Status::NotBuilt;
}

TEST_P(RunnerOn, RunsEverythingOnceAtTheStartAndKeepsIt) {
  Bench bench(GetParam());
  {
    Runner runner(bench.shelf, bench.shop.store.clock, bench.shop.store.log, bench.probes());
    runner.start();
    ASSERT_TRUE(runner.settle(Span::seconds(20)));
    EXPECT_EQ(bench.runs, 1);
    const auto result = runner.measured().results.at("crypto.known_answers_met");
    EXPECT_EQ(result.checked_at, bench.shop.store.clock.now());
    EXPECT_EQ(result.next_due - result.checked_at, k_live_every + k_probe_jitter + k_probe_slack);
  }
  EXPECT_EQ(bench.shelf.results()->size(), 1U);
  EXPECT_TRUE(Shelf(*bench.shop.store.engine, "build 2").results()->empty())
      << "another build's results say nothing of this one";
}

TEST_P(RunnerOn, MakesAnErrorOrAnExceptionUnknown) {
  Bench bench(GetParam());
  Probes probes{{.name = "a.fails",
                 .run = [](const Deadline&) -> Result<Finding> {
                   return fail(Code::Overloaded, "nothing listens");
                 }},
                {.name = "a.throws", .run = [](const Deadline&) -> Result<Finding> {
                   throw std::runtime_error("out");
                 }}};
  Runner runner(bench.shelf, bench.shop.store.clock, bench.shop.store.log, std::move(probes));
  EXPECT_EQ(runner.run_now("a.fails")->finding.status, Status::Unknown);
  EXPECT_NE(runner.run_now("a.fails")->finding.evidence_json.find("overloaded"), std::string::npos);
  EXPECT_EQ(runner.run_now("a.throws")->finding.status, Status::Unknown);
  EXPECT_FALSE(runner.run_now("a.missing"));
}

TEST_P(RunnerOn, KeepsBrokenUntilAMeasurementSucceeds) {
  Bench bench(GetParam());
  std::function<Result<Finding>()> next;
  Probes probes{
      {.name = "crypto.known_answers_met", .run = [&next](const Deadline&) { return next(); }}};
  const auto found = [](Status status) {
    return [status]() -> Result<Finding> { return Finding{status, R"({"observations":1})"}; };
  };
  Runner runner(bench.shelf, bench.shop.store.clock, bench.shop.store.log, std::move(probes));
  const auto measure = [&] {
    bench.shop.store.clock.advance(Span::minutes(5));
    const auto result = runner.run_now("crypto.known_answers_met");
    EXPECT_TRUE(result);
    const auto stored = *bench.shelf.results();
    EXPECT_EQ(stored.at("crypto.known_answers_met").finding.status, result->finding.status);
    return *result;
  };
  next = found(Status::Broken);
  const ProbeResult broken = measure();
  const std::vector<std::function<Result<Finding>()>> unfinished{
      found(Status::Unknown),
      []() -> Result<Finding> { return fail(Code::Overloaded, "nothing listens"); },
      []() -> Result<Finding> { throw std::runtime_error("out"); }};
  for (const auto& attempt : unfinished) {
    next = attempt;
    const ProbeResult kept = measure();
    EXPECT_EQ(kept.finding.status, Status::Broken);
    EXPECT_EQ(kept.checked_at, broken.checked_at) << "the measurement that found it";
    EXPECT_GT(kept.next_due, bench.shop.store.clock.now()) << "it is tried again";
    EXPECT_NE(kept.finding.evidence_json.find(R"("observations":1)"), std::string::npos);
    const std::string note =
        R"("unfinished_attempt":{"at":")" + to_rfc3339(bench.shop.store.clock.now());
    EXPECT_NE(kept.finding.evidence_json.find(note), std::string::npos)
        << kept.finding.evidence_json;
    EXPECT_EQ(kept.finding.evidence_json.find("unfinished_attempt"),
              kept.finding.evidence_json.rfind("unfinished_attempt"));
  }
  next = found(Status::Held);
  const ProbeResult held = measure();
  EXPECT_EQ(held.finding.status, Status::Held);
  EXPECT_EQ(held.finding.evidence_json.find("unfinished_attempt"), std::string::npos);
  next = found(Status::Unknown);
  EXPECT_EQ(measure().finding.status, Status::Unknown) << "held is not kept";
}

TEST_P(RunnerOn, TriesSoonAgainWhatCameToNoEnd) {
  Bench bench(GetParam());
  Probes probes{
      {.name = "crypto.known_answers_met", .run = [&bench](const Deadline&) -> Result<Finding> {
         const int run = ++bench.runs;
         bench.runs.notify_all();
         if (run < 3) return fail(Code::Overloaded, "the server is full");
         return Finding{Status::Held, R"({"observations":1})"};
       }}};
  Runner runner(bench.shelf, bench.shop.store.clock, bench.shop.store.log, std::move(probes));
  EXPECT_EQ(runner.run_now("crypto.known_answers_met")->next_due - bench.shop.store.clock.now(),
            k_retry_first + k_probe_slack);
  runner.retry_after(Span::millis(1));
  runner.start();
  for (int seen = bench.runs; seen < 3; seen = bench.runs)
    bench.runs.wait(seen);
  ASSERT_TRUE(runner.settle(Span::seconds(20)));
  EXPECT_EQ(runner.measured().results.at("crypto.known_answers_met").finding.status, Status::Held);
  runner.stop();
  EXPECT_EQ(bench.runs, 3) << "what was measured waits for its turn";
}

TEST_P(RunnerOn, WhatIsFoundWhileStoppingDoesNotCount) {
  Bench bench(GetParam());
  std::atomic<bool> is_measuring = false;
  std::atomic<bool> may_end = false;
  const auto run = [&](const Deadline&) -> Result<Finding> {
    is_measuring = true;
    is_measuring.notify_all();
    may_end.wait(false);
    return Finding{Status::Broken, R"({"observations":1})"};
  };
  Probes probes{{.name = "crypto.known_answers_met", .run = run}};
  Runner runner(bench.shelf, bench.shop.store.clock, bench.shop.store.log, std::move(probes));
  runner.start();
  is_measuring.wait(false);
  runner.begin_stop();
  may_end = true;
  may_end.notify_all();
  runner.stop();
  EXPECT_TRUE(runner.measured().results.empty());
  EXPECT_TRUE(bench.shelf.results()->empty());
}

TEST_P(RunnerOn, OffersOneJobForEachProbeThatOnlyQueuesIt) {
  Bench bench(GetParam());
  Runner runner(bench.shelf, bench.shop.store.clock, bench.shop.store.log, bench.probes());
  const auto jobs = runner.jobs();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].missed, jobs::Missed::RunLast);
  EXPECT_EQ(*jobs[0].run(bench.shop.store.clock.now()), "queued");
  EXPECT_EQ(bench.runs, 0) << "the scheduler's thread does not measure";
}

TEST_P(RunnerOn, QueuesWhatIsOverdue) {
  Bench bench(GetParam());
  Runner runner(bench.shelf, bench.shop.store.clock, bench.shop.store.log, bench.probes());
  const Instant checked = runner.run_now("crypto.known_answers_met")->checked_at;
  EXPECT_EQ(runner.queue_overdue(checked), 0U);
  EXPECT_EQ(runner.queue_overdue(checked + k_live_every + k_probe_jitter - Span::seconds(1)), 0U);
  EXPECT_EQ(runner.queue_overdue(checked + k_live_every + k_probe_jitter), 1U);
}

TEST_P(PublisherOn, StoresAVersionWhenAStatusChangesAndNotOtherwise) {
  Bench bench(GetParam());
  Runner runner(bench.shelf, bench.shop.store.clock, bench.shop.store.log, bench.probes());
  Publisher publisher(bench.parts(runner));
  ASSERT_TRUE(runner.run_now("crypto.known_answers_met"));
  EXPECT_TRUE(*publisher.publish_if_changed());
  EXPECT_FALSE(*publisher.publish_if_changed());
  bench.shop.store.clock.advance(Span::minutes(5));
  ASSERT_TRUE(runner.run_now("crypto.known_answers_met"));
  EXPECT_FALSE(*publisher.publish_if_changed()) << "a new time alone is no new version";
  bench.next = Status::Broken;
  bench.shop.store.clock.advance(Span::minutes(5));
  ASSERT_TRUE(runner.run_now("crypto.known_answers_met"));
  EXPECT_EQ(status_in(**publisher.current()), Status::Broken);
  EXPECT_TRUE(*publisher.publish_if_changed());

  const auto versions = *bench.shelf.versions();
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_LT(versions[0].effective_at, versions[1].effective_at);
  const auto second = *bench.shelf.version(2);
  ASSERT_EQ(second.changes.size(), 1U);
  EXPECT_EQ(second.changes[0].after, "broken");
  EXPECT_NE(second.document.find(to_hex(versions[0].digest)), std::string::npos)
      << "each version names the one before";
  // And the end of the audit log as it was when it was made: the entry of the version before.
  auto reader = bench.shop.store.engine->read(store::Space::system(), store::k_grant_all);
  ASSERT_TRUE(reader);
  const auto entries = audit::list_entries(**reader, 0, 10);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(entries->at(1).entry.action, "statement.make");
  const std::string log_head = "\"log_head\":{\"entry\":1,\"sha256\":\"";
  EXPECT_NE(second.document.find(log_head + to_hex(entries->at(0).hash)), std::string::npos);
  EXPECT_NE((*publisher.current())->document.find("\"log_head\":{\"entry\":2,"), std::string::npos);
  EXPECT_EQ(bench.shelf.version(3).error().code, Code::NotFound);
}

TEST_P(PublisherOn, KnowsTheOperatorAsTheFirstRealTenant) {
  Workshop shop(GetParam());
  EXPECT_EQ(operator_tenant(*shop.store.engine).error().code, Code::NotFound);
  ASSERT_TRUE(shop.scratch.tenant(Which::First));
  EXPECT_EQ(operator_tenant(*shop.store.engine).error().code, Code::NotFound);
  ASSERT_TRUE(shop.store.engine->create_tenant("demo", module::k_demonstration_region));
  EXPECT_EQ(operator_tenant(*shop.store.engine).error().code, Code::NotFound);
  shop.store.clock.advance(Span::seconds(5));
  const auto main = shop.make_operator();
  shop.store.clock.advance(Span::seconds(5));
  shop.make_operator("second");
  EXPECT_EQ(*operator_tenant(*shop.store.engine), main.id);
}

TEST_P(ScratchOn, IsKeptForADayThenReplacedAndDestroyed) {
  Workshop shop(GetParam());
  const auto first = *shop.scratch.tenant(Which::First);
  EXPECT_TRUE(is_scratch(first.slug));
  EXPECT_NE(first.id, shop.scratch.tenant(Which::Second)->id);
  shop.store.clock.advance(k_scratch_life - Span::seconds(1));
  EXPECT_EQ(shop.scratch.tenant(Which::First)->id, first.id);
  shop.store.clock.advance(Span::seconds(1));
  EXPECT_NE(shop.scratch.tenant(Which::First)->id, first.id);
  EXPECT_EQ(shop.store.engine->tenant(first.id)->state, "destroyed");
}

}  // namespace
}  // namespace probity::attest
