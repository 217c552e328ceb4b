// The life of a questionnaire in one test: parsed, answered, counted.
#include <gtest/gtest.h>

#include "form/answers.hpp"
#include "form/questionnaire.hpp"
#include "report/report.hpp"

namespace probity::report {
namespace {

using form::parse_questionnaire;
using form::validate_answers;

constexpr std::string_view k_club = R"({
  "title": "Club evening",
  "pages": [
    {"name": "first", "elements": [
      {"type": "radiogroup", "name": "came", "title": "Did you come?", "isRequired": true,
       "choices": [{"value": 1, "text": "Yes"}, {"value": 0, "text": "No"}]},
      {"type": "checkbox", "name": "liked", "choices": ["music", "food", "talks"],
       "showOtherItem": true, "visibleIf": "{came} = 1"}]},
    {"name": "second", "elements": [
      {"type": "rating", "name": "again", "rateMin": 0, "rateMax": 10, "visibleIf": "{came} = 1"},
      {"type": "comment", "name": "words"}]}
  ]})";

TEST(Form, CarriesAnswersFromDocumentToReport) {
  auto parsed = parse_questionnaire(k_club);
  ASSERT_TRUE(parsed) << parsed.error().fields[0].field << parsed.error().fields[0].reason;
  const Questionnaire& form = parsed->questionnaire;
  Tally tally(form);
  for (const std::string_view answers :
       {R"({"came":1,"liked":["talks","music","other"],"liked-Comment":"the garden","again":9})",
        R"({"came":"1","again":10,"words":"  "})", R"({"came":0,"again":3,"words":"ill"})"}) {
    const auto accepted = validate_answers(form, answers);
    ASSERT_TRUE(accepted) << accepted.error().fields[0].reason;
    ASSERT_TRUE(tally.add(accepted->json)) << accepted->json;
  }
  EXPECT_EQ(tally.responses(), 3U);
  const auto counts = make_report(tally, 5).questions;
  ASSERT_EQ(counts.size(), 4U);
  EXPECT_EQ(counts[0].answered, 3U);
  EXPECT_EQ(counts[0].counts[0].count, 2U);
  EXPECT_EQ(counts[1].answered, 1U);
  EXPECT_EQ(counts[1].not_shown, 1U);
  EXPECT_EQ(counts[1].skipped, 1U);
  EXPECT_EQ(counts[1].counts[3].text, "Other");
  EXPECT_EQ(counts[1].counts[3].count, 1U);
  EXPECT_EQ(counts[2].answered, 2U);
  ASSERT_TRUE(counts[2].nps);
  EXPECT_DOUBLE_EQ(counts[2].nps->score, 100.0);
  EXPECT_EQ(counts[3].answered, 1U);
}

}  // namespace
}  // namespace probity::report
