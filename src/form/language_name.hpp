#pragma once

#include <string_view>

namespace probity::form {

/// What speakers of a language call it ("Deutsch" for "de-AT"), for choosing it; the tag itself
/// where the name is not known here.
[[nodiscard]] std::string_view language_name(std::string_view locale);

}  // namespace probity::form
