#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "attest/probe.hpp"
#include "attest/shelf.hpp"
#include "attest/standing.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "jobs/scheduler.hpp"

namespace probity::attest {

/// Runs the probes, one at a time, on a thread of its own with low priority, and keeps what they
/// found; what was found broken stays so, with a note, while later attempts come to no end. Due
/// times belong to the scheduler: its jobs only queue a probe here, so that a slow measurement
/// delays no other work. All run once at the start. Threads: any.
class Runner {
 public:
  Runner(Shelf& shelf, const Clock& clock, Log& log, Probes probes);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Called on the runner's thread whenever the last queued probe has ended. Before start().
  void on_settled(std::function<void()> call);
  /// When what came to no end is tried again for the first time (otherwise k_retry_first), for
  /// tests. Before start().
  void retry_after(Span first);
  /// Takes the stored results over, queues every probe and starts the thread.
  void start();
  /// From now on nothing that is found counts: the probe under way sees a server that closes. The
  /// queued ones are dropped. May be called twice.
  void begin_stop();
  /// begin_stop(), and waits for the probe under way. May be called twice.
  void stop();
  /// One job for each probe.
  [[nodiscard]] std::vector<jobs::Job> jobs();

  /// Queues a probe, unless it is queued already. False when it is not registered.
  bool queue(std::string_view name);
  /// Queues every probe whose result has run out or will within its slack; how many are queued now.
  std::size_t queue_overdue(Instant now);
  /// Runs a probe on the calling thread and keeps its result. NotFound when it is not registered.
  [[nodiscard]] Result<ProbeResult> run_now(std::string_view name);
  /// Waits until nothing is queued or running; false when that took longer than `within`.
  bool settle(Span within);
  /// Probes and results; the evidence is empty.
  [[nodiscard]] Measured measured() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probity::attest
