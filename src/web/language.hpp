#pragma once

#include <span>
#include <string_view>

namespace probity::web {

/// The first of `known` a client prefers by its Accept-Language (RFC 9110 12.5.4, lookup by the
/// primary subtag: "de-CH" finds "de"); empty when it names none of them. At most
/// k_languages_read entries are looked at.
[[nodiscard]] std::string_view preferred_language(std::string_view accept_language,
                                                  std::span<const std::string_view> known);

inline constexpr std::size_t k_languages_read = 32;

}  // namespace probity::web
