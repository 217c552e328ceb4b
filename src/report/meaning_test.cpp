#include "report/meaning.hpp"

#include <gtest/gtest.h>

#include "report/count.hpp"
#include "report/report.hpp"

namespace probity::report {
namespace {

using form::parse_questionnaire;

constexpr std::string_view k_form = R"({"elements":[
  {"type":"text","name":"n","inputType":"number"},
  {"type":"text","name":"d","inputType":"date"},
  {"type":"text","name":"m","inputType":"month"}]})";

TEST(Meaning, GivesNumbersAndDatesBack) {
  const auto parsed = parse_questionnaire(k_form);
  ASSERT_TRUE(parsed);
  const auto& questions = parsed->questionnaire.questions;
  for (const double number : {0.0, -0.5, 2147483648.0, -9.2e18, 1e300})
    EXPECT_EQ(answer_of_number(questions[0], number), Value(number));
  EXPECT_EQ(answer_of_number(questions[1], 0), Value("1970-01-01"));
  EXPECT_EQ(answer_of_number(questions[1], 11'356), Value("2001-02-03"));
  EXPECT_EQ(answer_of_number(questions[2], 2001 * 12 + 1), Value("2001-02"));
}

/// Found by the fuzz target of columns: such a number is beyond every whole type.
TEST(Meaning, CountsNumbersBeyondEveryWholeType) {
  const auto parsed = parse_questionnaire(k_form);
  ASSERT_TRUE(parsed);
  auto filter = Filter::parse(parsed->questionnaire, "{n} < 5");
  ASSERT_TRUE(filter);
  Tally tally(parsed->questionnaire, std::move(*filter));
  for (const std::string_view answers :
       {R"({"n":1e300})", R"({"n":-1e300})", R"({"n":9223372036854775807})", R"({"n":4})"})
    ASSERT_TRUE(tally.add(answers));
  EXPECT_EQ(tally.responses(), 2U);
  EXPECT_FALSE(make_report(tally, 1).questions.empty());
}

}  // namespace
}  // namespace probity::report
