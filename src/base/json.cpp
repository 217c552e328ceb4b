#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace probity {
namespace {

namespace json = boost::json;

/// Code units of UTF-16, by which RFC 8785 section 3.2.3 sorts member names.
std::u16string to_utf16(std::string_view text) {
  std::u16string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    i += length;
    if (code >= 0x10000) {
      out.push_back(static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10)));
      out.push_back(static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF)));
    } else {
      out.push_back(static_cast<char16_t>(code));
    }
  }
  return out;
}

/// RFC 8785 section 3.2.2.2: only what must be escaped is.
void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        else
          out.push_back(c);
    }
  }
  out.push_back('"');
}

/// ECMAScript's Number::toString, as RFC 8785 section 3.2.2.3 asks.
void append_number(std::string& out, double number) {
  if (number == 0) {
    out.push_back('0');
    return;
  }
  // JSON has no way to write these, and parse_json makes none.
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  const double size = std::fabs(number);
  // Without a precision fmt writes the fewest digits that read back as the same number.
  const std::string digits = fmt::format("{}", size);
  std::string mantissa;
  int exponent = 0;
  const std::size_t e = digits.find('e');
  const std::string body = digits.substr(0, e);
  if (e != std::string::npos) exponent = std::stoi(digits.substr(e + 1));
  const std::size_t dot = body.find('.');
  const std::string whole = body.substr(0, dot);
  const std::string part = dot == std::string::npos ? "" : body.substr(dot + 1);
  mantissa = whole + part;
  exponent += static_cast<int>(whole.size());
  const std::size_t first = mantissa.find_first_not_of('0');
  mantissa.erase(0, first);
  exponent -= static_cast<int>(first);
  while (mantissa.size() > 1 && mantissa.back() == '0')
    mantissa.pop_back();

  const int count = static_cast<int>(mantissa.size());
  if (number < 0) out.push_back('-');
  if (count <= exponent && exponent <= 21) {
    out += mantissa + std::string(static_cast<std::size_t>(exponent - count), '0');
  } else if (0 < exponent && exponent <= 21) {
    out += mantissa.substr(0, static_cast<std::size_t>(exponent)) + "." +
           mantissa.substr(static_cast<std::size_t>(exponent));
  } else if (-6 < exponent && exponent <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-exponent), '0') + mantissa;
  } else {
    out += mantissa.substr(0, 1);
    if (count > 1) out += "." + mantissa.substr(1);
    out += fmt::format("e{}{}", exponent > 0 ? "+" : "-", std::abs(exponent - 1));
  }
}

void append_canonical(std::string& out, const json::value& value);

void append_object(std::string& out, const json::object& object) {
  std::vector<std::pair<std::u16string, const json::key_value_pair*>> members;
  members.reserve(object.size());
  for (const auto& member : object)
    members.emplace_back(to_utf16(member.key()), &member);
  std::ranges::sort(members, {}, [](const auto& member) { return member.first; });
  out.push_back('{');
  bool is_first = true;
  for (const auto& [name, member] : members) {
    if (!std::exchange(is_first, false)) out.push_back(',');
    append_string(out, member->key());
    out.push_back(':');
    append_canonical(out, member->value());
  }
  out.push_back('}');
}

void append_canonical(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: out += "null"; return;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
    case json::kind::int64: append_number(out, static_cast<double>(value.get_int64())); return;
    case json::kind::uint64: append_number(out, static_cast<double>(value.get_uint64())); return;
    case json::kind::double_: append_number(out, value.get_double()); return;
    case json::kind::string: append_string(out, value.get_string()); return;
    case json::kind::object: append_object(out, value.get_object()); return;
    case json::kind::array: {
      out.push_back('[');
      bool is_first = true;
      for (const json::value& item : value.get_array()) {
        if (!std::exchange(is_first, false)) out.push_back(',');
        append_canonical(out, item);
      }
      out.push_back(']');
      return;
    }
  }
}

}  // namespace

std::string canonical_json(const json::value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

}  // namespace probity
