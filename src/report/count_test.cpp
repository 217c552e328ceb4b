#include "report/report.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "form/answers.hpp"

namespace probity::report {
namespace {

using form::k_filter_max_bytes;
using form::parse_questionnaire;
using form::Parsed;
using form::validate_answers;

constexpr std::string_view k_fair = R"({"elements":[
  {"type":"radiogroup","name":"one","title":"One?",
   "choices":[{"value":1,"text":"low"},{"value":3,"text":"high"},"n/a"],
   "hasOther":true},
  {"type":"checkbox","name":"many","choices":["x","y"]},
  {"type":"rating","name":"nps","rateMin":0,"rateMax":10},
  {"type":"matrix","name":"grid","columns":[1,2],"rows":["r","s"]},
  {"type":"ranking","name":"rank","choices":["x","y"]},
  {"type":"multipletext","name":"lines","items":[{"name":"i"},{"name":"k"}]},
  {"type":"text","name":"words"},
  {"type":"boolean","name":"flag"},
  {"type":"text","name":"more","visibleIf":"{flag} = true"},
  {"type":"html","html":"x"}]})";

class Fair : public testing::Test {
 protected:
  Fair() : parsed(*parse_questionnaire(k_fair)), form(parsed.questionnaire) {}

  void add(Tally& tally, std::string_view answers) const {
    const auto accepted = validate_answers(form, answers);
    ASSERT_TRUE(accepted) << accepted.error().fields[0].reason;
    ASSERT_TRUE(tally.add(accepted->json));
  }
  void add_all(Tally& tally) const {
    add(tally, R"({"one":1,"many":["x","y"],"nps":10,"grid":{"r":1,"s":2},"rank":["y","x"],
                   "lines":{"i":"a"},"words":"w","flag":true,"more":"m"})");
    add(tally, R"({"one":3,"many":["y"],"nps":7,"grid":{"r":1},"rank":["x","y"],"flag":false})");
    add(tally, R"({"one":"n/a","nps":0,"flag":true})");
    add(tally, R"({"one":"other","one-Comment":"q","nps":9})");
    add(tally, "{}");
  }

  Parsed parsed;
  const Questionnaire& form;
};

TEST_F(Fair, AnsweredAndBlankMakeTheResponses) {
  Tally tally(form);
  add_all(tally);
  EXPECT_EQ(tally.responses(), 5U);
  for (const QuestionCount& question : make_report(tally, 5).questions) {
    EXPECT_EQ(question.answered + question.blank, 5U) << question.name;
    EXPECT_EQ(question.not_shown + question.skipped, question.blank) << question.name;
  }
}

TEST_F(Fair, CountsEveryKind) {
  Tally tally(form);
  add_all(tally);
  const auto counts = make_report(tally, 5).questions;
  ASSERT_EQ(counts.size(), 9U);
  const QuestionCount& one = counts[0];
  EXPECT_EQ(one.title, "One?");
  EXPECT_EQ(one.type, "radiogroup");
  EXPECT_EQ(one.answered, 4U);
  ASSERT_EQ(one.counts.size(), 4U);
  EXPECT_EQ(one.counts[0].text, "low");
  for (const ChoiceCount& choice : one.counts)
    EXPECT_EQ(choice.count, 1U) << choice.text;
  EXPECT_DOUBLE_EQ(*one.mean, 2.0);
  EXPECT_EQ(counts[1].answered, 2U);
  EXPECT_EQ(counts[1].counts[0].count, 1U);
  EXPECT_EQ(counts[1].counts[1].count, 2U);
  EXPECT_FALSE(counts[1].mean);
  const PromoterScore& nps = counts[2].nps.value();
  EXPECT_EQ(nps.promoters, 2U);
  EXPECT_EQ(nps.passives, 1U);
  EXPECT_EQ(nps.detractors, 1U);
  EXPECT_DOUBLE_EQ(nps.score, 25.0);
  EXPECT_DOUBLE_EQ(*counts[2].mean, 6.5);
  const QuestionCount& grid = counts[3];
  ASSERT_EQ(grid.parts.size(), 2U);
  EXPECT_EQ(grid.parts[0].counts[0].count, 2U);
  EXPECT_EQ(grid.parts[1].answered, 1U);
  EXPECT_EQ(grid.counts[0].count, 2U);
  const QuestionCount& rank = counts[4];
  EXPECT_DOUBLE_EQ(*rank.parts[0].mean, 1.5);
  EXPECT_EQ(rank.parts[0].counts[0].count, 1U);
  EXPECT_EQ(counts[5].parts[0].answered, 1U);
  EXPECT_EQ(counts[5].parts[1].answered, 0U);
  EXPECT_TRUE(counts[6].counts.empty());
  EXPECT_EQ(counts[6].answered, 1U);
  EXPECT_EQ(counts[7].counts[0].text, "Yes");
  EXPECT_EQ(counts[7].counts[0].count, 2U);
  EXPECT_FALSE(counts[7].mean);
  EXPECT_EQ(counts[8].answered, 1U);
  EXPECT_EQ(counts[8].not_shown, 3U);
  EXPECT_EQ(counts[8].skipped, 1U);
}

