#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace probity {

/// What somebody who searches takes for the same: NFKC, case folded, without accents and other
/// marks on letters. For searching in texts, never for comparing names. BadRequest when the text is
/// not valid UTF-8.
[[nodiscard]] Result<std::string> search_fold(std::string_view text);

}  // namespace probity
