#include "form/answers.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "form/answer_value.hpp"

namespace probity::form {
namespace {

Questionnaire form_of(const std::string& elements) {
  auto parsed = parse_questionnaire("{\"elements\":[" + elements + "]}");
  EXPECT_TRUE(parsed) << parsed.error().fields[0].field << " " << parsed.error().fields[0].reason;
  return parsed ? std::move(parsed->questionnaire) : Questionnaire();
}

/// The stored form, or "FIELD: REASON" of the first refusal.
std::string outcome(const Questionnaire& form, std::string_view answers) {
  const auto accepted = validate_answers(form, answers);
  if (accepted) return accepted->json;
  if (accepted.error().fields.empty()) return accepted.error().hint;
  return accepted.error().fields[0].field + ": " + accepted.error().fields[0].reason;
}

bool is_taken(const Questionnaire& form, std::string_view answers) {
  return validate_answers(form, answers).has_value();
}

TEST(Answers, KeepTextAsItIs) {
  const auto form = form_of(R"({"type":"text","name":"a"},{"type":"comment","name":"b"})");
  EXPECT_EQ(outcome(form, R"({"b":"two\nlines","a":" x "})"), R"({"a":" x ","b":"two\nlines"})");
  EXPECT_EQ(outcome(form, R"({"a":"","b":"  "})"), "{}");
  EXPECT_EQ(outcome(form, R"({"a":5})"), "/answers/a: The answer must be text.");
  EXPECT_EQ(outcome(form, R"({"a":["x"]})"), "/answers/a: The answer must be text.");
  EXPECT_FALSE(is_taken(form, R"({"a":"x\u0000y"})"));
  EXPECT_FALSE(is_taken(form, R"({"a":"x\u001by"})"));
}

TEST(Answers, OfNothingAreABlankSheetWhereSomethingWasAsked) {
  const auto blank = [](const std::string& elements, std::string_view json) {
    const auto form = form_of(elements);
    const auto answers = validate_answers(form, json);
    return answers && is_blank_sheet(form, *answers);
  };
  const std::string asking = R"({"type":"text","name":"a"})";
  EXPECT_TRUE(blank(asking, "{}"));
  EXPECT_TRUE(blank(asking, R"({"a":"  "})"));
  EXPECT_FALSE(blank(asking, R"({"a":"x"})"));
  EXPECT_FALSE(blank(R"({"type":"html","name":"h","html":"x"})", "{}"));
}

TEST(Answers, NameUndeclaredFields) {
  const auto form = form_of(R"({"type":"text","name":"a"},{"type":"html","name":"h","html":"x"})");
  const auto refused = validate_answers(form, R"({"a":"x","b":"y","c":1,"h":2,"a-Comment":"z"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidAnswers);  // a-Comment is known but not taken
  EXPECT_EQ(refused.error().fields.size(), 4U);
  const auto unknown = validate_answers(form, R"({"b":"my secret"})");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::UnknownField);
  EXPECT_EQ(unknown.error().fields[0].field, "/answers/b");
  EXPECT_EQ(unknown.error().fields[0].reason.find("secret"), std::string::npos);
}

TEST(Answers, NeverRepeatWhatWasAnswered) {
  const auto form = form_of(
      R"({"type":"text","name":"a","inputType":"email"},{"type":"dropdown","name":"b",
         "choices":[1]},{"type":"text","name":"c","maxLength":3},
         {"type":"text","name":"d","inputType":"number"})");
  const auto refused =
      validate_answers(form, R"({"a":"canary","b":"canary","c":"canary","d":"canary"})");
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().fields.size(), 4U);
  for (const FieldError& field : refused.error().fields)
    EXPECT_EQ(field.reason.find("canary"), std::string::npos) << field.reason;
}

