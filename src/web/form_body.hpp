#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "web/request.hpp"

namespace probity::web {

/// What pages without script post.
inline constexpr std::string_view k_form_type = "application/x-www-form-urlencoded";
/// The field of a page's form that carries the session's CSRF token.
inline constexpr std::string_view k_csrf_field = "csrf_token";
/// Fields of the program's own forms; respondents' pages have their own bound.
inline constexpr std::size_t k_form_fields_max = 8;

using FormFields = std::map<std::string, std::string, std::less<>>;

/// The fields of a form post; of a repeated name the last. UnsupportedMedia for other types, Csrf
/// when a browser says that another site's page sent it, BadRequest for broken escapes and bad
/// UTF-8, LimitExceeded above k_form_fields_max.
[[nodiscard]] Result<FormFields> read_form(const Request& request);

/// One field of such a body; nothing when it is absent or the body is malformed or has too many.
[[nodiscard]] std::optional<std::string> form_field(std::string_view body, std::string_view name);

}  // namespace probity::web
