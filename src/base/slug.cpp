#include "base/slug.hpp"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace probity {
namespace {

struct Free {
  void operator()(utf8proc_uint8_t* text) const { std::free(text); }
};

/// Empty for what is no UTF-8.
std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* raw = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &raw,
                                   static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(raw);
  if (length < 0) return {};
  return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length)};
}

bool is_kept(std::int32_t code) {
  switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND: return true;
    default: return false;
  }
}

/// Joins what `keeps` of valid UTF-8 with one '-' where anything was left out.
template <typename Keeps>
std::string joined(std::string_view text, std::size_t bytes_max, Keeps keeps) {
  std::string made;
  bool has_gap = false;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    std::int32_t code = 0;
    const auto length = utf8proc_iterate(at, left, &code);
    if (length <= 0) break;
    if (keeps(code)) {
      const bool is_parted = has_gap && !made.empty();
      if (made.size() + (is_parted ? 1 : 0) + static_cast<std::size_t>(length) > bytes_max) break;
      if (is_parted) made += '-';
      made.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(length));
      has_gap = false;
    } else {
      has_gap = true;
    }
    at += length;
    left -= length;
  }
  return made;
}

}  // namespace

std::string slug(std::string_view text, std::size_t bytes_max) {
  return joined(mapped(text, UTF8PROC_COMPOSE), bytes_max, is_kept);
}

std::string ascii_slug(std::string_view text, std::size_t bytes_max) {
  const std::string plain =
      mapped(text, UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD);
  return joined(plain, bytes_max, [](std::int32_t code) { return code < 0x80 && is_kept(code); });
}

}  // namespace probity
