// Every stored SurveyJS definition is taken, or refused with the place of what changes its meaning.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/text.hpp"
#include "form/answers.hpp"
#include "form/questionnaire.hpp"
#include "form/render.hpp"

namespace probity::form {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::filesystem::path outside_folder() {
  return std::filesystem::path(PROBITY_SOURCE_DIR) / "../shared/data/survey-definitions/surveyjs";
}

/// First place and whether it is refused, by file; an empty place means accepted.
const std::map<std::string, std::string> k_expected = {
    {"choicesrestful-0", "/elements/0/choicesByUrl"},
    {"customize-question-types-create-composite-question-types-0", "/triggers"},
    {"data-validation-5", "/elements/0/validators/0/expression"},
    {"design-survey-conditional-logic-3", "/calculatedValues"},
    {"design-survey-conditional-logic-5", "/elements/0/type"},
    {"design-survey-conditional-logic-6", "/elements/0/type"},
    {"design-survey-conditional-logic-8", "/triggers"},
    {"design-survey-conditional-logic-9", "/triggers"},
    {"design-survey-create-a-quiz-1", "/timeLimitPerPage"},
    {"design-survey-create-a-quiz-3", "/timeLimitPerPage"},
    {"design-survey-create-a-quiz-4", "/timeLimitPerPage"},
    {"design-survey-merge-question-values-1", "/elements/0/valuePropertyName"},
    {"design-survey-pre-populate-form-fields-2", "/elements/0/choices"},
    {"design-survey-pre-populate-form-fields-3", "/elements/0/defaultValueExpression"},
    {"survey-json-authoring-1", "/triggers"},
    {"survey-json-authoring-3", "/triggers"},
    {"survey-json-authoring-4", "/triggers"},
    {"survey-json-authoring-6", "/triggers"},
    {"survey-json-authoring-7", "/pages/0/elements/0/type"},
    {"survey-json-authoring-9", "/pages/0/elements/0/type"},
    {"survey-json-authoring-12", "/pages/0/elements/0/type"},
};

TEST(Definitions, AreTakenOrRefusedByPlace) {
  if (!std::filesystem::exists(outside_folder()))
    GTEST_SKIP() << "the stored SurveyJS definitions are not beside the repository";
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(outside_folder())) {
    if (entry.path().extension() != ".json") continue;
    const auto parsed = parse_questionnaire(read_file(entry.path()));
    const auto expected = k_expected.find(entry.path().stem().string());
    if (expected == k_expected.end()) {
      EXPECT_TRUE(parsed) << entry.path().stem() << ": " << parsed.error().fields[0].field << " "
                          << parsed.error().fields[0].reason;
      if (parsed) {
        EXPECT_TRUE(validate_answers(parsed->questionnaire, "{}", {"en", 99}));
      }
      ++accepted;
    } else {
      ASSERT_FALSE(parsed) << entry.path().stem();
      ASSERT_FALSE(parsed.error().fields.empty()) << entry.path().stem();
      bool is_named = false;
      std::string found;
      for (const FieldError& field : parsed.error().fields) {
        is_named = is_named || field.field == expected->second;
        found += field.field + ": " + field.reason + "; ";
        EXPECT_FALSE(field.reason.empty());
      }
      EXPECT_TRUE(is_named) << entry.path().stem() << " " << found;
      ++refused;
    }
  }
  EXPECT_EQ(accepted + refused, 41U);
  RecordProperty("accepted", static_cast<int>(accepted));
  RecordProperty("refused", static_cast<int>(refused));
}

}  // namespace
}  // namespace probity::form