TEST(Answers, KeepLengthLimits) {
  const auto form =
      form_of(R"({"type":"text","name":"a","maxLength":5},{"type":"comment","name":"b"})");
  EXPECT_TRUE(is_taken(form, R"({"a":"1234"})"));
  EXPECT_TRUE(is_taken(form, R"({"a":"12345"})"));
  EXPECT_EQ(outcome(form, R"({"a":"123456"})"),
            "/answers/a: The answer has 6 characters; at most 5 are taken.");
  EXPECT_TRUE(is_taken(form, R"({"a":"äöüßé"})"));
  EXPECT_TRUE(is_taken(form, R"({"a":"😀😀1"})"));
  EXPECT_FALSE(is_taken(form, R"({"a":"😀😀😀"})"));  // Two units each, as browsers count.
  const auto comment = [](std::size_t n) { return "{\"b\":\"" + std::string(n, 'x') + "\"}"; };
  EXPECT_TRUE(is_taken(form, comment(k_comment_answer_max - 1)));
  EXPECT_TRUE(is_taken(form, comment(k_comment_answer_max)));
  EXPECT_FALSE(is_taken(form, comment(k_comment_answer_max + 1)));
  const auto open = form_of(R"({"type":"text","name":"b"})");
  EXPECT_TRUE(is_taken(open, comment(k_text_answer_max - 1)));
  EXPECT_TRUE(is_taken(open, comment(k_text_answer_max)));
  EXPECT_FALSE(is_taken(open, comment(k_text_answer_max + 1)));
}

