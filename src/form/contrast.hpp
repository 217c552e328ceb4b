#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace probity::form {

/// A colour of the sRGB space, 8 bits a channel.
struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  bool operator==(const Colour&) const = default;
};

/// "#1f4f8f" in either case; nothing for any other form.
[[nodiscard]] std::optional<Colour> parse_colour(std::string_view text);
[[nodiscard]] std::string colour_text(Colour colour);

/// Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance").
[[nodiscard]] double contrast_of(Colour a, Colour b);

/// The backgrounds of respondents' pages, as assets/respondent.css has them.
inline constexpr Colour k_light_paper{0xfb, 0xfa, 0xf7};
inline constexpr Colour k_dark_paper{0x16, 0x18, 0x1c};
/// What text needs on its background (WCAG 2.2, 1.4.3 level AA).
inline constexpr double k_contrast_min = 4.5;

/// The colour itself when it can be read on `paper`, else the first on the way from it to black
/// (light paper) or white (dark paper) that can: its hue stays.
[[nodiscard]] Colour readable_on(Colour colour, Colour paper);

/// A style sheet that puts a colour, made readable in both schemes, in place of the pages' own.
[[nodiscard]] std::string colour_stylesheet(Colour colour);

}  // namespace probity::form
