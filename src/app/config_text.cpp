#include "app/config_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/text.hpp"

namespace probity::app {
namespace {

constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// The escape sequence of the code point at `at` of valid UTF-8; `at` moves to its last byte.
std::string escaped(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const int length = std::countl_one(lead);
  std::uint32_t code = lead & (0x7FU >> length);
  for (int more = 1; more < length; ++more)
    code = code << 6 | (static_cast<unsigned char>(text[++at]) & 0x3FU);
  return fmt::format("\\U{:08X}", code);
}

/// Where the quoted text ends that begins at `begin`, behind its quotes; npos when it does not end,
/// or holds a backslash before what never follows one.
std::size_t end_of_quoted(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const std::string three(3, quote);
  const bool is_long = text.substr(begin).starts_with(three);
  for (std::size_t at = begin + (is_long ? 3 : 1); at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
      if (at == text.size() || !is_ascii(text[at])) return std::string_view::npos;
    } else if (!is_long && text[at] == quote) {
      return at + 1;
    } else if (is_long && text.substr(at).starts_with(three)) {
      // One or two more quotes are the last characters of the text itself.
      const std::size_t end = text.find_first_not_of(quote, at);
      return std::min({end, text.size(), at + 5});
    }
    if (!is_long && text[at] == '\n') return std::string_view::npos;
  }
  return std::string_view::npos;
}

/// A quoted text in ASCII. A literal one has no escape sequences, so it becomes one that has.
std::string ascii_quoted(std::string_view quoted) {
  if (std::ranges::all_of(quoted, is_ascii)) return std::string(quoted);
  const char quote = quoted.front();
  const std::size_t edge = quoted.starts_with(std::string(3, quote)) ? 3 : 1;
  std::string out(edge, '"');
  for (std::size_t at = edge; at < quoted.size() - edge; ++at) {
    const bool is_plain_only_in_literal =
        quote == '\'' && (quoted[at] == '"' || quoted[at] == '\\');
    if (is_plain_only_in_literal) out += '\\';
    out += is_ascii(quoted[at]) ? std::string(1, quoted[at]) : escaped(quoted, at);
  }
  return out.append(edge, '"');
}

/// Appends the comment that begins at `begin`; where the next line begins.
std::size_t add_comment(std::string_view text, std::size_t begin, std::string& out) {
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  std::ranges::transform(text.substr(begin, end - begin), std::back_inserter(out),
                         [](char c) { return is_ascii(c) ? c : '?'; });
  return end;
}

std::size_t first_control_character(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    const bool ends_line = c == '\n' || text.substr(at).starts_with("\r\n");
    if ((c < 0x20 && c != '\t' && !ends_line) || c == 0x7F) return at;
  }
  return std::string_view::npos;
}

std::size_t first_line_not_utf8(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != text.npos; begin = end + 1)
    if (!is_utf8(text.substr(begin, end - begin))) break;
  return begin;
}

}  // namespace

Result<std::string> ascii_toml(const std::string& source, std::string_view text) {
  const auto refuse_at = [&](std::size_t at, std::string_view reason) {
    const auto line = 1 + std::ranges::count(text.substr(0, at), '\n');
    return refuse_field(Code::Config, source,
                        fmt::format("Not valid TOML at line {}: {}", line, reason));
  };
  if (!is_utf8(text))
    return refuse_at(first_line_not_utf8(text), "not UTF-8. Save the file as UTF-8.");
  // Editors write the mark unasked, and TOML lets a reader pass over it.
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  if (const auto at = first_control_character(text); at != text.npos)
    return refuse_at(at, fmt::format("a control character, {:02X}. Remove it; in a quoted text "
                                     "write an escape sequence.",
                                     static_cast<unsigned char>(text[at])));
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '#') {
      at = add_comment(text, at, out);
      continue;
    }
    const bool is_quote = text[at] == '"' || text[at] == '\'';
    const std::size_t end = is_quote ? end_of_quoted(text, at) : at + 1;
    if (end == text.npos) return refuse_at(at, "a quoted text that does not end, or not rightly.");
    if (!is_quote && !is_ascii(text[at]))
      return refuse_at(at,
                       "a character that may stand only in a comment or a quoted text. Remove "
                       "it, or put the text into quotes.");
    out += ascii_quoted(text.substr(at, end - at));
    at = end;
  }
  return out;
}

}  // namespace probity::app
