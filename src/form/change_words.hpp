#pragma once

#include <string>
#include <string_view>

#include "form/value.hpp"

namespace probity::form {

/// A sentence that says what happened to a member of a questionnaire: plain words and no JSON
/// where the member is one people know (title, choices, conditions). Null: it is not there. At
/// most one of the two is null. Long texts are cut.
[[nodiscard]] std::string change_words(std::string_view member, const Value* before,
                                       const Value* after);

/// The text of a value in the default language, else in any: "" when it has none.
[[nodiscard]] std::string default_text(const Value& value);

}  // namespace probity::form
