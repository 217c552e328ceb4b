#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "store/engine.hpp"

namespace probity::jobs {

/// What run_due does when the clock has moved over several due times of one job. On the real clock
/// (start()) there is one run for all of them, whatever is said here: what nobody could do at its
/// time is done once, for the last of them.
enum class Missed : bool {
  RunEach,  ///< Once for each, at its own time: what the work does depends on the time.
  RunLast,  ///< Once, for the last of them: a measurement of the present.
};

/// A piece of recurring work.
struct Job {
  std::string name;  ///< "survey.retention"; unique.
  Span every;
  Span jitter_max;  ///< A run starts up to this much later (start_of).
  /// One run in bounded slices; the text is the stored outcome ("erased 12"): no personal content.
  std::function<Result<std::string>(Instant now)> run;
  Missed missed = Missed::RunEach;
};

/// Last known state of a job, from the store.
struct JobRecord {
  std::string name;
  Instant last_started;  ///< The epoch when it has never run.
  Instant last_finished;
  Instant next_due;
  std::string outcome;  ///< Text of the run, or "failed:<code>"; empty before the first.
  int failures_in_a_row = 0;
};

/// How long the process that runs jobs may go without a sign of life before another takes over. It
/// gives one while a job runs, too, however long that takes.
inline constexpr Span k_lease = Span::minutes(2);
/// First pause after a failure; doubles with each further one.
inline constexpr Span k_backoff_first = Span::minutes(1);
inline constexpr Span k_backoff_max = Span::hours(1);

/// When a run that is due at `due` starts: up to `jitter_max` later, by a hash of name and due
/// time, so that many jobs and many nodes do not start in the same second. Pure.
[[nodiscard]] Instant start_of(std::string_view name, Instant due, Span jitter_max);

/// Pause before the next try after `failures` (≥ 1) in a row: doubling, at most an hour and at most
/// the job's own period. Pure.
[[nodiscard]] Span backoff_after(int failures, Span every);

/// Runs jobs on the injected clock: due times and outcomes are rows in the system space, one holder
/// of the lease at a time over all nodes
/// (an outcome is stored by the holder alone), failures back off (doubling, at most 1 h or the
/// job's own period). One thread of its own. A job seen for the first time is due one period later;
/// due times missed while no process ran are made up for by one run. Threads: any.
class Scheduler {
 public:
  Scheduler(store::Engine& engine, const Clock& clock, Log& log);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Before start() and run_due().
  void add(Job job);
  /// Starts the thread. Jobs never run before.
  void start();
  /// Waits for the job under way, then gives the lease back. May be called twice.
  void stop();
  /// Runs every job that fell due up to `until`, each at its due time in order, on the calling
  /// thread (test mode). Returns false when `within` ran out first. Locked when another process has
  /// the lease, or took it while a job ran: that run's outcome is then not stored.
  [[nodiscard]] Result<bool> run_due(Instant until, Span within);
  /// Of every job known to the store, by name.
  [[nodiscard]] Result<std::vector<JobRecord>> records();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probity::jobs
