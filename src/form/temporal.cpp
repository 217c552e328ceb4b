#include "form/temporal.hpp"

#include <chrono>
#include <optional>

namespace probity::form {
namespace {

/// The number made of exactly `width` digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return {};
  int value = 0;
  for (const char c : text.substr(at, width)) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + (c - '0');
  }
  return value;
}

std::chrono::year_month_day make_day(int year, int month, int day) {
  return std::chrono::year(year) / month / day;
}

bool is_date(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && year && month && day &&
         *year > 0 && make_day(*year, *month, *day).ok();
}

bool is_month(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  return text.size() == 7 && text[4] == '-' && year && *year > 0 && month && *month >= 1 &&
         *month <= 12;
}

/// HH:MM or HH:MM:SS, with up to three digits of a second.
bool is_time(std::string_view text) {
  const auto hour = digits(text, 0, 2);
  const auto minute = digits(text, 3, 2);
  if (text.size() < 5 || text[2] != ':' || !hour || !minute || *hour > 23 || *minute > 59)
    return false;
  if (text.size() == 5) return true;
  const auto second = digits(text, 6, 2);
  if (text[5] != ':' || !second || *second > 59) return false;
  if (text.size() == 8) return true;
  return text.size() <= 12 && text.size() >= 10 && text[8] == '.' &&
         digits(text, 9, text.size() - 9).has_value();
}

/// ISO 8601: a year has week 53 when it begins on a Thursday, or on a Wednesday in a leap year.
bool is_week(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto week = digits(text, 6, 2);
  if (text.size() != 8 || text.substr(4, 2) != "-W" || !year || *year == 0 || !week || *week < 1 ||
      *week > 53) {
    return false;
  }
  if (*week < 53) return true;
  const std::chrono::weekday first{std::chrono::sys_days(make_day(*year, 1, 1))};
  const bool is_leap = std::chrono::year(*year).is_leap();
  return first == std::chrono::Thursday || (is_leap && first == std::chrono::Wednesday);
}

}  // namespace

bool is_temporal(InputType type) {
  return type == InputType::Date || type == InputType::DateTimeLocal || type == InputType::Time ||
         type == InputType::Month || type == InputType::Week;
}

bool is_valid_temporal(InputType type, std::string_view text) {
  if (type == InputType::Date) return is_date(text);
  if (type == InputType::Month) return is_month(text);
  if (type == InputType::Week) return is_week(text);
  if (type == InputType::Time) return is_time(text);
  if (type != InputType::DateTimeLocal || text.size() < 16) return false;
  return is_date(text.substr(0, 10)) && (text[10] == 'T' || text[10] == ' ') &&
         is_time(text.substr(11));
}

std::string_view temporal_example(InputType type) {
  switch (type) {
    case InputType::Date: return "2026-03-31";
    case InputType::DateTimeLocal: return "2026-03-31T16:30";
    case InputType::Time: return "16:30";
    case InputType::Month: return "2026-03";
    case InputType::Week: return "2026-W14";
    default: return {};
  }
}

}  // namespace probity::form
