#include "attest/runner.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "base/json.hpp"

namespace probity::attest {
namespace {

/// How much more willingly other work is done than a measurement (0 to 19).
constexpr int k_niceness = 10;
/// How long the thread sleeps when nothing is to be tried again.
constexpr Span k_retry_look = Span::hours(1);

Finding unknown(std::string_view reason) {
  Observations observations;
  observations.give_up(reason);
  return observations.finding();
}

/// The evidence of a broken sentence with a later attempt that came to no end.
std::string with_attempt(std::string_view evidence, Instant at, std::string_view attempt) {
  auto found = parse_json(evidence);
  auto tried = parse_json(attempt);
  boost::json::object object;
  if (found && found->is_object()) object = std::move(found->get_object());
  boost::json::object last{{"at", to_rfc3339(at)}};
  if (tried && tried->is_object()) last["evidence"] = std::move(*tried);
  object["unfinished_attempt"] = std::move(last);
  return canonical_json(object);
}

/// A probe whose last attempt came to no end.
struct Retry {
  int attempts = 0;
  Span at;  ///< By the monotonic clock; none once it is queued.
};

}  // namespace

struct Runner::State {
  State(Shelf& s, const Clock& c, Log& l, Probes p)
      : shelf(s), clock(c), log(l), probes(std::move(p)) {}

  [[nodiscard]] const Probe* find(std::string_view name) const {
    for (const Probe& probe : probes)
      if (probe.name == name) return &probe;
    return nullptr;
  }

  [[nodiscard]] Finding measure(const Probe& probe) {
    const Deadline deadline =
        Deadline::after(probe.method == Method::Drill ? k_drill_deadline : k_probe_deadline);
    try {
      auto finding = probe.run(deadline);
      if (!finding) {
        log.warn("probe_stopped", {{"probe", probe.name},
                                   {"code", code_info(finding.error().code).text},
                                   {"detail", finding.error().detail}});
        return unknown(code_info(finding.error().code).text);
      }
      if (deadline.has_passed() && finding->status == Status::Held)
        return unknown("the measurement took too long");
      return std::move(*finding);
    } catch (const std::exception& thrown) {
      log.failure("probe_threw", {{"probe", probe.name}, {"what", thrown.what()}});
      return unknown("the measurement failed");
    }
  }

  /// When a probe is measured next, counted from now; under the lock. What came to no end is tried
  /// again soon, later each time, and no later than it is its turn.
  [[nodiscard]] Span next_after(const Probe& probe, bool is_conclusive) {
    const Span turn = probe.every + k_probe_jitter;
    if (is_conclusive) {
      retries.erase(probe.name);
      return turn;
    }
    Retry& retry = retries[probe.name];
    Span wait = retry_first;
    for (int i = 0; i < retry.attempts && wait < probe.every; ++i)
      wait = wait + wait;
    ++retry.attempts;
    wait = std::min(wait, probe.every);
    retry.at = monotonic_now() + wait;
    changed.notify_all();
    return std::min(wait, turn);
  }

  /// Under the lock: moves what is to be tried again into the queue; how long until the next is.
  [[nodiscard]] Span queue_retries() {
    const Span now = monotonic_now();
    Span left = k_retry_look;
    for (auto& [name, retry] : retries) {
      if (retry.at == Span()) continue;
      if (retry.at > now) {
        left = std::min(left, retry.at - now);
        continue;
      }
      retry.at = Span();
      if (std::ranges::find(queue, name) == queue.end()) queue.push_back(name);
    }
    return left;
  }

  /// What counts after an attempt: what it found, or what was found broken before when it came to
  /// no end (docs/statement.md: broken until a measurement succeeds).
  [[nodiscard]] ProbeResult counted(const Probe& probe, Finding finding) {
    const Instant now = clock.now();
    const bool is_conclusive = finding.status != Status::Unknown;
    ProbeResult result{probe.name, std::move(finding), now, {}};
    const std::lock_guard lock(mutex);
    const auto before = results.find(probe.name);
    if (!is_conclusive && before != results.end() &&
        before->second.finding.status == Status::Broken) {
      const std::string attempt = std::move(result.finding.evidence_json);
      result = before->second;
      result.finding.evidence_json = with_attempt(result.finding.evidence_json, now, attempt);
    }
    result.next_due = now + next_after(probe, is_conclusive) + k_probe_slack;
    return result;
  }

