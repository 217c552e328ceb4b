#include "identity/throttle.hpp"

#include <gtest/gtest.h>

#include "identity/limits.hpp"

namespace probity::identity {
namespace {

constexpr Instant k_start = Instant::from_s(1'767'225'600);

TEST(Wait, BeginsAtTheFifthFailureAndDoubles) {
  EXPECT_EQ(wait_after(0), Span());
  EXPECT_EQ(wait_after(k_failures_free - 1), Span());
  EXPECT_EQ(wait_after(k_failures_free), Span::seconds(1));
  EXPECT_EQ(wait_after(k_failures_free + 1), Span::seconds(2));
  EXPECT_EQ(wait_after(k_failures_free + 9), Span::seconds(512));
  EXPECT_EQ(wait_after(k_failures_free + 10), k_failure_wait_most);
  EXPECT_EQ(wait_after(1'000'000), k_failure_wait_most);
}

TEST(Wait, MakesTheGuessesOfStrangersTakeMostOfADay) {
  Span all;
  for (std::int64_t failures = 0; failures < k_failures_of_strangers_max; ++failures)
    all = all + wait_after(failures);
  EXPECT_EQ(all, Span::hours(16) + Span::minutes(32) + Span::seconds(3));
  EXPECT_EQ(k_failures_of_strangers_max + k_failures_of_known_max, 100);
}

TEST(AddressThrottle, StopsAFullBucketAndForgivesSlowly) {
  AddressThrottle throttle;
  const Bytes address{192, 0, 2, 1};
  for (std::int64_t i = 0; i < k_address_failures_max; ++i) {
    EXPECT_EQ(throttle.wait_of(address, k_start), Span()) << i;
    throttle.note_failure(address, k_start);
  }
  EXPECT_EQ(throttle.wait_of(address, k_start), k_address_forgive_every);
  const Instant almost = k_start + k_address_forgive_every - Span::seconds(1);
  EXPECT_EQ(throttle.wait_of(address, almost), Span::seconds(1));
  const Instant then = k_start + k_address_forgive_every;
  EXPECT_EQ(throttle.wait_of(address, then), Span());
  throttle.note_failure(address, then);
  EXPECT_GT(throttle.wait_of(address, then), Span());
}

TEST(AddressThrottle, KeepsAddressesApart) {
  AddressThrottle throttle;
  for (int i = 0; i < 100; ++i)
    throttle.note_failure(Bytes{192, 0, 2, 1}, k_start);
  EXPECT_GT(throttle.wait_of(Bytes{192, 0, 2, 1}, k_start), Span());
  EXPECT_EQ(throttle.wait_of(Bytes{192, 0, 2, 2}, k_start), Span());
}

TEST(AddressThrottle, ForgivesNothingWhenTheClockIsSetBack) {
  AddressThrottle throttle;
  const Bytes address{192, 0, 2, 1};
  for (int i = 0; i < 100; ++i)
    throttle.note_failure(address, k_start);
  EXPECT_EQ(throttle.wait_of(address, k_start - Span::hours(5)), k_address_forgive_every);
}

TEST(AddressThrottle, HoldsABoundedNumberOfAddresses) {
  AddressThrottle throttle;
  Bytes address{10, 0, 0, 0};
  for (std::size_t i = 0; i < k_address_entries_max + 1000; ++i) {
    address[1] = static_cast<std::uint8_t>(i >> 16);
    address[2] = static_cast<std::uint8_t>(i >> 8);
    address[3] = static_cast<std::uint8_t>(i);
    throttle.note_failure(address, k_start + Span::micros(static_cast<std::int64_t>(i)));
    if (i == k_address_entries_max - 1) {
      EXPECT_EQ(throttle.entries(), k_address_entries_max);
    }
  }
  EXPECT_LE(throttle.entries(), k_address_entries_max);
}

TEST(PendingFailures, CountUntilTheyAreRemoved) {
  PendingFailures pending;
  PendingFailures::Key one{1};
  PendingFailures::Key two{2};
  pending.add(one, 3);
  pending.add(one, 3);
  pending.add(two, 0);
  EXPECT_EQ(pending.expected(one), 5);
  pending.remove(one);
  EXPECT_EQ(pending.expected(one), 5);
  pending.remove(one);
  pending.remove(one);
  EXPECT_EQ(pending.expected(one), 0);
  EXPECT_EQ(pending.expected(two), 1);
}

}  // namespace
}  // namespace probity::identity