TEST_F(Fair, MergesToTheSame) {
  Tally whole(form);
  Tally first(form);
  Tally second(form);
  add_all(whole);
  add_all(whole);
  add_all(first);
  add_all(second);
  first.merge(second);
  JsonWriter a;
  JsonWriter b;
  a.begin_object();
  b.begin_object();
  write_report(a, whole);
  write_report(b, first);
  EXPECT_EQ(a.text(), b.text());
}

TEST_F(Fair, SplitsByFilter) {
  const auto count = [&](std::string_view text) {
    auto filter = Filter::parse(form, text);
    EXPECT_TRUE(filter) << text << filter.error().fields[0].reason;
    Tally tally(form, std::move(*filter));
    add_all(tally);
    return tally.responses();
  };
  EXPECT_EQ(count("one=low"), 1U);
  EXPECT_EQ(count("one=1"), 1U);
  EXPECT_EQ(count("many=y"), 2U);
  EXPECT_EQ(count("many=y&one=3"), 1U);
  EXPECT_EQ(count("flag=true"), 2U);
  EXPECT_EQ(count("flag=Yes"), 2U);
  EXPECT_EQ(count("words=w"), 1U);
  EXPECT_EQ(count("words="), 4U);
  EXPECT_EQ(count("{nps} >= 9"), 2U);
  EXPECT_EQ(count("{grid.s} = 2 or {one-Comment} notempty"), 2U);
  EXPECT_EQ(count("{one} = 'nobody'"), 0U);
}

/// As an archive of somebody else's may hold: more were chosen than answered, so nobody seems left
/// who did not choose it.
TEST_F(Fair, IsNotToldOfOptionsChosenTwice) {
  Tally tally(form, *Filter::parse(form, "many=x"));
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(tally.add(R"({"many":["x","x"]})"));
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(tally.add(R"({"many":["y"]})"));
  EXPECT_EQ(tally.responses(), 20U);
  EXPECT_FALSE(make_report(tally, 5).is_shown());
}

TEST_F(Fair, NamesWhatIsWrongWithAFilter) {
  for (const std::string_view text :
       {"one", "nobody=1", "{nobody} = 1", "{one} =", "today({one})", ""}) {
    const auto filter = Filter::parse(form, text);
    ASSERT_FALSE(filter) << text;
    EXPECT_EQ(filter.error().fields.at(0).field, "filter");
  }
  EXPECT_TRUE(Filter::parse(form, "words=" + std::string(k_filter_max_bytes - 100, 'x')));
  EXPECT_EQ(Filter::parse(form, "words=" + std::string(k_filter_max_bytes, 'x')).error().code,
            Code::LimitExceeded);
  EXPECT_TRUE(Filter::parse(form, "words=it's a \\ \"quote\""));
}

TEST_F(Fair, PassesOverWhatOtherVersionsKnew) {
  Tally tally(form);
  ASSERT_TRUE(tally.add(R"({"gone":1,"one":"once","many":["x","old"],"nps":10})"));
  const auto counts = make_report(tally, 5).questions;
  EXPECT_EQ(counts[0].answered, 1U);
  EXPECT_EQ(counts[0].undeclared, 1U);
  EXPECT_EQ(counts[1].counts[0].count, 1U);
  EXPECT_EQ(counts[1].undeclared, 1U);
  EXPECT_EQ(counts[2].counts[10].count, 1U);
}

TEST_F(Fair, RefusesWhatIsNoObject) {
  Tally tally(form);
  for (const std::string_view text : {"", "[]", "{", "5", "{\"one\":}", "\xff"})
    EXPECT_FALSE(tally.add(text)) << text;
  EXPECT_EQ(tally.responses(), 0U);
  ASSERT_TRUE(tally.add("{}"));
}

