#include "form/value.hpp"

#include <fmt/format.h>

#include <simdjson.h>
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <ranges>
#include <string>
#include <unordered_set>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"

namespace probity::form {
namespace {

namespace dom = simdjson::dom;

/// Every thread that parses keeps one parser, so that its buffers are allocated once.
dom::parser& thread_parser() {
  thread_local dom::parser parser;
  return parser;
}

/// The parser keeps its memory, but not the texts it read last.
void wipe_texts(dom::parser& parser, std::size_t json_bytes) {
  // A text takes a length and an end beside its characters: at most 5 bytes for the 3 of `"",`.
  const std::size_t texts = json_bytes * 5 / 3 + simdjson::SIMDJSON_PADDING;
  if (parser.doc.string_buf && json_bytes <= parser.capacity())
    ::explicit_bzero(parser.doc.string_buf.get(), texts);
}

/// Objects with more members than this are searched through a sorted copy of their names.
constexpr std::size_t k_plain_search_max = 16;

bool has_doubles(const Value::Members& members) {
  if (members.size() <= k_plain_search_max) {
    for (std::size_t i = 1; i < members.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        if (members[i].name == members[k].name) return true;
    return false;
  }
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const Member& member : members)
    names.emplace_back(member.name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

/// Of members with one name the last counts, as everywhere JSON is read here (OWASP ASVS 1.5.3).
void keep_last(Value::Members& members) {
  if (!has_doubles(members)) return;
  std::unordered_set<std::string> seen;
  Value::Members kept;
  for (Member& member : members | std::views::reverse)
    if (seen.insert(member.name).second) kept.push_back(std::move(member));
  std::ranges::reverse(kept);
  members = std::move(kept);
}

/// Levels the parser itself takes; convert() checks the caller's own limit below that.
constexpr std::size_t k_parser_depth_max = 80;
/// A parser that has grown past this is thrown away after use.
constexpr std::size_t k_parser_keep_bytes = 512 * 1024;

/// Recursion is bounded by `levels_left`.
Result<Value> convert(const dom::element& element, std::size_t levels_left) {
  const bool is_nest = element.is_array() || element.is_object();
  if (is_nest && levels_left == 0) return fail(Code::LimitExceeded);
  switch (element.type()) {
    case dom::element_type::NULL_VALUE: return Value();
    case dom::element_type::BOOL: return Value(bool(element));
    case dom::element_type::STRING: return Value(std::string_view(element));
    case dom::element_type::INT64: return Value(static_cast<double>(std::int64_t(element)));
    case dom::element_type::UINT64: return Value(static_cast<double>(std::uint64_t(element)));
    case dom::element_type::DOUBLE: return Value(double(element));
    case dom::element_type::ARRAY: {
      Value::List list;
      const dom::array array = element;
      list.reserve(array.size());
      for (const dom::element item : array) {
        PROBITY_TRY(value, convert(item, levels_left - 1));
        list.push_back(std::move(value));
      }
      return Value(std::move(list));
    }
    case dom::element_type::OBJECT: break;
  }
  Value::Members members;
  const dom::object object = element;
  members.reserve(object.size());
  for (const auto& [name, item] : object) {
    PROBITY_TRY(value, convert(item, levels_left - 1));
    members.push_back({std::string(name), std::move(value)});
  }
  keep_last(members);
  return Value(std::move(members));
}

/// The same from the careful parser, whose numbers have no bound but that of a double; it has seen
/// to depth and doubled names.
Value converted(const boost::json::value& from) {
  if (const auto* truth = from.if_bool()) return Value(*truth);
  if (const auto* text = from.if_string()) return Value(std::string_view(*text));
  if (from.is_number()) return Value(from.to_number<double>());
  if (const auto* items = from.if_array()) {
    Value::List list;
    for (const boost::json::value& item : *items)
      list.push_back(converted(item));
    return Value(std::move(list));
  }
  if (!from.is_object()) return {};
  Value::Members members;
  for (const auto& [name, item] : from.get_object())
    members.push_back({std::string(name), converted(item)});
  return Value(std::move(members));
}

}  // namespace

const Value* Value::find(std::string_view name) const {
  const Members* all = members();
  if (all == nullptr) return nullptr;
  for (const Member& member : *all)
    if (member.name == name) return &member.value;
  return nullptr;
}

void Value::set(std::string_view name, Value value) {
  if (members() == nullptr) held_ = Members();
  for (Member& member : *members()) {
    if (member.name == name) {
      member.value = std::move(value);
      return;
    }
  }
  members()->push_back({std::string(name), std::move(value)});
}

void Value::erase(std::string_view name) {
  if (Members* all = members())
    std::erase_if(*all, [&](const Member& member) { return member.name == name; });
}

bool Value::is_blank() const {
  if (is_null()) return true;
  if (const std::string* t = text()) return trim(*t).empty();
  if (const List* items = list()) return items->empty();
  if (const Members* all = members())
    return std::ranges::all_of(*all, [](const Member& m) { return m.value.is_blank(); });
  return false;
}

bool Value::operator==(const Value& other) const { return held_ == other.held_; }

Result<Value> parse_value(std::string_view json, ValueLimits limits) {
  if (json.size() > limits.bytes_max) {
    return refuse(Code::LimitExceeded, fmt::format("The JSON text has {} bytes; at most {} are "
                                                   "taken.",
                                                   json.size(), limits.bytes_max));
  }
  dom::parser& parser = thread_parser();
  if (parser.max_depth() != k_parser_depth_max) {
    if (parser.allocate(std::max(json.size(), std::size_t{4096}), k_parser_depth_max) !=
        simdjson::SUCCESS) {
      return fail(Code::Overloaded, "no memory for a JSON parser");
    }
  }
  dom::element root;
  // Left to itself the parser makes and keeps a copy.
  std::string padded;
  padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  padded = json;
  const auto error = parser.parse(padded.data(), padded.size(), false).get(root);
  Result<Value> value =
      error ? Result<Value>(fail(Code::BadRequest)) : convert(root, limits.depth_max);
  wipe_texts(parser, json.size());
  if (parser.capacity() > k_parser_keep_bytes) parser = dom::parser();
  if (value) return value;
  if (error == simdjson::DEPTH_ERROR || value.error().code == Code::LimitExceeded) {
    return refuse(Code::LimitExceeded, fmt::format("The JSON text is nested more than {} levels "
                                                   "deep.",
                                                   limits.depth_max));
  }
  if (!error) return value;
  // The fast parser does not say where, and takes whole numbers of 64 bits only; the careful one
  // does and takes all.
  const auto careful = parse_json(json, {limits.depth_max, limits.bytes_max});
  if (careful) return converted(*careful);
  if (error == simdjson::NUMBER_ERROR)
    return refuse(Code::BadRequest, "A number in the JSON text is malformed or out of range.");
  return std::unexpected(careful.error());
}

void append_value(std::string& out, const Value& value) {
  if (const bool* truth = value.truth()) {
    out += *truth ? "true" : "false";
  } else if (const double* number = value.number()) {
    out += std::isfinite(*number) ? number_text(*number) : "null";
  } else if (const std::string* text = value.text()) {
    append_json_string(out, *text);
  } else if (const Value::List* list = value.list()) {
    out.push_back('[');
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (i != 0) out.push_back(',');
      append_value(out, (*list)[i]);
    }
    out.push_back(']');
  } else if (const Value::Members* members = value.members()) {
    out.push_back('{');
    for (std::size_t i = 0; i < members->size(); ++i) {
      if (i != 0) out.push_back(',');
      append_json_string(out, (*members)[i].name);
      out.push_back(':');
      append_value(out, (*members)[i].value);
    }
    out.push_back('}');
  } else {
    out += "null";
  }
}

std::string number_text(double number) {
  if (number == 0) return "0";
  constexpr double k_exact_max = 9007199254740992.0;
  if (std::fabs(number) < k_exact_max && std::trunc(number) == number)
    return fmt::format("{}", static_cast<std::int64_t>(number));
  return fmt::format("{}", number);
}

std::string scalar_text(const Value& value) {
  if (const std::string* text = value.text()) return *text;
  if (const double* number = value.number()) return number_text(*number);
  if (const bool* truth = value.truth()) return *truth ? "true" : "false";
  return {};
}

std::optional<double> parse_number(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > 64) return {};
  const std::string_view digits = text.front() == '-' ? text.substr(1) : text;
  // from_chars would also take "inf" and "nan".
  if (digits.empty() || (digits.front() != '.' && (digits.front() < '0' || digits.front() > '9')))
    return {};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return {};
  return number;
}

}  // namespace probity::form
