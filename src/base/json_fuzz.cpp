// Any text is JSON or is refused; the canonical form of what was taken is taken again and is its
// own canonical form, for signatures are made over it.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/text.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const JsonLimits limits{.depth_max = 8, .bytes_max = 1U << 16U};
  const auto value = parse_json(text, limits);
  if (!value) {
    const Code code = value.error().code;
    require(code == Code::BadRequest || code == Code::LimitExceeded);
    return 0;
  }
  require(is_utf8(text));
  const std::string canonical = canonical_json(*value);
  // Escapes can make it longer than the limit on what comes from outside.
  const auto again = parse_json(canonical, {.depth_max = 8, .bytes_max = 8U << 16U});
  require(again.has_value() && canonical_json(*again) == canonical);
  return 0;
}
