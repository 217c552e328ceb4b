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

/// A piece of recurring work.
struct Job {
  std::string name;             ///< "survey.retention"; unique.
  Span every;
  Span jitter_max;              ///< A run starts up to this much later, by a hash of name and due time.
  /// One run in bounded slices; the text is the stored outcome ("erased 12").
  std::function<Result<std::string>(Instant now)> run;
};

/// Last known state of a job, from the store.
struct JobRecord {
  std::string name;
  Instant last_started;
  Instant last_finished;
  Instant next_due;
  std::string outcome;          ///< Text of the run, or "failed:<code>".
  int failures_in_a_row = 0;
};

/// Runs jobs on the injected clock: due times and outcomes are rows in the system space, one holder
/// of the lease at a time over all nodes, failures back off (doubling, at most 1 h or the job's own
/// period). One thread of its own.
class Scheduler {
 public:
  Scheduler(store::Engine& engine, const Clock& clock, Log& log);
  ~Scheduler();
  void add(Job job);
  /// Starts the thread. Jobs never run before.
  void start();
  void stop();
  /// Runs every job that fell due up to `until`, each at its due time in order, on the calling
  /// thread (test mode). Returns false when `within` ran out first.
  [[nodiscard]] Result<bool> run_due(Instant until, Span within);
  [[nodiscard]] Result<std::vector<JobRecord>> records();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probity::jobs