TEST(Tally, TellsChoicesOfOneTextApart) {
  const auto parsed = parse_questionnaire(
      R"({"elements":[{"type":"dropdown","name":"a",
          "choices":[{"value":"p","text":"same"},{"value":"q","text":"same"}]}]})");
  ASSERT_TRUE(parsed);
  const Tally tally(parsed->questionnaire);
  const auto counts = make_report(tally, 5).questions;
  EXPECT_EQ(counts[0].counts[0].text, "same");
  EXPECT_EQ(counts[0].counts[1].text, "same (q)");
}

TEST(Tally, HasNoMeanWithoutNumbers) {
  const auto parsed = parse_questionnaire(
      R"({"elements":[{"type":"dropdown","name":"a","choices":["N/A","1","2"]},
                      {"type":"dropdown","name":"b","choices":["x"]}]})");
  ASSERT_TRUE(parsed);
  Tally tally(parsed->questionnaire);
  ASSERT_TRUE(tally.add(R"({"a":"2","b":"x"})"));
  ASSERT_TRUE(tally.add(R"({"a":"N/A"})"));
  EXPECT_DOUBLE_EQ(*make_report(tally, 5).questions[0].mean, 2.0);
  EXPECT_FALSE(make_report(tally, 5).questions[1].mean);
}

TEST(Tally, WritesTheReportOfTheContract) {
  const auto parsed = parse_questionnaire(
      R"({"elements":[{"type":"rating","name":"n","title":"T","rateMin":0,"rateMax":10}]})");
  ASSERT_TRUE(parsed);
  Tally tally(parsed->questionnaire);
  ASSERT_TRUE(tally.add(R"({"n":10})"));
  ASSERT_TRUE(tally.add("{}"));
  JsonWriter out;
  out.begin_object();
  write_report(out, tally);
  out.end_object();
  EXPECT_EQ(out.text(),
            R"({"responses":2,"questions":[{"name":"n","title":"T","type":"rating","answered":1,)"
            R"("blank":1,"not_shown":0,"skipped":1,"counts":{"0":0,"1":0,"2":0,"3":0,"4":0,"5":0,)"
            R"("6":0,"7":0,"8":0,"9":0,"10":1},"mean":10,"deviation":0,"median":10,"nps":100,)"
            R"("promoters":1,"passives":0,"detractors":0,"nps_interval":{"low":-73.353592807895)"
            R"(78,"high":100},"shares":[)"
            R"({"text":"0","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"1","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"2","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"3","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"4","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"5","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"6","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"7","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"8","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"9","share":0,"low":0,"high":0.7934506856227626},)"
            R"({"text":"10","share":1,"low":0.20654931437723745,"high":1}]}],)"
            R"("methods":{"shares":"Wilson score interval, 95 %",)"
            R"("nps_interval":"adjusted Wald interval for a difference of multinomial )"
            R"(shares (Bonett and Price 2012), 95 %"}})");
}

/// By weight, too, the time of a report grows with what it tells and not with its square.
TEST(Tally, WeighsAQuestionnaireOfManyOptionsInLittleTime) {
  constexpr auto k_enough = std::chrono::seconds(5);
  std::string choices;
  for (int i = 0; i < 200; ++i)
    choices += fmt::format("{}{}", i == 0 ? "" : ",", i);
  std::string form = R"({"elements":[{"type":"text","name":"w","inputType":"number"})";
  for (int i = 0; i < 400; ++i)
    form += fmt::format(R"(,{{"type":"checkbox","name":"q{}","choices":[{}]}})", i, choices);
  const auto parsed = parse_questionnaire(form + "]}");
  ASSERT_TRUE(parsed);
  const auto begin = std::chrono::steady_clock::now();
  Tally tally(parsed->questionnaire, {}, parsed->questionnaire.find("w"));
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(tally.add(fmt::format(R"({{"w":{},"q1":[{}]}})", 1 + i % 3, i % 2)));
  const Report report = make_report(tally, 5);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, k_enough);
  ASSERT_EQ(report.questions.size(), 401U);
  ASSERT_TRUE(report.questions[2].counts[0].weighted);
  EXPECT_NEAR(report.questions[2].counts[0].weighted->value, 0.5, 0.05);
}

}  // namespace
}  // namespace probity::report
