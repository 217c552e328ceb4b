#include "form/json_answer.hpp"

#include <algorithm>

namespace probity::form {
namespace {

namespace dom = simdjson::dom;

/// Levels of an answer: object, list or object of scalars; some slack for older forms.
constexpr std::size_t k_depth_max = 16;

}  // namespace

Value value_of(const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::STRING: return Value(std::string_view(element));
    case dom::element_type::BOOL: return Value(bool(element));
    case dom::element_type::NULL_VALUE: return {};
    case dom::element_type::ARRAY: {
      Value::List list;
      for (const dom::element item : dom::array(element))
        list.push_back(value_of(item));
      return Value(std::move(list));
    }
    case dom::element_type::OBJECT: {
      Value::Members members;
      for (const auto& [name, item] : dom::object(element))
        members.push_back({std::string(name), value_of(item)});
      return Value(std::move(members));
    }
    default: break;
  }
  double number = 0;
  if (element.get_double().get(number)) return {};
  return Value(number);
}

bool is_blank(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::NULL_VALUE: return true;
    case dom::element_type::ARRAY: return dom::array(value).begin() == dom::array(value).end();
    case dom::element_type::OBJECT: return dom::object(value).begin() == dom::object(value).end();
    default: return false;
  }
}

bool AnswerParser::parse(std::string_view json, dom::object& out) {
  const std::size_t padded = json.size() + simdjson::SIMDJSON_PADDING;
  if (buffer_.size() < padded) buffer_.resize(padded * 2);
  std::ranges::copy(json, buffer_.data());  // Not memcpy, which no null may be given to.
  if (parser_.max_depth() != k_depth_max &&
      parser_.allocate(buffer_.size(), k_depth_max) != simdjson::SUCCESS) {
    return false;
  }
  return !parser_.parse(buffer_.data(), json.size(), false).get_object().get(out);
}

}  // namespace probity::form
