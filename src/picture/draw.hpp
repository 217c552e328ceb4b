#pragma once

#include "picture/shape.hpp"
#include "picture/subject.hpp"

namespace probity::picture {

/// Narrowest and widest picture, and what is drawn when nobody says.
inline constexpr double k_width_min = 240;
inline constexpr double k_width_max = 1'600;
inline constexpr double k_width_default = 640;
/// Below it labels stand over their bars.
inline constexpr double k_width_narrow = 460;
/// Bars, columns, rows and words of one picture; its table has all of them.
inline constexpr std::size_t k_bars_max = 40;
inline constexpr std::size_t k_words_max = 20;

/// The picture of a question, as wide as said (clamped) and as high as it needs. A question without
/// one (Form::None) becomes a picture that says why.
[[nodiscard]] Picture draw(const Subject& subject, double width);

}  // namespace probity::picture
