#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string_view>

#include "base/error.hpp"

namespace probity {

/// Bounds of a JSON text from outside.
struct JsonLimits {
  std::size_t depth_max = 32;
  std::size_t bytes_max = 1024 * 1024;
};

/// Strict RFC 8259: valid UTF-8, no comments, no trailing commas, nothing after the value. Of
/// members with one name the last counts. Numbers are the nearest double when they are no 64-bit
/// integer, and refused when there is none. BadRequest names the byte at which it stops being JSON;
/// LimitExceeded names the limit. Include <boost/json.hpp> in the .cpp that uses the value.
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view text, JsonLimits limits = {});

/// RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, shortest numbers,
/// minimal escapes. What signatures are made over. For valid UTF-8; a number that is not finite is
/// null.
[[nodiscard]] std::string canonical_json(const boost::json::value& value);

}  // namespace probity
