#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace probity {

/// A length of time in microseconds. Built by name, so that a unit is always visible.
class Span {
 public:
  constexpr Span() = default;
  [[nodiscard]] static constexpr Span micros(std::int64_t n) { return Span(n); }
  [[nodiscard]] static constexpr Span millis(std::int64_t n) { return Span(n * 1'000); }
  [[nodiscard]] static constexpr Span seconds(std::int64_t n) { return Span(n * 1'000'000); }
  [[nodiscard]] static constexpr Span minutes(std::int64_t n) { return seconds(n * 60); }
  [[nodiscard]] static constexpr Span hours(std::int64_t n) { return minutes(n * 60); }
  [[nodiscard]] static constexpr Span days(std::int64_t n) { return hours(n * 24); }

  [[nodiscard]] constexpr std::int64_t us() const { return us_; }
  [[nodiscard]] constexpr std::int64_t ms() const { return us_ / 1'000; }
  [[nodiscard]] constexpr std::int64_t s() const { return us_ / 1'000'000; }

  constexpr auto operator<=>(const Span&) const = default;
  friend constexpr Span operator+(Span a, Span b) { return Span(a.us_ + b.us_); }
  friend constexpr Span operator-(Span a, Span b) { return Span(a.us_ - b.us_); }
  friend constexpr Span operator*(Span a, std::int64_t n) { return Span(a.us_ * n); }
  friend constexpr Span operator/(Span a, std::int64_t n) { return Span(a.us_ / n); }

 private:
  explicit constexpr Span(std::int64_t us) : us_(us) {}
  std::int64_t us_ = 0;
};

/// A moment: UTC microseconds since 1970-01-01. Only a Clock makes one of "now"; from_us is for
/// what was stored. There is no local time anywhere in the server.
class Instant {
 public:
  constexpr Instant() = default;
  [[nodiscard]] static constexpr Instant from_us(std::int64_t us) { return Instant(us); }
  [[nodiscard]] static constexpr Instant from_s(std::int64_t s) { return Instant(s * 1'000'000); }

  [[nodiscard]] constexpr std::int64_t us() const { return us_; }
  [[nodiscard]] constexpr std::int64_t s() const { return us_ / 1'000'000; }
  /// The hour it lies in, as its first moment: the coarseness used where anonymity is promised.
  [[nodiscard]] constexpr Instant hour() const {
    constexpr std::int64_t hour_us = Span::hours(1).us();
    const std::int64_t into = us_ % hour_us;
    return Instant(us_ - (into < 0 ? into + hour_us : into));
  }

  constexpr auto operator<=>(const Instant&) const = default;
  friend constexpr Instant operator+(Instant a, Span b) { return Instant(a.us_ + b.us()); }
  friend constexpr Instant operator-(Instant a, Span b) { return Instant(a.us_ - b.us()); }
  friend constexpr Span operator-(Instant a, Instant b) { return Span::micros(a.us_ - b.us_); }

 private:
  explicit constexpr Instant(std::int64_t us) : us_(us) {}
  std::int64_t us_ = 0;
};

/// RFC 3339 in UTC with milliseconds: "2026-01-31T08:15:30.123Z". Always 24 characters.
[[nodiscard]] std::string to_rfc3339(Instant at);

/// RFC 3339 date-time with `Z` or a numeric offset, or a date alone (its first moment in UTC).
/// Nothing when the text is anything else, the date does not exist, or the offset leads out of the
/// years 0000 to 9999.
[[nodiscard]] std::optional<Instant> parse_rfc3339(std::string_view text);

/// RFC 9110 IMF-fixdate: "Sat, 31 Jan 2026 08:15:30 GMT".
[[nodiscard]] std::string to_http_date(Instant at);

}  // namespace probity
