#pragma once

#include <string_view>

#include "feature/survey/infer.hpp"

namespace probity::survey {

/// Reads what a person decided after a preview: `{title?, header_rows?, joined?, missing?: [text],
/// questions?: [{columns: [position], type?, title?}]}`, into `rules`. What is absent stays as it
/// was. `type` is the SurveyJS type to make, "number", or "none" for columns that are left out.
/// Refused with the path of the member: what is unknown, misshapen or beyond its limit.
[[nodiscard]] Result<void> read_plan(std::string_view json, TableRules& rules);

}  // namespace probity::survey
