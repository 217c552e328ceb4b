#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>

/// Internal to this room.
namespace probity::crypto {

/// A few places for something that only one thread may use at a time and that is dear to make. Each
/// thread has a favourite place and takes another when that one is busy, so that threads rarely
/// wait and the number of things stays bounded however many threads there are. Unlike things kept
/// by the threads themselves, these can be reached, and so wiped, when their key is destroyed.
template <typename T>
class Slots {
 public:
  static constexpr std::size_t k_count = 8;  ///< More than the worker threads that seal at a time.

  /// Runs `use(T&)` with one of them, alone.
  template <typename Use>
  auto with_one(const Use& use) {
    const std::size_t first = favourite();
    for (std::size_t i = 0; i < k_count; ++i) {
      Slot& slot = slots_[(first + i) % k_count];
      const std::unique_lock lock(slot.mutex, std::try_to_lock);
      if (lock.owns_lock()) return use(slot.thing);
    }
    const std::lock_guard lock(slots_[first].mutex);
    return use(slots_[first].thing);
  }

  /// Runs `use(T&)` with each of them, alone, waiting for who has it.
  template <typename Use>
  void with_all(const Use& use) {
    for (Slot& slot : slots_) {
      const std::lock_guard lock(slot.mutex);
      use(slot.thing);
    }
  }

 private:
  // A cache line each, so that neighbours do not slow one another.
  struct alignas(64) Slot {
    std::mutex mutex;
    T thing;
  };

  static std::size_t favourite() {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t mine = threads.fetch_add(1) % k_count;
    return mine;
  }

  std::array<Slot, k_count> slots_;
};

}  // namespace probity::crypto
