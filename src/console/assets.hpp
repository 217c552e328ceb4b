#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace probity::console {

/// A file of the built console, as it is embedded in the program.
struct Asset {
  std::string_view path;          ///< Below /console, without a slash in front: "assets/app-1f.js".
  std::string_view content_type;  ///< With its charset where it is text.
  std::string_view gzip;          ///< The bytes, compressed (RFC 1952); made once, at the build.
  std::string_view etag;          ///< Strong, in its quotes: a hash of the plain bytes.
};

/// Every embedded file, in order of its path; empty in a build without the console. Lives as long
/// as the program; any thread may read it.
[[nodiscard]] std::span<const Asset> assets();

/// The file at a path; null when there is none.
[[nodiscard]] const Asset* find_asset(std::string_view path);

/// What every page of the console begins with; null in a build without it (PROBITY_CONSOLE=OFF).
[[nodiscard]] const Asset* index();

}  // namespace probity::console
