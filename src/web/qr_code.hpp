#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity::web {

/// A square code that cameras read (ISO/IEC 18004). Level M: about 15 % of it may be unreadable.
struct QrCode {
  std::size_t side = 0;         ///< In modules, 21 to 177.
  std::vector<bool> is_dark{};  ///< Row by row from the top left.

  [[nodiscard]] bool at(std::size_t row, std::size_t column) const {
    return is_dark[row * side + column];
  }
};

/// The code of a text without NUL. LimitExceeded for one that no code holds (2,331 bytes).
[[nodiscard]] Result<QrCode> qr_code_of(std::string_view text);

/// As a picture with the quiet margin of four modules that readers need, dark on white in every
/// colour scheme. The SVG scales, the PNG has ten pixels a module.
[[nodiscard]] std::string qr_svg(const QrCode& code);
[[nodiscard]] std::string qr_png(const QrCode& code);

}  // namespace probity::web
