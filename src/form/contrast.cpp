#include "form/contrast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace probity::form {
namespace {

constexpr int k_steps = 256;

double linear(std::uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(Colour colour) {
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

/// `step` of k_steps on the way from a colour to an end.
Colour mixed(Colour colour, Colour end, int step) {
  const auto mix = [step](std::uint8_t from, std::uint8_t to) {
    return static_cast<std::uint8_t>((from * (k_steps - step) + to * step) / k_steps);
  };
  return {mix(colour.red, end.red), mix(colour.green, end.green), mix(colour.blue, end.blue)};
}

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return {};
}

}  // namespace

std::optional<Colour> parse_colour(std::string_view text) {
  if (text.size() != 7 || text.front() != '#') return {};
  std::uint8_t channels[3] = {};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto high = digit_of(text[1 + 2 * i]);
    const auto low = digit_of(text[2 + 2 * i]);
    if (!high || !low) return {};
    channels[i] = static_cast<std::uint8_t>(*high * 16 + *low);
  }
  return Colour{channels[0], channels[1], channels[2]};
}

std::string colour_text(Colour colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

double contrast_of(Colour a, Colour b) {
  const double x = luminance(a) + 0.05;
  const double y = luminance(b) + 0.05;
  return std::max(x, y) / std::min(x, y);
}

Colour readable_on(Colour colour, Colour paper) {
  const bool is_dark = luminance(paper) < 0.5;
  const Colour end = is_dark ? Colour{255, 255, 255} : Colour{0, 0, 0};
  for (int step = 0; step < k_steps; ++step) {
    const Colour tried = mixed(colour, end, step);
    if (contrast_of(tried, paper) >= k_contrast_min) return tried;
  }
  return end;
}

std::string colour_stylesheet(Colour colour) {
  return fmt::format(
      ":root {{ --accent: {0}; }}\n"
      "@media (prefers-color-scheme: dark) {{ :root {{ --accent: {1}; }} }}\n",
      colour_text(readable_on(colour, k_light_paper)),
      colour_text(readable_on(colour, k_dark_paper)));
}

}  // namespace probity::form
