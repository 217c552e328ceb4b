#include "form/contrast.hpp"

#include <gtest/gtest.h>

namespace probity::form {
namespace {

// The ratios are those WCAG and its techniques name: black on white 21, #767676 the lightest grey
// that passes on white, #777777 the first that does not.
TEST(Contrast, IsThatOfWcag) {
  constexpr Colour k_white{255, 255, 255};
  EXPECT_NEAR(contrast_of({0, 0, 0}, k_white), 21.0, 1e-9);
  EXPECT_NEAR(contrast_of(k_white, k_white), 1.0, 1e-9);
  EXPECT_GE(contrast_of(*parse_colour("#767676"), k_white), 4.5);
  EXPECT_LT(contrast_of(*parse_colour("#777777"), k_white), 4.5);
  EXPECT_NEAR(contrast_of(*parse_colour("#FF0000"), k_white), 3.998, 0.001);
}

TEST(Contrast, ReadsOnlySixDigits) {
  EXPECT_EQ(colour_text(*parse_colour("#1f4F8a")), "#1f4f8a");
  for (const char* wrong : {"", "1f4f8a", "#1f4f8", "#1f4f8aa", "#1f4f8g", "red", "#1f4f8;"})
    EXPECT_FALSE(parse_colour(wrong)) << wrong;
}

TEST(Contrast, AllThatIsReadableStaysAndTheRestMovesUntilItIs) {
  for (int red = 0; red < 256; red += 17) {
    for (int green = 0; green < 256; green += 17) {
      for (int blue = 0; blue < 256; blue += 51) {
        const Colour colour{static_cast<std::uint8_t>(red), static_cast<std::uint8_t>(green),
                            static_cast<std::uint8_t>(blue)};
        for (const Colour paper : {k_light_paper, k_dark_paper}) {
          const Colour found = readable_on(colour, paper);
          EXPECT_GE(contrast_of(found, paper), k_contrast_min);
          const bool is_readable = contrast_of(colour, paper) >= k_contrast_min;
          EXPECT_EQ(found == colour, is_readable);
        }
        // Buttons are white on the colour, and near-black on it in the dark.
        EXPECT_GE(contrast_of(readable_on(colour, k_light_paper), {255, 255, 255}), 4.5);
        EXPECT_GE(contrast_of(readable_on(colour, k_dark_paper), {0x10, 0x14, 0x1b}), 4.5);
      }
    }
  }
}

}  // namespace
}  // namespace probity::form
