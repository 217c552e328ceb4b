#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity {

/// True when the bytes are UTF-8 without overlong forms, surrogates or values past U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Number of code points of valid UTF-8.
[[nodiscard]] std::size_t code_points(std::string_view text);

/// Without ASCII white space (and U+00A0, U+FEFF) at both ends; a view into the argument.
[[nodiscard]] std::string_view trim(std::string_view text);

/// Unicode NFKC. BadRequest when the text is not valid UTF-8.
[[nodiscard]] Result<std::string> nfkc(std::string_view text);

/// What two spellings of one name have in common: NFKC, case folded, default-ignorable code points
/// left out. For comparing e-mail addresses and slugs, never for showing (MW-08).
[[nodiscard]] Result<std::string> fold(std::string_view text);

/// Text safe between tags and inside quoted attributes: & < > " ' are written as references.
[[nodiscard]] std::string html_escape(std::string_view text);

/// Whether `+` in encoded text is a plus (paths) or a space (forms and query strings).
enum class Plus : bool { Literal, Space };

/// Percent-decodes one component; nothing on a broken escape. The result may hold any byte.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, Plus plus);
/// All but the unreserved characters of RFC 3986 (section 2.3), with upper-case digits.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Whole text as a decimal integer; nothing for anything else, also not for white space or a plus.
[[nodiscard]] std::optional<std::int64_t> parse_int(std::string_view text);

/// The parts between separators, empty ones too: always one more than there are separators.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace probity
