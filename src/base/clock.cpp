#include "base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace probity {

Instant SystemClock::now() const {
  using namespace std::chrono;
  const auto us = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  return Instant::from_us(us + offset_us_.load(std::memory_order_relaxed));
}

void SystemClock::advance(Span by) {
  if (by > Span()) offset_us_.fetch_add(by.us());
}

Span SystemClock::offset() const { return Span::micros(offset_us_.load()); }

Span monotonic_now() {
  using namespace std::chrono;
  return Span::micros(duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count());
}

Span Deadline::left() const {
  if (at_.us() == 0) return Span::days(365);
  return std::max(Span(), at_ - monotonic_now());
}

}  // namespace probity
