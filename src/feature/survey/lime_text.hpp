#pragma once

#include <string>
#include <string_view>

namespace probity::survey {

/// The words of a text with markup: tags are left out (those that end a line become a space),
/// the usual references are resolved, white space is one space. What remains is plain text.
[[nodiscard]] std::string without_markup(std::string_view html);

}  // namespace probity::survey
