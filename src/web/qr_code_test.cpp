#include "web/qr_code.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace probity::web {
namespace {

/// Reads the smallest code (version 1, 21 modules) by the standard, errors uncorrected: a second
/// way from modules to text. ISO/IEC 18004:2015, 7.7.3 (placement), 7.8.2 (masks), 7.9 (format).
class SmallReader {
 public:
  explicit SmallReader(const QrCode& code) : code_(code) {}

  std::string text() const {
    const std::string bits = data_bits();
    EXPECT_EQ(bits.substr(0, 4), "0100") << "byte mode";
    const std::size_t length = number(bits.substr(4, 8));
    std::string out;
    for (std::size_t i = 0; i < length; ++i)
      out += static_cast<char>(number(bits.substr(12 + 8 * i, 8)));
    return out;
  }

 private:
  static std::size_t number(const std::string& bits) { return std::stoul(bits, nullptr, 2); }

  std::size_t mask() const {
    // The three bits after the level, under the format's own mask 10101 (of its first five).
    const std::string bits{code_.at(8, 2) ? '1' : '0', code_.at(8, 3) ? '1' : '0',
                           code_.at(8, 4) ? '1' : '0'};
    return number(bits) ^ 5U;
  }

  static bool is_flipped(std::size_t mask, std::size_t i, std::size_t j) {
    switch (mask) {
      case 0: return (i + j) % 2 == 0;
      case 1: return i % 2 == 0;
      case 2: return j % 3 == 0;
      case 3: return (i + j) % 3 == 0;
      case 4: return (i / 2 + j / 3) % 2 == 0;
      case 5: return i * j % 2 + i * j % 3 == 0;
      case 6: return (i * j % 2 + i * j % 3) % 2 == 0;
      default: return ((i + j) % 2 + i * j % 3) % 2 == 0;
    }
  }

  static bool is_function(std::size_t row, std::size_t column) {
    const bool is_corner =
        (row < 9 && column < 9) || (row < 9 && column > 12) || (row > 12 && column < 9);
    return is_corner || row == 6 || column == 6;
  }

  /// Two columns at a time from the right, up and down in turn, past the timing column.
  std::string data_bits() const {
    std::string out;
    bool is_up = true;
    for (int right = 20; right > 0; right -= 2) {
      if (right == 6) --right;
      for (std::size_t step = 0; step < 21; ++step) {
        const std::size_t row = is_up ? 20 - step : step;
        for (const int column : {right, right - 1}) {
          const auto j = static_cast<std::size_t>(column);
          if (is_function(row, j)) continue;
          out += code_.at(row, j) != is_flipped(mask(), row, j) ? '1' : '0';
        }
      }
      is_up = !is_up;
    }
    return out;
  }

  const QrCode& code_;
};

TEST(QrCode, ReadsAsWhatWasWritten) {
  for (const char* text : {"a", "Probity", "14 bytes fit.."}) {
    const auto code = qr_code_of(text);
    ASSERT_TRUE(code);
    ASSERT_EQ(code->side, 21U) << text;
    EXPECT_EQ(SmallReader(*code).text(), text);
  }
}

TEST(QrCode, HoldsSoMuchAndNoMore) {
  EXPECT_TRUE(qr_code_of(std::string(2'330, 'x')));
  const auto fullest = qr_code_of(std::string(2'331, 'x'));
  ASSERT_TRUE(fullest);
  EXPECT_EQ(fullest->side, 177U);
  EXPECT_FALSE(qr_code_of(std::string(2'332, 'x')));
}

TEST(QrCode, IsDrawnWithItsMargin) {
  const auto code = qr_code_of("a");
  ASSERT_TRUE(code);
  const std::string svg = qr_svg(*code);
  EXPECT_NE(svg.find("viewBox=\"0 0 29 29\""), std::string::npos);
  // The upper edge of the first corner's frame.
  EXPECT_NE(svg.find("M4 4h7v1h-7z"), std::string::npos);
  const std::string png = qr_png(*code);
  EXPECT_TRUE(png.starts_with("\x89PNG\r\n"));
  ByteReader sides(as_bytes(png).subspan(16, 8));
  EXPECT_EQ(sides.u32(), 290U);
  EXPECT_EQ(sides.u32(), 290U);
}

}  // namespace
}  // namespace probity::web
