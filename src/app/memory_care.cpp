#include "app/memory_care.hpp"

#include <malloc.h>

#include <chrono>

namespace probity::app {
namespace {

constexpr std::chrono::seconds k_pause{10};
/// What is freed and soon needed again is not worth the way to the machine and back.
constexpr std::size_t k_kept_max = std::size_t{32} << 20;

}  // namespace

std::size_t unused_bytes() { return ::mallinfo2().fordblks; }

bool give_back_unused(std::size_t kept_max) {
  return unused_bytes() > kept_max && ::malloc_trim(0) == 1;
}

MemoryCare::MemoryCare() {
  thread_ = std::jthread([this](const std::stop_token& stop) { care(stop); });
}

MemoryCare::~MemoryCare() {
  thread_.request_stop();
  thread_.join();
}

void MemoryCare::care(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, k_pause, [&stop] { return stop.stop_requested(); }))
    give_back_unused(k_kept_max);
}

}  // namespace probity::app
