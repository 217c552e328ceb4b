#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "form/questionnaire.hpp"

namespace probity::survey {

/// A LimeSurvey structure as a SurveyJS document.
struct LimeSurvey {
  std::string questionnaire_json;
  /// What was left out or could not be carried over, by "/questions/CODE" or "/groups/NUMBER".
  std::vector<form::Warning> warnings;
};

/// Reads a structure file (.lss) of LimeSurvey 3 to 6: groups become pages, questions what comes
/// nearest, all languages stay side by side. Texts lose their markup. Conditions that do not
/// translate are left out with a warning, and so is what nobody answers (equations). Refused with
/// the question's path: types that have no counterpart (uploads), and files that are none.
[[nodiscard]] Result<LimeSurvey> read_lime_survey(std::string_view xml);

}  // namespace probity::survey
