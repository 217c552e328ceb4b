#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/instant.hpp"
#include "store/group.hpp"

namespace probity::store {

/// Changes waiting over all spaces: bounds memory when many tenants are busy at once.
inline constexpr std::size_t k_queue_total_max = 32'768;

/// The writer threads and the queues of Changes before them: first in, first out within a space, at
/// most one writer works on a space at a time, spaces take turns. A group is whatever waits when a
/// writer comes by, at most k_group_max; nothing waits for a group to fill. Threads: any.
class Writers {
 public:
  /// Runs a group and answers every one in it. `writer` counts from 0.
  using RunGroup = std::function<void(const Space&, std::span<Pending>, std::size_t writer)>;

  Writers(std::size_t threads, RunGroup run);
  ~Writers();
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  /// Overloaded through `done`, at once, when a queue is full or the writers are stopping.
  void submit(const Space& space, Change change, Done done);
  /// Takes no more; waits until the queues are empty, at most `within`; what is left then is
  /// refused with Overloaded, having changed nothing. May be called twice.
  void stop(Span within);

 private:
  struct Queue {
    std::deque<Pending> waiting;
    bool is_taken = false;
  };
  void work(std::size_t writer);
  [[nodiscard]] bool is_admitted(const Queue& queue) const;

  RunGroup run_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable idle_;
  std::map<Space, Queue> queues_;
  std::deque<Space> turns_;  // Spaces with something waiting and no writer at work.
  std::size_t total_ = 0;
  std::size_t at_work_ = 0;
  bool is_stopping_ = false;
  bool is_ending_ = false;
  std::vector<std::jthread> threads_;
};

/// k_writer_threads, or one per core if that is more.
[[nodiscard]] std::size_t writer_threads();

}  // namespace probity::store
