#pragma once

#include <string>

#include "form/questionnaire.hpp"

namespace probity::form {

/// A condition as steps for the machine of assets/conditions.js, which gives the same result as
/// condition_holds: `["value",5]`, `["answer",KEY]` (or "raw", without conversion; behind it
/// "comment", "member",NAME or "item",N), `["list",N]`, `["call",NAME,N]` or the name of an
/// operator. Inert inside a quoted attribute once escaped. "[]" for an empty condition.
[[nodiscard]] std::string condition_json(const Questionnaire& questionnaire,
                                         const Condition& condition);

}  // namespace probity::form
