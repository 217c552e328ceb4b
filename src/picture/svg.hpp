#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "picture/shape.hpp"

namespace probity::picture {

/// A picture as an SVG document that may also stand inside a page: texts as <text>, a name and a
/// description for people who listen, no script, no style, no link, no id. Colours are presentation
/// attributes with a class each ("ink-first"), so a page can say them otherwise; text follows
/// currentColor. Every text is made inert (plain_text) and escaped.
[[nodiscard]] std::string svg_of(const Picture& picture);

/// Most of a picture's description.
inline constexpr std::size_t k_description_characters_max = 1'500;
/// "start", "middle", "end".
[[nodiscard]] std::string_view anchor_name(Anchor anchor);
/// The class of an ink and its colour on white, "#rrggbb".
[[nodiscard]] std::string_view ink_class(Ink ink);
[[nodiscard]] std::string_view ink_colour(Ink ink);

}  // namespace probity::picture
