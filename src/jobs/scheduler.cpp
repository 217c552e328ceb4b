#include "jobs/scheduler.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "base/id.hpp"
#include "sql/jobs.hpp"

namespace probity::jobs {
namespace {

constexpr std::array<std::string_view, 1> k_rooms{"jobs"};
constexpr store::Grant k_grant{"jobs", k_rooms, k_rooms};
constexpr std::string_view k_lease_name = "scheduler";
/// How often the thread looks at the clock: a moved clock is noticed within this.
constexpr Span k_look = Span::seconds(1);

/// FNV-1a over the name and the due time: spreads, and is the same on every node.
std::uint64_t spread(std::string_view name, Instant due) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const char c : name)
    mix(static_cast<std::uint8_t>(c));
  auto rest = static_cast<std::uint64_t>(due.us());
  for (int i = 0; i < 8; ++i, rest >>= 8)
    mix(static_cast<std::uint8_t>(rest));
  return hash;
}

JobRecord record_of(const store::Row& row) {
  return {.name = std::string(row.text(0)),
          .last_started = row.instant(2),
          .last_finished = row.instant(3),
          .next_due = row.instant(1),
          .outcome = std::string(row.text(4)),
          .failures_in_a_row = static_cast<int>(row.integer(5))};
}

}  // namespace

Instant start_of(std::string_view name, Instant due, Span jitter_max) {
  if (jitter_max <= Span()) return due;
  const auto range = static_cast<std::uint64_t>(jitter_max.us()) + 1;
  return due + Span::micros(static_cast<std::int64_t>(spread(name, due) % range));
}

Span backoff_after(int failures, Span every) {
  const Span most = std::min(k_backoff_max, every);
  Span pause = k_backoff_first;
  for (int i = 1; i < failures && pause < most; ++i)
    pause = pause * 2;
  return std::min(pause, most);
}

struct Scheduler::State {
  State(store::Engine& e, const Clock& c, Log& l)
      : engine(e), clock(c), log(l), holder(make_raw_id(c.now())) {}

  struct Entry {
    Job job;
    JobRecord record;
  };

  using Work = std::function<Result<void>(store::Tx&)>;
  [[nodiscard]] Result<void> change(const Work& work_of_it) {
    return engine.apply(store::Space::system(),
                        {.grant = k_grant,
                         .apply = [&work_of_it](store::Tx& tx) -> Result<store::Journal> {
                           PROBITY_CHECK(work_of_it(tx));
                           return store::Journal{};
                         },
                         .on_refusal = {},
                         .growth = store::Growth::Essential});
  }

  [[nodiscard]] Result<std::vector<JobRecord>> stored() {
    PROBITY_TRY(reader, engine.read(store::Space::system(), k_grant));
    return reader->all(sql::jobs::records, {}, record_of);
  }

  /// Makes rows for new jobs and reads what is known of all. After it took the lease, because
  /// another process may have run jobs until then.
  [[nodiscard]] Result<void> load() {
    const Instant now = clock.now();
    const Work make_rows = [&](store::Tx& tx) -> Result<void> {
      for (const auto& [name, entry] : jobs)
        PROBITY_CHECK(tx.run(sql::jobs::insert_once, {name, now + entry.job.every}));
      return {};
    };
    PROBITY_CHECK(change(make_rows));
    PROBITY_TRY(records, stored());
    for (JobRecord& record : records)
      if (const auto found = jobs.find(record.name); found != jobs.end())
        found->second.record = std::move(record);
    is_loaded = true;
    return {};
  }

  /// True when this process may run jobs; renews the lease when a third of it has passed.
  [[nodiscard]] Result<bool> hold_lease() {
    const Instant now = clock.now();
    if (is_loaded && !is_renewal_due(now)) return true;
    const Instant until = now + k_lease;
    std::int64_t taken = 0;
    const Work take = [&](store::Tx& tx) -> Result<void> {
      PROBITY_TRY(
          rows, tx.run(sql::jobs::take_lease, {k_lease_name, BytesView(holder.bytes), until, now}));
      taken = rows;
      return {};
    };
    PROBITY_CHECK(change(take));
    if (taken == 0) {
      is_loaded = false;
      return false;
    }
    // Whoever lost it for a while knows nothing of what happened meanwhile.
    const bool was_kept = is_loaded && now <= held_until.load();
    held_until = until;
    if (!was_kept) PROBITY_CHECK(load());
    return true;
  }

