#include "base/lane.hpp"

#include <pthread.h>

#include <utility>

#include "base/freed_memory.hpp"

namespace probity {

Lane::Lane(std::string_view name, std::size_t threads, std::size_t queue_max)
    : queue_max_(queue_max) {
  threads_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { work(); });
      pthread_setname_np(threads_.back().native_handle(), std::string(name.substr(0, 15)).c_str());
    }
  } catch (...) {
    // The system has no more threads. Those that run would be waited for without end.
    stop();
    throw;
  }
}

Lane::~Lane() { stop(); }

bool Lane::offer(Task& task) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(task));
  }
  ready_.notify_one();
  return true;
}

std::size_t Lane::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Lane::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  ready_.notify_all();
  for (std::jthread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void Lane::work() {
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    try {
      task();
    } catch (...) {
      ++thrown_;
    }
    task = {};
    wipe_stack();
  }
}

}  // namespace probity
