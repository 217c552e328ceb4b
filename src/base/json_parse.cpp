#include <fmt/format.h>

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <string>

#include "base/json.hpp"

namespace probity {
namespace {

namespace json = boost::json;
using Problem = boost::system::error_code;

/// Builds the value as Boost's own parser does, but for real numbers: those it computes itself,
/// since Boost 1.81 may miss the nearest double by a step, and then a signed document read back
/// would not have the canonical form that was signed.
struct Builder {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  json::value_stack stack;
  std::string digits;  // Of a number that comes in parts.

  bool on_document_begin(Problem&) { return true; }
  bool on_document_end(Problem&) { return true; }
  bool on_object_begin(Problem&) { return true; }
  bool on_array_begin(Problem&) { return true; }
  bool on_object_end(std::size_t count, Problem&) {
    stack.push_object(count);
    return true;
  }
  bool on_array_end(std::size_t count, Problem&) {
    stack.push_array(count);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, Problem&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(json::string_view rest, std::size_t, Problem&) {
    stack.push_key(rest);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, Problem&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(json::string_view rest, std::size_t, Problem&) {
    stack.push_string(rest);
    return true;
  }
  bool on_number_part(json::string_view part, Problem&) {
    digits.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t number, json::string_view, Problem&) {
    digits.clear();
    stack.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, Problem&) {
    digits.clear();
    stack.push_uint64(number);
    return true;
  }
  bool on_double(double estimate, json::string_view rest, Problem& problem);
  bool on_bool(bool truth, Problem&) {
    stack.push_bool(truth);
    return true;
  }
  bool on_null(Problem&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, Problem&) { return true; }
  bool on_comment(json::string_view, Problem&) { return true; }
};

bool Builder::on_double(double estimate, json::string_view rest, Problem& problem) {
  digits.append(rest.data(), rest.size());
  double number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  digits.clear();
  if (failure == std::errc::result_out_of_range) number = std::fabs(estimate) < 1 ? 0 : HUGE_VAL;
  if (!std::isfinite(number)) {
    problem = json::error::exponent_overflow;
    return false;
  }
  stack.push_double(number);
  return true;
}

}  // namespace

Result<json::value> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return refuse(Code::LimitExceeded,
                  fmt::format("The JSON text has {} bytes; at most {} are taken.", text.size(),
                              limits.bytes_max));
  }
  json::parse_options options;
  options.max_depth = limits.depth_max;
  json::basic_parser<Builder> parser(options);
  parser.handler().stack.reset();
  Problem problem;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), problem);
  if (!problem && read < text.size()) problem = json::error::extra_data;
  if (problem == json::error::too_deep) {
    return refuse(
        Code::LimitExceeded,
        fmt::format("The JSON text is nested more than {} levels deep.", limits.depth_max));
  }
  if (problem) {
    return refuse(Code::BadRequest,
                  fmt::format("Not valid JSON at byte {}: {}.", read, problem.message()));
  }
  return parser.handler().stack.release();
}

}  // namespace probity
