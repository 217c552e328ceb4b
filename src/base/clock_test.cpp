#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace probity {
namespace {

TEST(FakeClock, StandsStillUntilTold) {
  FakeClock clock;
  const Instant start = clock.now();
  EXPECT_EQ(to_rfc3339(start), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(clock.now(), start);
  clock.advance(Span::minutes(15));
  EXPECT_EQ(clock.now() - start, Span::minutes(15));
  clock.set(Instant::from_s(1));
  EXPECT_EQ(clock.now(), Instant::from_s(1));
}

TEST(SystemClock, TellsTheTimeOfTheMachine) {
  const SystemClock clock;
  const auto machine_us = std::chrono::duration_cast<std::chrono::microseconds>(
                              std::chrono::system_clock::now().time_since_epoch())
                              .count();
  const Span apart = clock.now() - Instant::from_us(machine_us);
  EXPECT_GT(apart, Span::minutes(-10));
  EXPECT_LT(apart, Span::minutes(10));
}

TEST(SystemClock, OffsetOnlyGrows) {
  SystemClock clock;
  EXPECT_EQ(clock.offset(), Span());
  clock.advance(Span::days(30));
  EXPECT_EQ(clock.offset(), Span::days(30));
  clock.advance(Span::seconds(-1));
  clock.advance(Span());
  EXPECT_EQ(clock.offset(), Span::days(30));
  clock.advance(Span::micros(1));
  EXPECT_EQ(clock.offset(), Span::days(30) + Span::micros(1));
  EXPECT_GT(clock.now() - SystemClock().now(), Span::days(29));
}

TEST(Deadline, NeverPassesByDefault) {
  const Deadline none;
  EXPECT_FALSE(none.has_passed());
  EXPECT_GE(none.left(), Span::days(300));
}

TEST(Deadline, PassesWhenItsTimeIsUp) {
  EXPECT_TRUE(Deadline::after(Span()).has_passed());
  const Deadline past = Deadline::after(Span::seconds(-1));
  EXPECT_TRUE(past.has_passed());
  EXPECT_EQ(past.left(), Span());
  const Deadline ahead = Deadline::after(Span::hours(1));
  EXPECT_FALSE(ahead.has_passed());
  EXPECT_GT(ahead.left(), Span::minutes(50));
  EXPECT_LE(ahead.left(), Span::hours(1));
}

TEST(Monotonic, NeverGoesBack) {
  Span before = monotonic_now();
  for (int i = 0; i < 1000; ++i) {
    const Span now = monotonic_now();
    EXPECT_GE(now, before);
    before = now;
  }
}

}  // namespace
}  // namespace probity