  [[nodiscard]] bool is_renewal_due(Instant now) const {
    return now >= held_until.load() - k_lease * 2 / 3;
  }

  /// Within a Change: the lease is held for another while. Locked when it is somebody else's by
  /// now, or was meanwhile.
  [[nodiscard]] Result<void> keep_lease(store::Tx& tx, Instant until) const {
    PROBITY_TRY(rows,
                tx.run(sql::jobs::keep_lease, {k_lease_name, BytesView(holder.bytes), until}));
    if (rows == 0) return fail(Code::Locked, "another process runs the jobs");
    return {};
  }

  /// Renews the lease while it lives, as often as it is due. A failure is tried again at the next
  /// look; whether the lease was lost is seen when the outcome is stored.
  class LeaseKeeper {
   public:
    explicit LeaseKeeper(State& state)
        : thread_([this, &state](const std::stop_token& stop) { run(state, stop); }) {}

   private:
    void run(State& state, const std::stop_token& stop) {
      std::unique_lock lock(mutex_);
      const auto never = [] { return false; };
      while (!stop.stop_requested()) {
        woken_.wait_for(lock, stop, std::chrono::microseconds(k_look.us()), never);
        const Instant now = state.clock.now();
        if (stop.stop_requested() || !state.is_renewal_due(now)) continue;
        const Instant until = now + k_lease;
        if (state.change([&](store::Tx& tx) { return state.keep_lease(tx, until); }))
          state.held_until = until;
      }
    }

    std::mutex mutex_;
    std::condition_variable_any woken_;
    std::jthread thread_;  // Last, so that it ends first.
  };

  /// The job whose start comes first; null when there is none.
  [[nodiscard]] Entry* next() {
    Entry* first = nullptr;
    for (auto& [name, entry] : jobs)
      if (first == nullptr || start(entry) < start(*first)) first = &entry;
    return first;
  }

  [[nodiscard]] static Instant start(const Entry& entry) {
    return start_of(entry.job.name, entry.record.next_due, entry.job.jitter_max);
  }

  void run(Entry& entry, Instant now) {
    JobRecord& record = entry.record;
    const Instant due = record.next_due;
    record.last_started = now;
    auto outcome = [&] {
      const LeaseKeeper keeper(*this);
      return call(entry.job, now);
    }();
    // Work takes time on a real clock and none on one that stands still.
    record.last_finished = std::max(now, std::min(clock.now(), now + Span::days(1)));
    if (outcome) {
      record.outcome = std::move(*outcome);
      record.failures_in_a_row = 0;
      record.next_due = due + entry.job.every;
    } else {
      record.outcome = "failed:" + std::string(code_info(outcome.error().code).text);
      record.failures_in_a_row += 1;
      record.next_due = now + backoff_after(record.failures_in_a_row, entry.job.every);
      log.warn("job_failed", {{"job", entry.job.name},
                              {"code", code_info(outcome.error().code).text},
                              {"failures", record.failures_in_a_row}});
    }
  }

  [[nodiscard]] static Result<std::string> call(const Job& job, Instant now) {
    try {
      return job.run(now);
    } catch (const std::exception& thrown) {
      return fail(Code::Internal, thrown.what());
    }
  }

  /// Stores the outcome of a run, as the holder of the lease alone: whoever lost it meanwhile knows
  /// nothing of what the new holder did. Locked then.
  [[nodiscard]] Result<void> keep(const JobRecord& record) {
    const Instant until = clock.now() + k_lease;
    auto kept = change([&](store::Tx& tx) -> Result<void> {
      PROBITY_CHECK(keep_lease(tx, until));
      PROBITY_CHECK(tx.run(sql::jobs::store_outcome,
                           {record.name, record.next_due, record.last_started, record.last_finished,
                            record.outcome, record.failures_in_a_row}));
      return {};
    });
    if (kept)
      held_until = until;
    else if (kept.error().code == Code::Locked)
      is_loaded = false;
    return kept;
  }

