#include "feature/survey/demonstration.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "audit/read.hpp"
#include "base/json.hpp"
#include "embedded/demonstration_json.hpp"
#include "feature/survey/invented.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "form/answers.hpp"

namespace probity::survey {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const form::Value& content() {
  static const form::Value all = [] {
    auto parsed = form::parse_value(embedded::demonstration_json, {1024 * 1024, 64});
    EXPECT_TRUE(parsed);
    return parsed ? std::move(*parsed) : form::Value();
  }();
  return all;
}

form::Questionnaire questionnaire_of(std::string_view name) {
  std::string json;
  form::append_value(json, *content().find(name));
  auto parsed = form::parse_questionnaire(json);
  EXPECT_TRUE(parsed) << name;
  EXPECT_THAT(parsed->warnings, IsEmpty()) << name;
  return std::move(parsed->questionnaire);
}

TEST(Invented, AnswersFollowFromTheSeed) {
  const form::Value& words = *content().find("words");
  Inventor first(words, 1);
  Inventor again(words, 1);
  Inventor other(words, 2);
  int different = 0;
  for (int i = 0; i < 50; ++i) {
    const form::Value one = first.visitor();
    EXPECT_TRUE(one == again.visitor());
    if (!(one == other.visitor())) ++different;
  }
  EXPECT_GT(different, 45);
}

TEST(Invented, AnswersFitTheirQuestionnairesAndNothingIsDropped) {
  const form::Value& words = *content().find("words");
  for (const std::uint64_t seed : {1, 2, 3}) {
    Inventor inventor(words, seed);
    const auto library = questionnaire_of("library");
    const auto pulse = questionnaire_of("pulse");
    for (int i = 0; i < 500; ++i) {
      for (const auto& [questionnaire, answers] :
           {std::pair{&library, inventor.visitor()}, {&pulse, inventor.colleague()}}) {
        const auto taken = form::validate_answers(*questionnaire, answers);
        ASSERT_TRUE(taken) << taken.error().fields.front().reason;
        EXPECT_THAT(taken->dropped, IsEmpty());
        EXPECT_THAT(taken->json, Not(HasSubstr("\"\"")));
      }
    }
  }
}

/// Mean score of the visitors of whom `holds` is true.
template <typename Holds>
double mean_score(const std::vector<form::Value>& visitors, Holds holds) {
  double sum = 0;
  int count = 0;
  for (const form::Value& one : visitors) {
    const form::Value* score = one.find("recommend");
    if (score == nullptr || !holds(one)) continue;
    sum += *score->number();
    ++count;
  }
  return count == 0 ? -1 : sum / count;
}

TEST(Invented, AnswersHangTogether) {
  Inventor inventor(*content().find("words"), 7);
  std::vector<form::Value> visitors;
  for (int i = 0; i < 2000; ++i)
    visitors.push_back(inventor.visitor());
  const auto comes = [&](std::string_view often) {
    return mean_score(visitors, [&](const form::Value& one) {
      const form::Value* member = one.find("often");
      return member != nullptr && *member->text() == often;
    });
  };
  EXPECT_GT(comes("weekly"), comes("monthly") + 0.3);
  EXPECT_GT(comes("monthly"), comes("rarely") + 0.3);
  const auto rates_staff = [&](double wanted) {
    return mean_score(visitors, [&](const form::Value& one) {
      const form::Value* rows = one.find("aspects");
      const form::Value* staff = rows == nullptr ? nullptr : rows->find("staff");
      return staff != nullptr && staff->number() != nullptr && *staff->number() == wanted;
    });
  };
  EXPECT_GT(rates_staff(5), rates_staff(3) + 1);
  // No score is everybody's and none is nobody's.
  std::map<int, int> scores;
  for (const form::Value& one : visitors)
    if (const form::Value* score = one.find("recommend"))
      ++scores[static_cast<int>(*score->number())];
  for (int score = 2; score <= 10; ++score)
    EXPECT_GT(scores[score], 10) << score;
  for (const auto& [score, count] : scores)
    EXPECT_LT(count, 800) << score;
}

class Demonstrating : public SurveyRoom {
 protected:
  Result<DemonstrationReport> fill() {
    return fill_demonstration({*engine_, log_, tenant_, UserId::make(clock_.now()), clock_.now()});
  }
};

TEST_P(Demonstrating, ShowsARunningAClosedAndADraftSurvey) {
  const auto filled = fill();
  ASSERT_TRUE(filled) << filled.error().detail;
  EXPECT_EQ(filled->surveys, 3);
  const Reply list = get("/api/v1/surveys");
  std::vector<std::string> states;
  for (const char* i : {"0", "1", "2"}) {
    const std::string at = std::string("/items/") + i;
    states.push_back(list.text(at + "/mode") + " " + list.text(at + "/status") + " " +
                     list.at(at + "/responses"));
  }
  EXPECT_THAT(states,
              ElementsAre("anonymous closed 148", "confidential open 412", "anonymous draft 0"));
  EXPECT_EQ(filled->responses, 148 + 412);
  EXPECT_THAT(list.text("/items/1/title"), HasSubstr("(demonstration)"));
  const std::string id = list.text("/items/1/id");
  const Reply report = get("/api/v1/surveys/" + id + "/report");
  EXPECT_EQ(report.at("/responses"), "412");
  const Reply page = get("/s/" + get("/api/v1/surveys/" + id).text("/token") + "?lang=de");
  EXPECT_THAT(page.body, HasSubstr("Diese Bücherei gibt es nicht"));
}

TEST_P(Demonstrating, AnswersCameInTheWeeksBefore) {
  ASSERT_TRUE(fill());
  const std::string id = get("/api/v1/surveys").text("/items/1/id");
  const Reply all = get("/api/v1/surveys/" + id + "/responses?limit=1000");
  auto parsed = parse_json(all.body, {64, 64ULL * 1024 * 1024});
  ASSERT_TRUE(parsed);
  std::set<std::string> days;
  std::set<std::string> answers;
  for (const auto& item : parsed->at("items").as_array()) {
    const std::string at(item.at("received_at").as_string());
    const auto moment = parse_rfc3339(at);
    ASSERT_TRUE(moment);
    EXPECT_LT(*moment, clock_.now());
    EXPECT_GT(*moment, clock_.now() - Span::days(28));
    days.insert(at.substr(0, 10));
    answers.insert(boost::json::serialize(item.at("answers")));
  }
  EXPECT_GE(days.size(), 24U);
  EXPECT_GT(answers.size(), 390U);
}

TEST_P(Demonstrating, TheAuditLogSaysWhenAndByWhomItReallyHappened) {
  ASSERT_TRUE(fill());
  auto reader = engine_->read(store::Space::of(tenant_), store::k_grant_all);
  ASSERT_TRUE(reader);
  const auto entries = audit::list_entries(**reader, 0, 1000);
  ASSERT_TRUE(entries);
  std::map<std::string, int> actions;
  for (const audit::ChainedEntry& chained : *entries) {
    ++actions[chained.entry.action];
    if (chained.entry.action.starts_with("survey.") ||
        chained.entry.action.starts_with("response.")) {
      EXPECT_EQ(chained.entry.actor, "cli");
      EXPECT_EQ(chained.entry.at, clock_.now());
    }
  }
  EXPECT_EQ(actions["response.submit"], 148 + 412);
  EXPECT_EQ(actions["survey.create"], 3);
  EXPECT_EQ(actions["survey.publish"], 2);
  EXPECT_EQ(actions["survey.close"], 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, Demonstrating, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
