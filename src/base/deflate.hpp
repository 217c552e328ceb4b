#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace probity {

/// What stands around deflated bytes (RFC 1951).
enum class Wrapping : std::uint8_t {
  None,  ///< Nothing, as inside a ZIP archive.
  Gzip,  ///< A gzip file (RFC 1952) without name and time.
};

/// Packs a text in one go; equal texts give equal bytes. Below 4 GiB. Ends the process when there
/// is no memory. Threads: any.
[[nodiscard]] std::string deflate_text(std::string_view text, Wrapping wrapping);

}  // namespace probity
