#include "picture/label.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace probity::picture {
namespace {

constexpr std::string_view k_ellipsis = "\u2026";
constexpr std::string_view k_replacement = "\uFFFD";
constexpr char32_t k_broken = 0xFFFFFFFF;

/// The next code point of a text and its bytes; k_broken and one byte where it is not UTF-8.
struct Point {
  char32_t code = 0;
  std::size_t bytes = 1;
};

Point point_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {k_broken, 1};
  char32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {k_broken, 1};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  const bool is_overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (is_overlong || is_surrogate || code > 0x10FFFF) return {k_broken, 1};
  return {code, length};
}

bool is_space(char32_t code) {
  return code <= 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0x2028 || code == 0x2029 ||
         code == 0x3000;
}

/// Turns, or shows nothing that anybody could see: no text of a report needs it.
bool is_dropped(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0xFEFF || (code >= 0xE0000 && code <= 0xE007F);
}

bool is_no_character(char32_t code) {
  return code == k_broken || (code & 0xFFFEU) == 0xFFFEU || (code >= 0xFDD0 && code <= 0xFDEF);
}

/// Stands on or joins the character before it; a line must not begin with it.
bool is_joined(char32_t code) {
  return (code >= 0x300 && code <= 0x36F) || (code >= 0x483 && code <= 0x489) ||
         (code >= 0x591 && code <= 0x5C7) || (code >= 0x610 && code <= 0x61A) ||
         (code >= 0x64B && code <= 0x65F) || (code >= 0x93A && code <= 0x94F) || code == 0x200C ||
         code == 0x200D || (code >= 0xFE00 && code <= 0xFE0F) ||
         (code >= 0x20D0 && code <= 0x20FF) || (code >= 0x1F3FB && code <= 0x1F3FF);
}

bool is_wide(char32_t code) {
  return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
         (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
         (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
         (code >= 0x1F300 && code <= 0x1FAFF) || (code >= 0x20000 && code <= 0x3FFFD);
}

/// In parts of the size; generous, since the font is not known.
double width_of(char32_t code) {
  if (is_joined(code)) return 0;
  if (is_wide(code)) return 1.05;
  if (code >= 0x80) return 0.68;
  const char c = static_cast<char>(code);
  if (std::string_view("il.,:;'|!").find(c) != std::string_view::npos) return 0.33;
  if (std::string_view("fjrtI()[]-/ ").find(c) != std::string_view::npos) return 0.42;
  if (std::string_view("mwMW%@").find(c) != std::string_view::npos) return 0.97;
  if (c >= 'A' && c <= 'Z') return 0.72;
  return 0.62;
}

/// Cuts lines off the front of a text.
class Cutter {
 public:
  Cutter(std::string_view text, const Wrapping& wrapping)
      : rest_(text), width_(wrapping.width), size_(wrapping.size) {}

  [[nodiscard]] bool is_done() const { return rest_.empty(); }

  std::string line() {
    std::size_t space = 0;
    double used = 0;
    std::size_t at = 0;
    while (at < rest_.size()) {
      const Point point = point_at(rest_, at);
      used += width_of(point.code) * size_;
      if (point.code == ' ') space = at;
      if (used > width_ && at > 0 && !is_joined(point.code)) return cut(space > 0 ? space : at);
      at += point.bytes;
    }
    return cut(rest_.size());
  }

  /// The rest, with an ellipsis where it is longer than a line.
  std::string last_line() {
    const std::string_view all = rest_;
    const double width = width_;
    std::string whole = line();
    if (is_done()) return whole;
    rest_ = all;
    width_ = width - size_;
    std::string shortened = line();
    rest_ = {};
    return shortened + std::string(k_ellipsis);
  }

 private:
  std::string cut(std::size_t at) {
    std::string out(rest_.substr(0, at));
    rest_.remove_prefix(at);
    while (rest_.starts_with(' '))
      rest_.remove_prefix(1);
    return out;
  }

  std::string_view rest_;
  double width_;
  double size_;
};

}  // namespace

std::string plain_text(std::string_view text, std::size_t characters_max) {
  std::string out;
  std::size_t characters = 0;
  bool is_after_space = true;
  for (std::size_t at = 0; at < text.size();) {
    const Point point = point_at(text, at);
    const std::string_view own = text.substr(at, point.bytes);
    at += point.bytes;
    if (is_dropped(point.code)) continue;
    const bool is_gap = is_space(point.code);
    if (is_gap && is_after_space) continue;
    if (characters == characters_max) {
      out += k_ellipsis;
      break;
    }
    is_after_space = is_gap;
    ++characters;
    if (is_gap)
      out.push_back(' ');
    else
      out += is_no_character(point.code) ? k_replacement : own;
  }
  while (out.ends_with(' '))
    out.pop_back();
  return out;
}

double text_width(std::string_view text, double size) {
  double width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Point point = point_at(text, at);
    width += width_of(point.code);
    at += point.bytes;
  }
  return width * size;
}

std::vector<std::string> wrap(std::string_view text, const Wrapping& wrapping) {
  Cutter cutter(text, wrapping);
  std::vector<std::string> out;
  while (!cutter.is_done() && out.size() + 1 < wrapping.lines_max)
    out.push_back(cutter.line());
  if (!cutter.is_done() || out.empty()) out.push_back(cutter.last_line());
  return out;
}

std::string count_text(std::uint64_t count) {
  std::string out = std::to_string(count);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, ",");
  }
  return out;
}

std::string percent_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string number_text(double number, int decimals) {
  if (!std::isfinite(number)) return "-";
  std::string out = fmt::format("{:.{}f}", number, decimals);
  if (out.find('.') != std::string::npos) {
    while (out.ends_with('0'))
      out.pop_back();
    if (out.ends_with('.')) out.pop_back();
  }
  return out == "-0" ? "0" : out;
}

std::string p_text(double p) {
  if (p < 0.001) return "p < 0.001";
  return fmt::format("p = {:.3f}", p);
}

}  // namespace probity::picture