TEST(Answers, KeepNumbersInBounds) {
  const auto form =
      form_of(R"({"type":"text","name":"a","inputType":"number","min":1,"max":5,"step":0.5})");
  EXPECT_EQ(outcome(form, R"({"a":"2.5"})"), R"({"a":2.5})");
  EXPECT_EQ(outcome(form, R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(outcome(form, R"({"a":5})"), R"({"a":5})");
  EXPECT_EQ(outcome(form, R"({"a":0.5})"), "/answers/a: The answer must be at least 1.");
  EXPECT_EQ(outcome(form, R"({"a":5.5})"), "/answers/a: The answer must be at most 5.");
  EXPECT_EQ(outcome(form, R"({"a":1.2})"), "/answers/a: The answer must go in steps of 0.5.");
  EXPECT_EQ(outcome(form, R"({"a":"many"})"), "/answers/a: The answer must be a number.");
  EXPECT_EQ(outcome(form, R"({"a":true})"), "/answers/a: The answer must be a number.");
}

struct Typed {
  std::string_view type;
  std::string_view good;
  std::string_view bad;
};

TEST(Answers, CheckTheFormOfInputTypes) {
  for (const Typed& t :
       {Typed{"date", "2024-02-29", "2023-02-29"}, Typed{"date", "2026-12-31", "31.12.2026"},
        Typed{"month", "2026-02", "2026-13"}, Typed{"week", "2026-W53", "2025-W53"},
        Typed{"week", "2020-W01", "2020-W00"}, Typed{"time", "23:59", "24:00"},
        Typed{"time", "23:59:59.123", "23:59:"},
        Typed{"datetime-local", "2026-03-31T08:00", "2026-03-31"},
        Typed{"email", "a.b+c@example.org", "a@b"},
        Typed{"email", "ü@exämple.org", "a b@example.org"},
        Typed{"url", "https://example.org/x", "example.org"}, Typed{"color", "#1a2B3c", "red"}}) {
    const auto form =
        form_of(fmt::format(R"({{"type":"text","name":"a","inputType":"{}"}})", t.type));
    EXPECT_TRUE(is_taken(form, fmt::format(R"({{"a":"{}"}})", t.good))) << t.good;
    EXPECT_FALSE(is_taken(form, fmt::format(R"({{"a":"{}"}})", t.bad))) << t.bad;
  }
}

TEST(Answers, KeepDatesInBounds) {
  const auto form = form_of(
      R"({"type":"text","name":"a","inputType":"date","min":"2026-03-01","max":"2026-03-31"})");
  EXPECT_FALSE(is_taken(form, R"({"a":"2026-02-28"})"));
  EXPECT_TRUE(is_taken(form, R"({"a":"2026-03-01"})"));
  EXPECT_TRUE(is_taken(form, R"({"a":"2026-03-31"})"));
  EXPECT_EQ(outcome(form, R"({"a":"2026-04-01"})"),
            "/answers/a: The answer must not be after 2026-03-31.");
}

TEST(Answers, StoreTheDeclaredValueOfAChoice) {
  const auto form = form_of(
      R"({"type":"radiogroup","name":"a","choices":[1,{"value":2,"text":"two"},"x"]},
         {"type":"dropdown","name":"b","choices":["x"],"hasNone":true},
         {"type":"boolean","name":"c"},
         {"type":"boolean","name":"d","valueTrue":"on","valueFalse":"off"},
         {"type":"rating","name":"e","rateMin":0,"rateMax":10})");
  EXPECT_EQ(outcome(form, R"({"a":"2","b":"none","c":"true","d":"off","e":"0"})"),
            R"({"a":2,"b":"none","c":true,"d":"off","e":0})");
  EXPECT_EQ(outcome(form, R"({"a":"two"})"), "/answers/a: The answer is not one of the choices.");
  EXPECT_EQ(outcome(form, R"({"a":[1]})"), "/answers/a: The answer must be one of the choices.");
  EXPECT_FALSE(is_taken(form, R"({"d":true})"));
  EXPECT_FALSE(is_taken(form, R"({"e":-1})"));
  EXPECT_FALSE(is_taken(form, R"({"e":11})"));
  EXPECT_FALSE(is_taken(form, R"({"e":5.5})"));
}

TEST(Answers, StoreListsInDeclaredOrder) {
  const auto form = form_of(
      R"({"type":"checkbox","name":"a","choices":["x","y","z"],"showNoneItem":true,
          "minSelectedChoices":2,"maxSelectedChoices":3})");
  EXPECT_EQ(outcome(form, R"({"a":["z","x"]})"), R"({"a":["x","z"]})");
  EXPECT_EQ(outcome(form, R"({"a":["none"]})"), R"({"a":["none"]})");
  EXPECT_EQ(outcome(form, R"({"a":[]})"), "{}");
  EXPECT_EQ(outcome(form, R"({"a":["x"]})"), "/answers/a: 1 are chosen; at least 2 are needed.");
  EXPECT_EQ(outcome(form, R"({"a":["x","none"]})"),
            "/answers/a: \"None\" cannot be chosen together with others.");
  EXPECT_EQ(outcome(form, R"({"a":["x","x"]})"),
            "/answers/a: A choice stands twice in the answer.");
  EXPECT_EQ(outcome(form, R"({"a":"x"})"), "/answers/a: The answer must be a list of choices.");
  EXPECT_FALSE(is_taken(form, R"({"a":[["x"]]})"));
}

TEST(Answers, RankEverythingUnlessAllowed) {
  const auto form = form_of(
      R"({"type":"ranking","name":"a","choices":["x","y","z"]},
         {"type":"ranking","name":"b","choices":["x","y","z"],"selectToRankEnabled":true})");
  EXPECT_EQ(outcome(form, R"({"a":["z","x","y"],"b":["y"]})"), R"({"a":["z","x","y"],"b":["y"]})");
  EXPECT_EQ(outcome(form, R"({"a":["z","x"]})"), "/answers/a: All 3 must be given a place.");
}

TEST(Answers, KeepMatrixRowsAndColumns) {
  const auto form = form_of(
      R"({"type":"matrix","name":"a","columns":[1,2],"rows":["r","s"],"eachRowUnique":true},
         {"type":"matrix","name":"b","columns":[1,2],"rows":["r","s"],"eachRowRequired":true})");
  EXPECT_EQ(outcome(form, R"({"a":{"s":"2"},"b":{"s":1,"r":1}})"),
            R"({"a":{"s":2},"b":{"r":1,"s":1}})");
  EXPECT_EQ(outcome(form, R"({"b":{"s":1}})"),
            "/answers/b/r: Every row needs an answer; \"r\" has none.");
  EXPECT_FALSE(is_taken(form, "{}"));
  const std::string rest = R"(,"b":{"s":1,"r":1}})";
  EXPECT_EQ(outcome(form, R"({"a":{"r":1,"s":1})" + rest),
            "/answers/a: Every row must have a different answer.");
  EXPECT_EQ(outcome(form, R"({"a":{"t":1})" + rest),
            "/answers/a: The answer names a row that does not exist.");
  EXPECT_EQ(outcome(form, R"({"a":{"r":3})" + rest),
            "/answers/a/r: The answer is not one of the choices.");
  EXPECT_EQ(outcome(form, R"({"a":[1])" + rest),
            "/answers/a: The answer must be an object with one member for each part.");
}

TEST(Answers, KeepItemsOfMultipletext) {
  const auto form = form_of(
      R"({"type":"multipletext","name":"a","items":[{"name":"n","isRequired":true,"title":"Name"},
          {"name":"m","inputType":"email"},{"name":"k","inputType":"number","validators":
          [{"type":"numeric","minValue":3,"text":"Three or more"}]}]})");
  EXPECT_EQ(outcome(form, R"({"a":{"m":"a@b.ch","n":"x","k":"4"}})"),
            R"({"a":{"n":"x","m":"a@b.ch","k":4}})");
  EXPECT_EQ(outcome(form, "{}"), "/answers/a/n: \"Name\" needs an answer.");
  EXPECT_FALSE(is_taken(form, R"({"a":{"n":"x","m":"none"}})"));
  EXPECT_EQ(outcome(form, R"({"a":{"n":"x","k":2}})"), "/answers/a/k: Three or more");
  EXPECT_FALSE(is_taken(form, R"({"a":{"n":"x","z":2}})"));
}

