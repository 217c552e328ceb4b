#include "base/instant.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

namespace probity {
namespace {

struct Civil {
  int year;
  unsigned month, day, weekday;
  std::int64_t second_of_day, micro;
};

Civil to_civil(Instant at) {
  using namespace std::chrono;
  const sys_time<microseconds> time{microseconds{at.us()}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const auto rest = duration_cast<microseconds>(time - day).count();
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          weekday{day}.c_encoding(),
          rest / 1'000'000,
          rest % 1'000'000};
}

/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
constexpr std::int64_t k_first_s = -62'167'219'200;
constexpr std::int64_t k_last_s = 253'402'300'799;

/// Reads exactly `count` digits at `at`; -1 when they are not digits.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<std::int64_t> parse_offset_s(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) return {};
  const int hour = digits(text, 1, 2);
  const int minute = digits(text, 4, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return {};
  const std::int64_t s = hour * 3600 + minute * 60;
  return text[0] == '+' ? s : -s;
}

}  // namespace

std::string to_rfc3339(Instant at) {
  const Civil c = to_civil(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day,
                     c.second_of_day / 3600, c.second_of_day / 60 % 60, c.second_of_day % 60,
                     c.micro / 1000);
}

std::string to_http_date(Instant at) {
  static constexpr std::array k_days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Civil c = to_civil(at);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", k_days[c.weekday], c.day,
                     k_months[c.month - 1], c.year, c.second_of_day / 3600,
                     c.second_of_day / 60 % 60, c.second_of_day % 60);
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const int y = digits(text, 0, 4);
  const int m = digits(text, 5, 2);
  const int d = digits(text, 8, 2);
  if (y < 0 || m < 1 || d < 1 || text[4] != '-' || text[7] != '-') return {};
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok()) return {};
  const std::int64_t day_s = duration_cast<seconds>(sys_days{date}.time_since_epoch()).count();
  if (text.size() == 10) return Instant::from_s(day_s);

  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  if ((text[10] != 'T' && text[10] != 't' && text[10] != ' ') || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 59 || text[13] != ':' || text[16] != ':')
    return {};
  std::size_t at = 19;
  std::int64_t micros = 0;
  if (at < text.size() && text[at] == '.') {
    std::int64_t unit = 100'000;
    std::size_t count = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++count) {
      micros += unit * (text[at] - '0');
      unit /= 10;
    }
    if (count == 0 || count > 9) return {};
  }
  const auto offset_s = parse_offset_s(text.substr(at));
  if (!offset_s) return {};
  const std::int64_t s = day_s + hour * 3600 + minute * 60 + second - *offset_s;
  // An offset can lead out of the years that four digits name.
  if (s < k_first_s || s > k_last_s) return {};
  return Instant::from_us(s * 1'000'000 + micros);
}

}  // namespace probity
