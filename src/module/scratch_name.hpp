#pragma once

#include <string_view>

namespace probity::module {

/// Slugs that begin so belong to the program's own measurements, which destroy such tenants after a
/// day: nobody may take one, by set-up or import, and they are left out of counts, lists and
/// exports.
inline constexpr std::string_view k_scratch_prefix = "probity-scratch-";

[[nodiscard]] constexpr bool is_scratch(std::string_view slug) {
  return slug.starts_with(k_scratch_prefix);
}

}  // namespace probity::module
