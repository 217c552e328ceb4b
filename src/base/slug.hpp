#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace probity {

/// `text` as part of a file's name: letters, marks and digits of any script stay (NFC), everything
/// else becomes one '-', none at the ends. So it holds no separator, quotation mark, control or
/// mark of direction, and begins with no dot. At most `bytes_max` bytes, whole characters; empty
/// when nothing is left, or for what is no UTF-8.
[[nodiscard]] std::string slug(std::string_view text, std::size_t bytes_max);

/// The same in lower-case ASCII: letters lose their marks ("é" becomes "e"), other scripts go.
[[nodiscard]] std::string ascii_slug(std::string_view text, std::size_t bytes_max);

}  // namespace probity
