#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace probity::picture {

/// A text that a person typed, fit for showing anywhere: control characters, line ends and what XML
/// does not take become spaces, runs of spaces one; what turns the direction of the text around it
/// (U+202A to U+202E, U+2066 to U+2069) is left out; bytes that are not UTF-8 become U+FFFD.
/// Longer texts than `characters_max` end in an ellipsis.
[[nodiscard]] std::string plain_text(std::string_view text, std::size_t characters_max);
/// As much of a title or a choice as tables and documents show.
inline constexpr std::size_t k_shown_characters_max = 400;

/// About how wide a text of that size (pixels) is; rather too wide than too narrow.
[[nodiscard]] double text_width(std::string_view text, double size);

/// A text cut into at most `lines_max` lines of that width, at spaces where there are any; what
/// does not fit ends in an ellipsis. At least one line, which may be empty.
struct Wrapping {
  double size = 13;
  double width = 200;
  std::size_t lines_max = 2;
};
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, const Wrapping& wrapping);

/// "1,186".
[[nodiscard]] std::string count_text(std::uint64_t count);
/// "34.5 %" of 0.345.
[[nodiscard]] std::string percent_text(double share);
/// A number with at most `decimals` of them, none that are zero: "3.25", "18".
[[nodiscard]] std::string number_text(double number, int decimals = 2);
/// "p < 0.001", "p = 0.042".
[[nodiscard]] std::string p_text(double p);

}  // namespace probity::picture
