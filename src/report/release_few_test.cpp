#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/release.hpp"
#include "report/report.hpp"

/// What single people could be found by that are few for another reason than a rare choice.
namespace probity::report {
namespace {

using form::parse_questionnaire;
using form::Parsed;

constexpr std::uint64_t k_least = 5;

constexpr std::string_view k_form = R"({"elements":[
  {"type":"radiogroup","name":"role","choices":["x","y"]},
  {"type":"checkbox","name":"many","choices":["p","q"]},
  {"type":"matrix","name":"grid","columns":["c","d"],"rows":["r"]},
  {"type":"radiogroup","name":"secret","choices":["yes","no"]},
  {"type":"text","name":"age","inputType":"number"}]})";

/// Twenty people whose answers go together in no way, and one more.
std::vector<std::string> people_with(std::string one) {
  std::vector<std::string> out;
  for (int i = 0; i < 20; ++i)
    out.push_back(fmt::format(R"({{"role":"{}","many":["{}"],"grid":{{"r":"{}"}},"secret":"{}"}})",
                              "xy"[i % 2], "pq"[i % 2], "cd"[i % 2],
                              i / 2 % 2 == 0 ? "yes" : "no"));
  out.push_back(std::move(one));
  return out;
}

Report report_of(const Parsed& parsed, const std::vector<std::string>& people,
                 std::string_view filter, std::string_view weight = {}) {
  Selection selection;
  if (!filter.empty()) {
    auto made = Filter::parse(parsed.questionnaire, filter);
    EXPECT_TRUE(made) << filter;
    selection.filter = std::move(*made);
  }
  Tally tally(parsed.questionnaire, std::move(selection),
              weight.empty() ? std::nullopt : parsed.questionnaire.find(weight));
  for (const std::string& answers : people)
    EXPECT_TRUE(tally.add(answers));
  return make_report(tally, k_least);
}

/// Whether a group is shown must not depend on what else the one answered.
TEST(ReleaseOfFew, AnOldAnswerTellsNothingOfTheOthersOfWhoGaveIt) {
  const Parsed parsed = *parse_questionnaire(k_form);
  for (const std::string_view old : {"{role} = 'old'", "{many} contains 'old'", "{grid.r} = 'old'"})
    for (const std::string_view secret : {"yes", "no"}) {
      const auto people = people_with(fmt::format(
          R"({{"role":"old","many":["old"],"grid":{{"r":"old"}},"secret":"{}"}})", secret));
      const Report yes = report_of(parsed, people, fmt::format("{{secret}} = 'yes' or {}", old));
      const Report no = report_of(parsed, people, fmt::format("{{secret}} = 'no' or {}", old));
      EXPECT_EQ(yes.verdict, no.verdict) << old << ", " << secret;
      EXPECT_FALSE(report_of(parsed, people, old).is_shown());
    }
}

/// One who has a weight among many without one is a few.
TEST(ReleaseOfFew, WeightsOfAFewAreNotTold) {
  const Parsed parsed = *parse_questionnaire(k_form);
  auto people = people_with(R"({"role":"x","many":["p"],"secret":"yes","age":57})");
  const auto tells_weights = [](const Report& report) {
    return std::ranges::any_of(report.questions, [](const QuestionCount& question) {
      return std::ranges::any_of(question.counts,
                                 [](const ChoiceCount& one) { return one.weighted.has_value(); });
    });
  };
  EXPECT_FALSE(tells_weights(report_of(parsed, people, {}, "age")));
  EXPECT_FALSE(report_of(parsed, people, "{secret} = 'yes'", "age").is_shown());
  EXPECT_FALSE(report_of(parsed, people, "{secret} = 'no'", "age").is_shown());
  EXPECT_TRUE(report_of(parsed, people, "{secret} = 'no'").is_shown());
  // Enough of them on each side.
  for (int i = 0; i < 10; ++i)
    people.push_back(fmt::format(R"({{"role":"x","secret":"{}","age":3}})", i < 5 ? "yes" : "no"));
  EXPECT_TRUE(tells_weights(report_of(parsed, people, {}, "age")));
  EXPECT_TRUE(report_of(parsed, people, "{secret} = 'yes'", "age").is_shown());
}

}  // namespace
}  // namespace probity::report