TEST(Answers, RunValidators) {
  const auto form = form_of(
      R"({"type":"text","name":"a","validators":[{"type":"text","minLength":3,"maxLength":5,
          "allowDigits":false}]},
         {"type":"checkbox","name":"b","choices":[1,2,3],
          "validators":[{"type":"answercount","minCount":2}]},
         {"type":"text","name":"c","validators":[{"type":"email"}]},
         {"type":"text","name":"d","validators":[{"type":"expression","expression":"{d} = {a}",
          "text":{"default":"Same as a","de":"Wie a"}}]})");
  EXPECT_TRUE(is_taken(form, R"({"a":"abc","b":[1,2],"c":"a@b.ch","d":"abc"})"));
  EXPECT_FALSE(is_taken(form, R"({"a":"ab"})"));
  EXPECT_TRUE(is_taken(form, R"({"a":"abcde"})"));
  EXPECT_FALSE(is_taken(form, R"({"a":"abcdef"})"));
  EXPECT_FALSE(is_taken(form, R"({"a":"abc1"})"));
  EXPECT_FALSE(is_taken(form, R"({"b":[1]})"));
  EXPECT_FALSE(is_taken(form, R"({"c":"x"})"));
  EXPECT_EQ(outcome(form, R"({"a":"abc","d":"x"})"), "/answers/d: Same as a");
  const auto german = validate_answers(form, R"({"a":"abc","d":"x"})", {"de", {}});
  EXPECT_EQ(german.error().fields[0].reason, "Wie a");
}

TEST(Answers, WantRequiredOnesOnlyWhereShown) {
  const auto form = form_of(
      R"({"type":"boolean","name":"a","isRequired":true},
         {"type":"text","name":"b","isRequired":true,"visibleIf":"{a} = true",
          "requiredErrorText":"Say b"},
         {"type":"text","name":"c","requiredIf":"{a} = false"})");
  EXPECT_EQ(outcome(form, "{}"), "/answers/a: An answer is needed.");
  EXPECT_EQ(outcome(form, R"({"a":true})"), "/answers/b: Say b");
  EXPECT_EQ(outcome(form, R"({"a":true,"b":" "})"), "/answers/b: Say b");
  EXPECT_EQ(outcome(form, R"({"a":false})"), "/answers/c: An answer is needed.");
  EXPECT_EQ(outcome(form, R"({"a":false,"c":"x"})"), R"({"a":false,"c":"x"})");
}

TEST(Answers, DropHiddenOnesButCheckThem) {
  const auto form = form_of(
      R"({"type":"boolean","name":"a"},
         {"type":"panel","name":"p","visibleIf":"{a} = true","elements":[
            {"type":"text","name":"b","maxLength":3,"hasComment":true}]},
         {"type":"text","name":"c","visibleIf":"{b} = 'x'"},
         {"type":"text","name":"d","visible":false})");
  const auto dropped =
      validate_answers(form, R"({"a":false,"b":"x","b-Comment":"y","c":"z","d":"w"})");
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->json, R"({"a":false})");
  EXPECT_EQ(dropped->dropped, (std::vector<std::string>{"b", "b-Comment", "c", "d"}));
  EXPECT_FALSE(is_taken(form, R"({"a":false,"b":"forged"})"));
  EXPECT_EQ(outcome(form, R"({"a":true,"b":"x","c":"z"})"), R"({"a":true,"b":"x","c":"z"})");
  // What was stored validates to itself.
  EXPECT_EQ(outcome(form, dropped->json), dropped->json);
}

