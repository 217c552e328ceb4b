#pragma once

#include <string>
#include <string_view>

namespace probity::web {

/// What a download is called.
struct FileName {
  std::string_view title;     ///< Somebody typed it; may be anything.
  std::string_view fallback;  ///< Instead of a title of which nothing is left: ASCII, safe.
  std::string_view ending;    ///< "-report.pdf": ours, ASCII, safe.
};

/// The Content-Disposition header of a download (RFC 6266): the title as base/slug.hpp leaves it,
/// at most 80 bytes, and the ending. In `filename*` (RFC 8187) where ASCII does not hold all of it.
[[nodiscard]] std::string attachment(const FileName& name);

}  // namespace probity::web
