#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace probity::app {

/// The same TOML in ASCII: quoted texts with escape sequences, comments with question marks. Config
/// error with line and remedy for what no TOML file has: other characters outside comments and
/// quoted texts, control characters, bytes that are not UTF-8. `source` is how the error names it.
///
/// The TOML library (up to 3.4) must not see anything else: where it looks for white space, also in
/// texts of several lines and behind a value that is wrong, most letters with accents reach a place
/// it declares unreachable.
[[nodiscard]] Result<std::string> ascii_toml(const std::string& source, std::string_view text);

}  // namespace probity::app
