#include "feature/survey/lime_text.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"

namespace probity::survey {
namespace {

/// The text of a reference at the beginning of `rest`, and its length; an empty one when there is
/// none that is known.
std::pair<std::string_view, std::size_t> reference(std::string_view rest) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> k_known = {{
      {"&amp;", "&"},
      {"&lt;", "<"},
      {"&gt;", ">"},
      {"&quot;", "\""},
      {"&#39;", "'"},
      {"&#039;", "'"},
      {"&apos;", "'"},
      {"&nbsp;", " "},
  }};
  for (const auto& [name, text] : k_known)
    if (rest.starts_with(name)) return {text, name.size()};
  return {};
}

void append(std::string& out, std::string_view text) {
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
}

/// Length of the tag or comment at the beginning of `rest`; 0 when it is a plain "<".
std::size_t tag_size(std::string_view rest) {
  if (rest.starts_with("<!--")) {
    const std::size_t end = rest.find("-->", 4);
    return end == std::string_view::npos ? rest.size() : end + 3;
  }
  const char next = rest.size() > 1 ? rest[1] : ' ';
  const bool is_tag =
      (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/' || next == '!';
  if (!is_tag) return 0;
  const std::size_t end = rest.find('>');
  return end == std::string_view::npos ? 0 : end + 1;
}

bool breaks_line(std::string_view tag) {
  for (const std::string_view name :
       {"<br", "<p", "</p", "<div", "</div", "<li", "</li", "<tr", "<td", "</h"})
    if (tag.starts_with(name)) return true;
  return false;
}

}  // namespace

std::string without_markup(std::string_view html) {
  std::string out;
  for (std::size_t at = 0; at < html.size();) {
    const std::string_view rest = html.substr(at);
    if (rest.front() == '<') {
      const std::size_t size = tag_size(rest);
      if (size > 0 && breaks_line(rest.substr(0, size))) append(out, " ");
      if (size == 0) out.push_back('<');
      at += size == 0 ? 1 : size;
      continue;
    }
    const auto [text, size] =
        rest.front() == '&' ? reference(rest) : std::pair<std::string_view, std::size_t>();
    append(out, size == 0 ? rest.substr(0, 1) : text);
    at += size == 0 ? 1 : size;
  }
  return std::string(trim(out));
}

}  // namespace probity::survey
