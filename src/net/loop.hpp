#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/instant.hpp"
#include "net/socket.hpp"

namespace probity::net {

/// What the kernel says of a descriptor.
struct Readiness {
  bool can_read = false;
  bool can_write = false;
  bool peer_finished = false;  ///< The peer sends no more.
  bool is_broken = false;
};

/// Something with a descriptor in a Loop.
class Watched {
 public:
  virtual ~Watched() = default;
  virtual void on_ready(Readiness readiness) = 0;
};

/// How often a descriptor is told about: Edge says it once per change (the reader must read until
/// nothing is left), Level as long as it is so.
enum class Trigger : std::uint8_t { Edge, Level };

/// One thread's wait for descriptors, time and messages of other threads.
class Loop {
 public:
  /// `tick` is called about every `tick_every` (and never while nothing runs the loop).
  Loop(Span tick_every, std::function<void()> tick);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(); the calling thread becomes the loop's.
  void run();
  void stop();
  /// Has `task` run on the loop's thread, in order. Any thread; after stop() it is dropped.
  void post(std::move_only_function<void()> task);
  [[nodiscard]] bool is_own_thread() const {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  /// Loop's thread only. The watched object must be removed before it goes.
  [[nodiscard]] Result<void> add(int fd, Watched& watched, Trigger trigger);
  void remove(int fd);
  /// Monotonic time when the current round began.
  [[nodiscard]] Span now() const { return now_; }

 private:
  void run_tasks();
  void tick_when_due();
  [[nodiscard]] int wait_ms() const;

  Socket epoll_;
  Socket wake_;
  Span tick_every_;
  std::function<void()> tick_;
  Span now_;
  Span next_tick_;
  std::atomic<std::thread::id> thread_;
  std::atomic<bool> is_stopping_ = false;
  std::mutex mutex_;
  std::vector<std::move_only_function<void()>> tasks_;
  std::vector<std::move_only_function<void()>> running_;
};

}  // namespace probity::net