  /// Due times before `now` that nobody can run any more are one: the last.
  static void skip_missed(Entry& entry, Instant now) {
    const Span behind = now - entry.record.next_due;
    if (behind < entry.job.every || entry.job.every <= Span()) return;
    const std::int64_t periods = behind.us() / entry.job.every.us();
    entry.record.next_due = entry.record.next_due + entry.job.every * periods;
  }

  /// One job that is due now, if there is one and this process may. True when it ran.
  [[nodiscard]] Result<bool> step() {
    const std::lock_guard lock(work);
    PROBITY_TRY(is_holder, hold_lease());
    if (!is_holder) return false;
    Entry* entry = next();
    const Instant now = clock.now();
    if (entry == nullptr || start(*entry) > now) return false;
    skip_missed(*entry, now);
    run(*entry, now);
    PROBITY_CHECK(keep(entry->record));
    return true;
  }

  void loop() {
    std::unique_lock lock(wake);
    while (!is_stopping) {
      lock.unlock();
      auto has_run = step();
      if (!has_run) {
        log.warn("scheduler_step_failed", {{"code", code_info(has_run.error().code).text}});
      }
      lock.lock();
      if (!has_run || !*has_run) {
        woken.wait_for(lock, std::chrono::microseconds(k_look.us()),
                       [this] { return is_stopping; });
      }
    }
  }

  void give_lease_back() {
    const std::lock_guard lock(work);
    if (!is_loaded) return;
    is_loaded = false;
    auto released = change([&](store::Tx& tx) -> Result<void> {
      PROBITY_CHECK(tx.run(sql::jobs::release_lease, {k_lease_name, BytesView(holder.bytes)}));
      return {};
    });
    if (!released) log.warn("lease_not_released", {{"holder", "scheduler"}});
  }

  store::Engine& engine;
  const Clock& clock;
  Log& log;
  const RawId holder;

  std::mutex work;  ///< Held while a job runs: one at a time, whoever asked for it.
  std::map<std::string, Entry, std::less<>> jobs;
  std::atomic<Instant> held_until{Instant()};
  bool is_loaded = false;

  std::mutex wake;
  std::condition_variable woken;
  bool is_stopping = false;
  std::jthread thread;
};

Scheduler::Scheduler(store::Engine& engine, const Clock& clock, Log& log)
    : state_(std::make_unique<State>(engine, clock, log)) {}

Scheduler::~Scheduler() { stop(); }

void Scheduler::add(Job job) {
  const std::lock_guard lock(state_->work);
  std::string name = job.name;
  state_->jobs.insert_or_assign(std::move(name), State::Entry{std::move(job), {}});
  state_->is_loaded = false;
}

void Scheduler::start() {
  if (state_->thread.joinable()) return;
  state_->thread = std::jthread([state = state_.get()] { state->loop(); });
}

void Scheduler::stop() {
  {
    const std::lock_guard lock(state_->wake);
    state_->is_stopping = true;
  }
  state_->woken.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  state_->give_lease_back();
}

Result<bool> Scheduler::run_due(Instant until, Span within) {
  const Deadline deadline = Deadline::after(within);
  const std::lock_guard lock(state_->work);
  PROBITY_TRY(is_holder, state_->hold_lease());
  if (!is_holder) return fail(Code::Locked, "another process runs the jobs");
  while (true) {
    State::Entry* entry = state_->next();
    if (entry == nullptr || State::start(*entry) > until) return true;
    if (deadline.has_passed()) return false;
    if (entry->job.missed == Missed::RunLast) State::skip_missed(*entry, until);
    // The jitter of the last due time may lie past the end; it still counts as due.
    state_->run(*entry, std::min(State::start(*entry), until));
    PROBITY_CHECK(state_->keep(entry->record));
  }
}

Result<std::vector<JobRecord>> Scheduler::records() { return state_->stored(); }

}  // namespace probity::jobs
