#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace probity::app {

/// Bytes that the program has freed and its allocator still holds. Looks through the allocator's
/// lists, which takes microseconds. Any thread.
[[nodiscard]] std::size_t unused_bytes();

/// Hands pages of freed memory back to the machine when more than `kept_max` bytes are unused; true
/// when it did. Any thread; those that allocate at the same moment wait for it, some milliseconds
/// for each 100 MB.
bool give_back_unused(std::size_t kept_max);

/// Does that every ten seconds, so that one large import or report does not leave a small machine
/// without memory for the rest of the day: the allocator by itself keeps what lies between two
/// pieces that are in use. A thread of its own.
class MemoryCare {
 public:
  MemoryCare();
  ~MemoryCare();
  MemoryCare(const MemoryCare&) = delete;
  MemoryCare& operator=(const MemoryCare&) = delete;

 private:
  void care(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // Last: it uses the others.
};

}  // namespace probity::app
