#pragma once

#include "base/json_writer.hpp"
#include "picture/shape.hpp"

namespace probity::picture {

/// Writes a picture as an object, for programs that draw it themselves: `width`, `height`, `title`,
/// `description` and `shapes`, each with `kind` and its measures; `ink` is the class of svg_of.
/// Texts are inert.
void write_picture(JsonWriter& json, const Picture& picture);

}  // namespace probity::picture
