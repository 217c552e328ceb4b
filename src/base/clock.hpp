#pragma once

#include <atomic>

#include "base/instant.hpp"

namespace probity {

/// The only source of "now". Injected everywhere, so that each time limit is proven one second
/// before and one second after. Any thread may call it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time, UTC.
  [[nodiscard]] virtual Instant now() const = 0;
};

/// The machine's clock plus an offset that only ever grows: zero in production, moved by the test
/// routes in test mode. Threads: any.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  /// Moves the clock forward; negative spans are ignored.
  void advance(Span by);
  [[nodiscard]] Span offset() const;

 private:
  std::atomic<std::int64_t> offset_us_{0};
};

/// A clock that stands still until told otherwise; for unit tests.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Instant start = Instant::from_s(1'767'225'600)) : now_us_(start.us()) {}
  [[nodiscard]] Instant now() const override { return Instant::from_us(now_us_.load()); }
  void advance(Span by) { now_us_ += by.us(); }
  void set(Instant to) { now_us_ = to.us(); }

 private:
  std::atomic<std::int64_t> now_us_;
};

/// Monotonic time since an arbitrary start, for deadlines: a step of the wall clock reorders
/// nothing.
[[nodiscard]] Span monotonic_now();

/// A point on the monotonic clock by which work must be done.
class Deadline {
 public:
  /// One that never passes; only for command-line tools and tests.
  constexpr Deadline() = default;
  [[nodiscard]] static Deadline after(Span span) { return Deadline(monotonic_now() + span); }
  [[nodiscard]] bool has_passed() const { return at_.us() != 0 && monotonic_now() >= at_; }
  /// Time left, never negative; a large span when there is no end.
  [[nodiscard]] Span left() const;

 private:
  explicit constexpr Deadline(Span at) : at_(at) {}
  Span at_;
};

}  // namespace probity