TEST(Answers, KeepCommentsWhereTheyBelong) {
  const auto form = form_of(
      R"({"type":"radiogroup","name":"a","choices":["x"],"showOtherItem":true},
         {"type":"checkbox","name":"b","choices":["x"],"hasOther":true},
         {"type":"rating","name":"c","showCommentArea":true})");
  EXPECT_EQ(
      outcome(form,
              R"({"a":"other","a-Comment":"why","b":["other"],"b-Comment":"z","c-Comment":"q"})"),
      R"({"a":"other","a-Comment":"why","b":["other"],"b-Comment":"z","c-Comment":"q"})");
  const auto dropped = validate_answers(form, R"({"a":"x","a-Comment":"why"})");
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->json, R"({"a":"x"})");
  EXPECT_EQ(dropped->dropped, std::vector<std::string>{"a-Comment"});
  EXPECT_FALSE(is_taken(form, R"({"a":"other","a-Comment":5})"));
}

TEST(Answers, WantOneAnswerInARequiredPanel) {
  const auto form = form_of(
      R"({"type":"panel","name":"p","isRequired":true,"elements":[
            {"type":"text","name":"a"},{"type":"text","name":"b"}]})");
  EXPECT_FALSE(is_taken(form, "{}"));
  EXPECT_TRUE(is_taken(form, R"({"b":"x"})"));
}

TEST(Answers, ReportEverythingAtOnceUpToALimit) {
  std::string elements;
  for (int i = 0; i < 60; ++i)
    elements +=
        fmt::format(R"({}{{"type":"text","name":"q{}","isRequired":true}})", i ? "," : "", i);
  const auto refused = validate_answers(form_of(elements), "{}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields.size(), k_answer_errors_max);
}

TEST(Answers, RefuseWhatIsNoObjectOrTooLarge) {
  const auto form = form_of(R"({"type":"comment","name":"a"})");
  for (const std::string_view text : {"[]", "5", "null", "\"x\"", "", "{"})
    EXPECT_EQ(validate_answers(form, text).error().code, Code::BadRequest) << text;
  EXPECT_EQ(outcome(form, R"({"a":"x","a":"y"})"), R"({"a":"y"})");
  const auto sized = [](std::size_t bytes) { return "{}" + std::string(bytes - 2, ' '); };
  EXPECT_TRUE(is_taken(form, sized(k_answers_max_bytes - 1)));
  EXPECT_TRUE(is_taken(form, sized(k_answers_max_bytes)));
  EXPECT_EQ(validate_answers(form, sized(k_answers_max_bytes + 1)).error().code,
            Code::LimitExceeded);
  const auto deep = [](std::size_t levels) {
    return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  EXPECT_EQ(validate_answers(form, deep(k_answers_depth_max)).error().code, Code::InvalidAnswers);
  EXPECT_EQ(validate_answers(form, deep(k_answers_depth_max + 1)).error().code,
            Code::LimitExceeded);
}

TEST(Answers, UseValueNames) {
  const auto form = form_of(R"({"type":"text","name":"a","valueName":"v"})");
  EXPECT_EQ(outcome(form, R"({"v":"x"})"), R"({"v":"x"})");
  EXPECT_FALSE(is_taken(form, R"({"a":"x"})"));
}

TEST(Email, KeepsTheLimitsOfTheStandard) {
  const std::string domain = "@example.org";
  EXPECT_TRUE(is_email(std::string(63, 'a') + domain));
  EXPECT_TRUE(is_email(std::string(64, 'a') + domain));
  EXPECT_FALSE(is_email(std::string(65, 'a') + domain));
  EXPECT_TRUE(is_email("a@" + std::string(63, 'b') + ".org"));
  EXPECT_FALSE(is_email("a@" + std::string(64, 'b') + ".org"));
  for (const std::string_view text : {"", "@", "a@", "@b.ch", "a@b..ch", ".a@b.ch", "a.@b.ch",
                                      "a@-b.ch", "a@b@c.ch", "a..b@c.ch"})
    EXPECT_FALSE(is_email(text)) << text;
}

}  // namespace
}  // namespace probity::form