  ProbeResult run(const Probe& probe) {
    const std::lock_guard one_at_a_time(measuring);
    const Span began = monotonic_now();
    Finding finding = measure(probe);
    {
      const std::lock_guard lock(mutex);
      if (is_stopping) return {probe.name, std::move(finding), {}, {}};
    }
    const ProbeResult result = counted(probe, std::move(finding));
    const LogLevel level =
        result.finding.status == Status::Broken ? LogLevel::Failure : LogLevel::Debug;
    log.write(level, "probe_ran",
              {{"probe", probe.name},
               {"status", text_of(result.finding.status)},
               {"ms", (monotonic_now() - began).ms()}});
    if (auto kept = shelf.keep(result); !kept)
      log.warn("probe_result_not_kept",
               {{"probe", probe.name}, {"code", code_info(kept.error().code).text}});
    const std::lock_guard lock(mutex);
    results.insert_or_assign(probe.name, result);
    return result;
  }

  void loop() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), k_niceness);
    std::unique_lock lock(mutex);
    while (true) {
      const Span left = queue_retries();
      if (queue.empty() && !is_stopping)
        changed.wait_for(lock, std::chrono::microseconds(left.us()));
      if (is_stopping) return;
      if (queue.empty()) continue;
      const std::string name = std::move(queue.front());
      queue.pop_front();
      is_busy = true;
      lock.unlock();
      if (const Probe* probe = find(name)) run(*probe);
      lock.lock();
      if (queue.empty() && !is_stopping && settled) {
        lock.unlock();
        settled();
        lock.lock();
      }
      is_busy = false;
      changed.notify_all();
    }
  }

  Shelf& shelf;
  const Clock& clock;
  Log& log;
  const Probes probes;
  std::function<void()> settled;

  std::mutex measuring;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> queue;
  std::map<std::string, ProbeResult, std::less<>> results;
  std::map<std::string, Retry, std::less<>> retries;
  Span retry_first = k_retry_first;
  bool is_busy = false;
  bool is_stopping = false;
  std::jthread thread;
};

Runner::Runner(Shelf& shelf, const Clock& clock, Log& log, Probes probes)
    : state_(std::make_unique<State>(shelf, clock, log, std::move(probes))) {}

Runner::~Runner() { stop(); }

void Runner::on_settled(std::function<void()> call) { state_->settled = std::move(call); }

void Runner::retry_after(Span first) { state_->retry_first = first; }

void Runner::start() {
  if (auto stored = state_->shelf.results()) {
    const std::lock_guard lock(state_->mutex);
    state_->results = std::move(*stored);
  }
  for (const Probe& probe : state_->probes)
    queue(probe.name);
  if (!state_->thread.joinable())
    state_->thread = std::jthread([state = state_.get()] { state->loop(); });
}

void Runner::begin_stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
  }
  state_->changed.notify_all();
}

void Runner::stop() {
  begin_stop();
  if (state_->thread.joinable()) state_->thread.join();
}

std::vector<jobs::Job> Runner::jobs() {
  std::vector<jobs::Job> list;
  for (const Probe& probe : state_->probes) {
    list.push_back({.name = "attest." + probe.name,
                    .every = probe.every,
                    .jitter_max = k_probe_jitter,
                    .run = [this, name = probe.name](Instant) -> Result<std::string> {
                      queue(name);
                      return "queued";
                    },
                    .missed = jobs::Missed::RunLast});
  }
  return list;
}

bool Runner::queue(std::string_view name) {
  if (state_->find(name) == nullptr) return false;
  {
    const std::lock_guard lock(state_->mutex);
    for (const std::string& queued : state_->queue)
      if (queued == name) return true;
    state_->queue.emplace_back(name);
  }
  state_->changed.notify_all();
  return true;
}

std::size_t Runner::queue_overdue(Instant now) {
  std::vector<std::string> overdue;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& [name, result] : state_->results)
      if (now + k_probe_slack >= result.next_due) overdue.push_back(name);
  }
  for (const std::string& name : overdue)
    queue(name);
  const std::lock_guard lock(state_->mutex);
  return state_->queue.size() + (state_->is_busy ? 1 : 0);
}

Result<ProbeResult> Runner::run_now(std::string_view name) {
  const Probe* probe = state_->find(name);
  if (probe == nullptr) return fail(Code::NotFound, "no such probe");
  return state_->run(*probe);
}

bool Runner::settle(Span within) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::microseconds(within.us()), [this] {
    return state_->is_stopping || (state_->queue.empty() && !state_->is_busy);
  });
}

Measured Runner::measured() const {
  Measured measured;
  for (const Probe& probe : state_->probes)
    measured.probes.insert(probe.name);
  const std::lock_guard lock(state_->mutex);
  measured.results = state_->results;
  return measured;
}

}  // namespace probity::attest
