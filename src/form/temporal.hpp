#pragma once

#include <string_view>

#include "form/questionnaire.hpp"

namespace probity::form {

/// Date, datetime-local, time, month and week: texts of a fixed form.
[[nodiscard]] bool is_temporal(InputType type);
/// True when the text has the form HTML gives that input type and names a day that exists.
/// Seconds are allowed in times; years are four digits.
[[nodiscard]] bool is_valid_temporal(InputType type, std::string_view text);
/// An example of the form ("2026-03-31").
[[nodiscard]] std::string_view temporal_example(InputType type);

}  // namespace probity::form
