#pragma once

#include <string_view>

namespace probity::module {

/// The region of a tenant whose surveys, people and answers are invented. It is stored beside the
/// tenant, goes along in its archive, and nobody can give it to a tenant of their own: so the
/// statement can say what is shown, and a demonstration never speaks for the installation.
inline constexpr std::string_view k_demonstration_region = "demonstration";
inline constexpr std::string_view k_demonstration_slug = "demo";

[[nodiscard]] constexpr bool is_demonstration(std::string_view region) {
  return region == k_demonstration_region;
}

}  // namespace probity::module
