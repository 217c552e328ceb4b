#include "crypto/random.hpp"

#include <pthread.h>
#include <sys/random.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace probity::crypto {
namespace {

constinit std::atomic<std::uint32_t> forks{0};

extern "C" void count_fork() { forks.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

void fill_random(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t n = getrandom(out.data(), out.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    // Without randomness no key and no token is safe, and nothing above can repair that.
    if (n <= 0) std::abort();
    out = out.subspan(static_cast<std::size_t>(n));
  }
}

Bytes random_bytes(std::size_t count) {
  Bytes out(count);
  fill_random(out);
  return out;
}

std::uint32_t fork_count() {
  static const int is_watching = pthread_atfork(nullptr, nullptr, count_fork);
  if (is_watching != 0) std::abort();
  return forks.load(std::memory_order_relaxed);
}

}  // namespace probity::crypto
