#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace probity::app {

/// The machine's clock, moved forward or back, or standing still: what drills run on. Threads: any.
class MovedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    const std::int64_t held_us = held_us_.load();
    if (held_us != k_runs) return Instant::from_us(held_us);
    return real_.now() + Span::micros(off_us_.load());
  }
  /// How far it is from the machine's; it runs.
  void set_off(Span by) {
    off_us_ = by.us();
    held_us_ = k_runs;
  }
  void hold(Instant at) { held_us_ = at.us(); }

 private:
  static constexpr std::int64_t k_runs = -1;
  SystemClock real_;
  std::atomic<std::int64_t> off_us_ = 0;
  std::atomic<std::int64_t> held_us_ = k_runs;
};

}  // namespace probity::app
