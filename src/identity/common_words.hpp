#pragma once

#include <span>
#include <string_view>

namespace probity::identity {

/// Building blocks of common passwords, lower case, four letters or more: words, names and keyboard
/// walks that head every published list of leaked passwords. Used with digits and with each other
/// by is_common.
[[nodiscard]] std::span<const std::string_view> common_words();

}  // namespace probity::identity
