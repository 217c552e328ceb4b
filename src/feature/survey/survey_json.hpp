#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "feature/survey/logo.hpp"
#include "feature/survey/page_settings.hpp"
#include "feature/survey/survey.hpp"

namespace probity::survey {

/// What stands beside the two rows of a survey in an answer.
struct SurveyExtras {
  std::string_view title;
  std::optional<std::string> token;     ///< Its public link, when it has one.
  std::string_view questionnaire_json;  ///< As the author sent it; left out when empty.
  std::span<const form::Warning> warnings;
  const PageSettings* pages = nullptr;  ///< Left out when null; `logo` as well.
  std::optional<LogoFacts> logo;
  bool has_warnings = false;  ///< Whether to write the list even when empty.
};

/// Writes a survey as one JSON object.
void write_survey(JsonWriter& json, const SurveyRecord& survey, const SurveyExtras& extras);

/// Writes warnings as [{path, reason}].
void write_warnings(JsonWriter& json, std::span<const form::Warning> warnings);

}  // namespace probity::survey
