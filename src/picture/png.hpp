#pragma once

#include <string>

#include "base/error.hpp"
#include "picture/shape.hpp"

namespace probity::picture {

/// Most pixels of a PNG; four bytes each while it is made. Larger pictures get fewer pixels for
/// each of their own.
inline constexpr double k_png_pixels_max = 8'000'000;
/// Pixels of a PNG for one of the picture, where they fit.
inline constexpr double k_png_scale = 2;

/// A picture as PNG on white, in any script the machine has fonts for. NotBuilt without fonts.
[[nodiscard]] Result<std::string> png_of(const Picture& picture);

}  // namespace probity::picture
