#include "web/attachment.hpp"

#include <fmt/format.h>

#include "base/slug.hpp"
#include "base/text.hpp"

namespace probity::web {
namespace {

constexpr std::size_t k_title_max_bytes = 80;

}  // namespace

std::string attachment(const FileName& name) {
  const std::string whole = slug(name.title, k_title_max_bytes);
  std::string plain = ascii_slug(name.title, k_title_max_bytes);
  if (plain.empty()) plain = name.fallback;
  std::string header = fmt::format("attachment; filename=\"{}{}\"", plain, name.ending);
  const bool is_ascii = whole.size() == code_points(whole);
  if (!is_ascii)
    header += fmt::format("; filename*=UTF-8''{}{}", percent_encode(whole), name.ending);
  return header;
}

}  // namespace probity::web
