// Whatever an author writes, the result holds only elements of the list, closed, without attributes
// other than a safe link.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "form/html.hpp"

namespace {

constexpr std::array<std::string_view, 24> k_allowed = {
    "p",  "br", "hr", "b",  "i",  "em", "strong", "u",  "s",          "small", "sub", "sup",
    "ul", "ol", "li", "h2", "h3", "h4", "h5",     "h6", "blockquote", "code",  "pre", "a"};

/// Reads our own output, which has one exact form, so this needs to understand nothing else.
void check(std::string_view html) {
  std::vector<std::string_view> open;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string_view::npos) std::abort();
    std::string_view tag = html.substr(at + 1, end - at - 1);
    const bool is_closing = tag.starts_with('/');
    if (is_closing) tag.remove_prefix(1);
    const std::string_view name = tag.substr(0, tag.find(' '));
    if (std::ranges::find(k_allowed, name) == k_allowed.end()) std::abort();
    const std::string_view rest = tag.substr(name.size());
    const bool is_link =
        name == "a" &&
        (rest.starts_with(" href=\"https://") || rest.starts_with(" href=\"mailto:")) &&
        rest.ends_with("\" rel=\"noopener noreferrer\"") && std::ranges::count(rest, '"') == 4;
    if (!rest.empty() && !is_link) std::abort();
    if (is_closing) {
      if (open.empty() || open.back() != name) std::abort();
      open.pop_back();
    } else if (name != "br" && name != "hr") {
      open.push_back(name);
    }
  }
  if (!open.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(probity::form::sanitise_html(text));
  return 0;
}
