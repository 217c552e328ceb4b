#include "base/instant.hpp"

#include <gtest/gtest.h>

#include <array>

namespace probity {
namespace {

TEST(Span, IsBuiltByUnit) {
  EXPECT_EQ(Span::days(1), Span::hours(24));
  EXPECT_EQ(Span::hours(1), Span::minutes(60));
  EXPECT_EQ(Span::minutes(1), Span::seconds(60));
  EXPECT_EQ(Span::seconds(1), Span::millis(1000));
  EXPECT_EQ(Span::millis(1), Span::micros(1000));
  EXPECT_EQ(Span::micros(1'999'999).s(), 1);
  EXPECT_EQ(Span::micros(1'999).ms(), 1);
  EXPECT_EQ((Span::hours(1) + Span::minutes(30) - Span::minutes(15)) * 2 / 5, Span::minutes(30));
  EXPECT_LT(Span::seconds(-1), Span());
}

TEST(Instant, Rfc3339HasTwentyFourCharacters) {
  EXPECT_EQ(to_rfc3339(Instant()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(Instant::from_us(1'769'847'330'123'999)), "2026-01-31T08:15:30.123Z");
  EXPECT_EQ(to_rfc3339(Instant::from_us(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(Instant::from_s(951'782'400)), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(Instant::from_s(253'402'300'799)), "9999-12-31T23:59:59.000Z");
}

TEST(Instant, HttpDateIsImfFixdate) {
  // RFC 9110, section 5.6.7.
  EXPECT_EQ(to_http_date(Instant::from_s(784'111'777)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(to_http_date(Instant::from_s(1'769'847'330)), "Sat, 31 Jan 2026 08:15:30 GMT");
}

TEST(Instant, Rfc3339ComesBack) {
  for (const std::int64_t ms : {0LL, 1LL, 1'767'225'600'999LL, 951'868'799'001LL, -1LL}) {
    const Instant at = Instant::from_us(ms * 1000);
    EXPECT_EQ(parse_rfc3339(to_rfc3339(at)), at) << ms;
  }
}

TEST(Instant, ParsesWhatRfc3339Allows) {
  const Instant at = Instant::from_s(1'769'847'330);
  for (const std::string_view text :
       {"2026-01-31T08:15:30Z", "2026-01-31t08:15:30z", "2026-01-31 08:15:30Z",
        "2026-01-31T09:15:30+01:00", "2026-01-30T22:15:30-10:00", "2026-01-31T08:15:30.000Z",
        "2026-01-31T08:15:30-00:00"})
    EXPECT_EQ(parse_rfc3339(text), at) << text;
  EXPECT_EQ(parse_rfc3339("2026-01-31T08:15:30.5Z"), at + Span::millis(500));
  EXPECT_EQ(parse_rfc3339("2026-01-31T08:15:30.123456789Z"), at + Span::micros(123'456));
  EXPECT_EQ(parse_rfc3339("2026-01-31"), Instant::from_s(1'769'817'600));
  EXPECT_EQ(parse_rfc3339("2000-02-29"), Instant::from_s(951'782'400));
}

TEST(Instant, RefusesEverythingElse) {
  constexpr std::array k_bad{"",
                             "2026",
                             "2026-1-31",
                             "2026-01-3",
                             "2026/01/31",
                             "2026-13-01",
                             "2026-00-10",
                             "2026-01-00",
                             "2026-02-29",
                             "1900-02-29",
                             "2026-04-31",
                             "2026-01-31T",
                             "2026-01-31T08",
                             "2026-01-31T08:15",
                             "2026-01-31T08:15Z",
                             "2026-01-31T08:15:30",
                             "2026-01-31T24:00:00Z",
                             "2026-01-31T08:60:00Z",
                             "2026-01-31T08:15:60Z",
                             "2026-01-31T08:15:30.Z",
                             "2026-01-31T08:15:30.1234567890Z",
                             "2026-01-31T08:15:30+1:00",
                             "2026-01-31T08:15:30+24:00",
                             "2026-01-31T08:15:30+01:60",
                             "2026-01-31T08:15:30+0100",
                             "2026-01-31T08:15:30ZZ",
                             "2026-01-31T08:15:30Z ",
                             " 2026-01-31T08:15:30Z",
                             "2026-01-31X08:15:30Z",
                             "2026-01-31T08-15-30Z",
                             "+026-01-31",
                             "2026-01-31T-1:15:30Z",
                             "20260131",
                             "2026-01-31T08:15:30,5Z"};
  for (const std::string_view text : k_bad)
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Instant, AnOffsetDoesNotLeadOutOfFourDigits) {
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("9999-12-31T23:59:59.999Z")), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("0000-01-01T01:00:00+01:00")), "0000-01-01T00:00:00.000Z");
  EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01"));
  EXPECT_FALSE(parse_rfc3339("0000-01-01T00:00:00+00:01"));
}

TEST(Instant, HourIsItsFirstMoment) {
  const Instant hour = Instant::from_s(1'767'225'600);
  EXPECT_EQ(hour.hour(), hour);
  EXPECT_EQ((hour + Span::micros(1)).hour(), hour);
  EXPECT_EQ((hour + Span::hours(1) - Span::micros(1)).hour(), hour);
  EXPECT_EQ((hour + Span::hours(1)).hour(), hour + Span::hours(1));
  EXPECT_EQ(Instant::from_s(-1).hour(), Instant::from_s(-3600));
  EXPECT_EQ(Instant::from_s(-3600).hour(), Instant::from_s(-3600));
}

TEST(Instant, DifferenceIsASpan) {
  const Instant at = Instant::from_s(100);
  EXPECT_EQ((at + Span::seconds(5)) - at, Span::seconds(5));
  EXPECT_EQ(at - Span::seconds(100), Instant());
  EXPECT_LT(at, at + Span::micros(1));
}

}  // namespace
}  // namespace probity
