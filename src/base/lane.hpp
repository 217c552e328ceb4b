#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace probity {

/// A bounded pool of threads with a bounded queue: where work that may block is done. A full queue
/// is told to the caller at once (503 with Retry-After), never waited for.
class Lane {
 public:
  using Task = std::move_only_function<void()>;

  /// `name` shows in the process list (at most 15 bytes).
  Lane(std::string_view name, std::size_t threads, std::size_t queue_max);
  /// Finishes what is queued, then joins.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// False when the queue is full or the lane is stopping; the task is then not taken.
  [[nodiscard]] bool offer(Task& task);
  /// Tasks that threw. None should: whoever offers one answers for what it throws; here it is
  /// counted and the thread goes on, for one task may not end the process.
  [[nodiscard]] std::uint64_t thrown() const { return thrown_; }
  /// Tasks waiting now.
  [[nodiscard]] std::size_t waiting() const;
  /// Takes no more, finishes what is queued, joins. May be called twice, by one thread at a time
  /// and never by a task.
  void stop();

 private:
  void work();

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Task> queue_;
  std::size_t queue_max_;
  bool is_stopping_ = false;
  std::atomic<std::uint64_t> thrown_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace probity
