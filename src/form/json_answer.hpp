#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

#include "form/value.hpp"

/// Stored answers as the JSON parser leaves them; for the files that count only.
namespace probity::form {

/// A tree that outlives the parser's buffers, for the few answers that conditions look at.
[[nodiscard]] Value value_of(const simdjson::dom::element& element);
/// Null, an empty list or an empty object: no answer.
[[nodiscard]] bool is_blank(const simdjson::dom::element& value);

/// Parses one response after the other in buffers of its own. One thread.
class AnswerParser {
 public:
  /// False when the text is not a JSON object. What `out` leads to is gone with the next call.
  [[nodiscard]] bool parse(std::string_view json, simdjson::dom::object& out);

 private:
  simdjson::dom::parser parser_;
  std::vector<char> buffer_;
};

}  // namespace probity::form
