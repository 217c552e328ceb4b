#include "form/questionnaire.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "form/properties.hpp"

namespace probity::form {
namespace {

/// A document with the given elements on one page.
std::string with_elements(const std::string& elements) {
  return "{\"elements\":[" + elements + "]}";
}

/// The first refused place; empty when the document is taken.
std::string refused_at(const std::string& json) {
  const auto parsed = parse_questionnaire(json);
  if (parsed) return {};
  EXPECT_FALSE(parsed.error().fields.empty()) << parsed.error().hint;
  return parsed.error().fields.empty() ? "?" : parsed.error().fields[0].field;
}

Code refused_as(const std::string& json) {
  const auto parsed = parse_questionnaire(json);
  return parsed ? Code::Internal : parsed.error().code;
}

std::string repeated(std::size_t count, const std::string& pattern) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += (i == 0 ? "" : ",") + fmt::format(fmt::runtime(pattern), i);
  return out;
}

TEST(Questionnaire, KeepsPagesPanelsAndTexts) {
  const auto parsed = parse_questionnaire(R"({
    "title": {"default": "Visit", "de": "Besuch"}, "locale": "en",
    "pages": [{"name": "p", "title": "One", "elements": [
      {"type": "panel", "name": "box", "title": "Box", "elements": [
        {"type": "text", "name": "a", "inputType": "number", "min": 1, "max": 9},
        {"type": "html", "html": "<b>hi</b>"}]},
      {"type": "dropdown", "name": "b", "choices": [{"value": 1, "text": {"de": "eins"}}, 2],
       "hasOther": true, "otherText": "Else"}]}]})");
  ASSERT_TRUE(parsed) << parsed.error().fields[0].reason;
  const Questionnaire& form = parsed->questionnaire;
  EXPECT_EQ(form.title.in("de-AT"), "Besuch");
  EXPECT_EQ(form.title.in("fr"), "Visit");
  ASSERT_EQ(form.containers.size(), 2U);
  ASSERT_EQ(form.questions.size(), 3U);
  EXPECT_EQ(form.questions[0].container, 1U);
  EXPECT_EQ(form.questions[0].text.max, 9.0);
  EXPECT_EQ(form.questions[2].choices[0].text.in("de"), "eins");
  EXPECT_EQ(form.questions[2].choices[0].text.text(), "eins");
  EXPECT_EQ(form.questions[2].choices[2].text.text(), "Else");
  EXPECT_EQ(form.questions[2].path, "/pages/0/elements/1");
  EXPECT_EQ(form.find("b"), 2U);
  EXPECT_EQ(form.locales, (std::vector<std::string>{"en", "de"}));
  EXPECT_FALSE(form.has_hiding);
}

TEST(Questionnaire, WarnsOfWhatItIgnores) {
  const auto parsed = parse_questionnaire(
      R"({"showProgressBar":"top","elements":[{"type":"text","name":"a","width":"50%"}]})");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->warnings.size(), 2U);
  EXPECT_EQ(parsed->warnings[0].path, "/showProgressBar");
  EXPECT_EQ(parsed->warnings[1].path, "/elements/0/width");
}

TEST(Questionnaire, NamesTheTypeItDoesNotKnow) {
  for (const std::string_view type : {"paneldynamic", "file", "signaturepad", "imagepicker",
                                      "matrixdropdown", "matrixdynamic", "expression", "mystery"}) {
    EXPECT_EQ(refused_at(fmt::format(
                  R"({{"pages":[{{"elements":[{{"type":"text","name":"a"}},
                     {{"type":"{}","name":"b"}}]}}]}})",
                  type)),
              "/pages/0/elements/1/type");
  }
  EXPECT_EQ(refused_at(with_elements(R"({"name":"a"})")), "/elements/0/type");
  EXPECT_EQ(refused_at(with_elements("5")), "/elements/0");
}

TEST(Questionnaire, RefusesWhatChangesMeaning) {
  for (const auto& [json, place] : std::vector<std::pair<std::string, std::string>>{
           {R"({"triggers":[{"type":"complete"}]})", "/triggers"},
           {R"({"calculatedValues":[{"name":"x"}]})", "/calculatedValues"},
           {R"({"completedHtmlOnCondition":[{"html":"x"}]})", "/completedHtmlOnCondition"},
           {R"({"timeLimit":20})", "/timeLimit"},
           {R"({"readOnly":true})", "/readOnly"},
           {with_elements(R"({"type":"text","name":"a","enableIf":"{b}=1"})"),
            "/elements/0/enableIf"},
           {with_elements(R"({"type":"text","name":"a","maskType":"pattern"})"),
            "/elements/0/maskType"},
           {with_elements(R"({"type":"text","name":"a","validators":[{"type":"regex"}]})"),
            "/elements/0/validators/0/type"},
           {with_elements(R"({"type":"dropdown","name":"a","choicesByUrl":{"url":"x"}})"),
            "/elements/0/choicesByUrl"},
           {with_elements(
                R"({"type":"dropdown","name":"a","choices":[{"value":1,"visibleIf":"{a}=1"}]})"),
            "/elements/0/choices/0/visibleIf"},
           {with_elements(
                R"({"type":"matrix","name":"a","columns":[1],"rows":[1],"cellType":"checkbox"})"),
            "/elements/0/cellType"}}) {
    EXPECT_EQ(refused_at(json), place) << json;
  }
}

TEST(Questionnaire, TakesRefusedPropertiesThatAskForNothing) {
  EXPECT_EQ(refused_at(R"({"triggers":[],"calculatedValues":[],"timeLimit":0,"readOnly":false})"),
            "");
  EXPECT_EQ(
      refused_at(with_elements(R"({"type":"text","name":"a","enableIf":"","maskType":"none"})")),
      "");
}

TEST(Questionnaire, NamesUnknownPropertiesAndGuessesWhatWasMeant) {
  const auto parsed = parse_questionnaire(
      with_elements(R"({"type":"text","name":"a","visibleif":"{b}=1","bogus~/x":1})"));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::UnknownField);
  ASSERT_EQ(parsed.error().fields.size(), 2U);
  EXPECT_EQ(parsed.error().fields[0].field, "/elements/0/visibleif");
  EXPECT_NE(parsed.error().fields[0].reason.find("visibleIf"), std::string::npos);
  EXPECT_EQ(parsed.error().fields[1].field, "/elements/0/bogus~0~1x");
}

TEST(Questionnaire, NamesWrongShapes) {
  EXPECT_EQ(refused_at("[]"), "");
  EXPECT_EQ(refused_at(R"({"title":["x"]})"), "/title");
  EXPECT_EQ(refused_at(R"({"pages":{}})"), "/pages");
  EXPECT_EQ(refused_at(R"({"pages":[5]})"), "/pages/0");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text","name":"a","isRequired":"maybe"})")),
            "/elements/0/isRequired");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"rating","name":"a","rateMin":"low"})")),
            "/elements/0/rateMin");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text","name":"a","inputType":"carrot"})")),
            "/elements/0/inputType");
  EXPECT_EQ(
      refused_at(with_elements(R"({"type":"text","name":"a","inputType":"date","min":"soon"})")),
      "/elements/0/min");
}

TEST(Questionnaire, WantsNamesThatAreThereAndDiffer) {
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text"})")), "/elements/0/name");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text","name":"a"},{"type":"text","name":"a"})")),
            "/elements/1/name");
  EXPECT_EQ(refused_at(with_elements(
                R"({"type":"text","name":"a"},{"type":"text","name":"b","valueName":"a"})")),
            "/elements/1/valueName");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text","name":"a{b"})")), "/elements/0/name");
  EXPECT_EQ(
      refused_at(with_elements(
          R"({"type":"text","name":"a","hasComment":true},{"type":"text","name":"a-Comment"})")),
      "/elements/0");
}

TEST(Questionnaire, KeepsTheNameLimit) {
  const auto named = [](std::size_t bytes) {
    return with_elements(R"({"type":"text","name":")" + std::string(bytes, 'n') + "\"}");
  };
  EXPECT_EQ(refused_at(named(k_name_max_bytes - 1)), "");
  EXPECT_EQ(refused_at(named(k_name_max_bytes)), "");
  EXPECT_EQ(refused_as(named(k_name_max_bytes + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsTheQuestionsLimit) {
  const auto questions = [](std::size_t count) {
    return with_elements(repeated(count, R"({{"type":"text","name":"q{}"}})"));
  };
  EXPECT_EQ(refused_at(questions(k_questions_max - 1)), "");
  EXPECT_EQ(refused_at(questions(k_questions_max)), "");
  EXPECT_EQ(refused_as(questions(k_questions_max + 1)), Code::LimitExceeded);
  EXPECT_EQ(refused_at(questions(k_questions_max + 1)), "/elements/500");
}

TEST(Questionnaire, KeepsThePagesLimit) {
  const auto pages = [](std::size_t count) {
    return "{\"pages\":[" + repeated(count, R"({{"elements":[{{"type":"text","name":"q{}"}}]}})") +
           "]}";
  };
  EXPECT_EQ(refused_at(pages(k_pages_max - 1)), "");
  EXPECT_EQ(refused_at(pages(k_pages_max)), "");
  EXPECT_EQ(refused_as(pages(k_pages_max + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsTheChoicesLimitOfEveryList) {
  const auto check = [](const std::string& before, const std::string& after) {
    const auto document = [&](std::size_t count) {
      return with_elements(before + repeated(count, "\"c{}\"") + after);
    };
    EXPECT_EQ(refused_at(document(k_choices_max - 1)), "");
    EXPECT_EQ(refused_at(document(k_choices_max)), "") << before;
    EXPECT_EQ(refused_as(document(k_choices_max + 1)), Code::LimitExceeded) << before;
  };
  check(R"({"type":"radiogroup","name":"a","choices":[)", "]}");
  check(R"({"type":"rating","name":"a","rateValues":[)", "]}");
  check(R"({"type":"matrix","name":"a","rows":[1],"columns":[)", "]}");
  check(R"({"type":"matrix","name":"a","columns":[1],"rows":[)", "]}");
  const auto items = [](std::size_t count) {
    return with_elements(R"({"type":"multipletext","name":"a","items":[)" +
                         repeated(count, R"({{"name":"i{}"}})") + "]}");
  };
  EXPECT_EQ(refused_at(items(k_choices_max)), "");
  EXPECT_EQ(refused_as(items(k_choices_max + 1)), Code::LimitExceeded);
  const auto numbers = [](std::size_t max) {
    return with_elements(
        fmt::format(R"({{"type":"dropdown","name":"a","choicesMin":1,"choicesMax":{}}})", max));
  };
  EXPECT_EQ(refused_at(numbers(k_choices_max)), "");
  EXPECT_EQ(refused_as(numbers(k_choices_max + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsTheLevelsLimit) {
  const auto panels = [](std::size_t levels) {
    std::string out = R"({"type":"text","name":"a"})";
    for (std::size_t i = 0; i < levels; ++i)
      out = R"({"type":"panel","name":"p)" + std::to_string(i) + R"(","elements":[)" + out + "]}";
    return with_elements(out);
  };
  EXPECT_EQ(refused_at(panels(k_levels_max - 1)), "");
  EXPECT_EQ(refused_at(panels(k_levels_max)), "");
  EXPECT_EQ(refused_as(panels(k_levels_max + 1)), Code::LimitExceeded);
  EXPECT_FALSE(parse_questionnaire(panels(300)));
}

TEST(Questionnaire, KeepsTheBytesLimit) {
  const auto document = [](std::size_t bytes) {
    return R"({"elements":[]})" + std::string(bytes - 15, ' ');
  };
  EXPECT_TRUE(parse_questionnaire(document(k_document_max_bytes - 1)));
  EXPECT_TRUE(parse_questionnaire(document(k_document_max_bytes)));
  EXPECT_EQ(refused_as(document(k_document_max_bytes + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsTheTitleLimit) {
  const auto titled = [](std::size_t bytes) {
    return R"({"title":")" + std::string(bytes, 't') + "\"}";
  };
  EXPECT_EQ(refused_at(titled(k_title_max_bytes - 1)), "");
  EXPECT_EQ(refused_at(titled(k_title_max_bytes)), "");
  EXPECT_EQ(refused_as(titled(k_title_max_bytes + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsThePanelsLimit) {
  const auto panels = [](std::size_t count) {
    return with_elements(repeated(count, R"({{"type":"panel","name":"p{}","elements":[]}})"));
  };
  EXPECT_EQ(refused_at(panels(k_panels_max - 1)), "");
  EXPECT_EQ(refused_at(panels(k_panels_max)), "");
  EXPECT_EQ(refused_as(panels(k_panels_max + 1)), Code::LimitExceeded);
  EXPECT_EQ(refused_at(panels(k_panels_max + 1)), "/elements/500");
}

TEST(Questionnaire, KeepsTheValidatorsLimit) {
  const auto checked = [](std::size_t count) {
    return with_elements(R"({"type":"text","name":"a","validators":[)" +
                         repeated(count, R"({{"type":"text","maxLength":1{}}})") + "]}");
  };
  EXPECT_EQ(refused_at(checked(k_validators_max - 1)), "");
  EXPECT_EQ(refused_at(checked(k_validators_max)), "");
  EXPECT_EQ(refused_as(checked(k_validators_max + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsTheLimitOfAChoicesValue) {
  const auto choice = [](std::size_t bytes) {
    return with_elements(R"({"type":"radiogroup","name":"a","choices":[")" +
                         std::string(bytes, 'c') + "\"]}");
  };
  EXPECT_EQ(refused_at(choice(k_choice_value_max_bytes - 1)), "");
  EXPECT_EQ(refused_at(choice(k_choice_value_max_bytes)), "");
  EXPECT_EQ(refused_as(choice(k_choice_value_max_bytes + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsTheLimitOfHtml) {
  const auto html = [](std::size_t bytes) {
    return with_elements(R"({"type":"html","name":"a","html":")" + std::string(bytes, 'h') + "\"}");
  };
  const auto thanks = [](std::size_t bytes) {
    return R"({"completedHtml":")" + std::string(bytes, 'h') + "\"}";
  };
  for (const std::size_t bytes : {k_html_max_bytes - 1, k_html_max_bytes}) {
    EXPECT_EQ(refused_at(html(bytes)), "");
    EXPECT_EQ(refused_at(thanks(bytes)), "");
  }
  EXPECT_EQ(refused_as(html(k_html_max_bytes + 1)), Code::LimitExceeded);
  EXPECT_EQ(refused_as(thanks(k_html_max_bytes + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsTheLimitOfTranslations) {
  const auto titled = [](std::size_t languages) {
    std::string title = R"("default":"t")";
    for (std::size_t i = 1; i < languages; ++i)
      title += fmt::format(R"(,"{}{}":"t")", static_cast<char>('a' + i / 26),
                           static_cast<char>('a' + i % 26));
    return R"({"title":{)" + title + "}}";
  };
  EXPECT_EQ(refused_at(titled(k_locales_max - 1)), "");
  EXPECT_EQ(refused_at(titled(k_locales_max)), "");
  EXPECT_EQ(refused_as(titled(k_locales_max + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, KeepsTheLimitOfNesting) {
  // What is ignored is read all the same; the document itself is the first level.
  const auto nested = [](std::size_t depth) {
    return R"({"logo":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(refused_as(nested(k_document_depth_max - 1)), Code::Internal);
  EXPECT_EQ(refused_as(nested(k_document_depth_max)), Code::Internal);
  EXPECT_EQ(refused_as(nested(k_document_depth_max + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, WarnsAtMostTwoHundredTimes) {
  const auto warnings = [](std::size_t count) {
    const auto parsed = parse_questionnaire(
        with_elements(repeated(count, R"({{"type":"text","name":"q{}","width":"50%"}})")));
    EXPECT_TRUE(parsed);
    return parsed ? parsed->warnings.size() : 0;
  };
  EXPECT_EQ(warnings(k_warnings_max - 1), k_warnings_max - 1);
  EXPECT_EQ(warnings(k_warnings_max), k_warnings_max);
  EXPECT_EQ(warnings(k_warnings_max + 1), k_warnings_max);
}

TEST(Questionnaire, ReportsAtMostFiftyErrors) {
  const auto parsed =
      parse_questionnaire(with_elements(repeated(120, R"({{"type":"file","name":"q{}"}})")));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().fields.size(), k_document_errors_max);
}

TEST(Questionnaire, RefusesConditionsThatLoop) {
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text","name":"a","visibleIf":"{a} = 1"})")),
            "/elements/0/visibleIf");
  EXPECT_EQ(refused_at(with_elements(
                R"({"type":"text","name":"x"},
                   {"type":"text","name":"a","visibleIf":"{c} = 1"},
                   {"type":"text","name":"b","visibleIf":"{a} = 1"},
                   {"type":"text","name":"c","visibleIf":"{b} = 1 or {x} = 1"})")),
            "/elements/1/visibleIf");
  // A panel that depends on its own content.
  EXPECT_EQ(refused_at(with_elements(
                R"({"type":"panel","name":"p","visibleIf":"{a} = 1","elements":[
                   {"type":"text","name":"a"}]})")),
            "/elements/0/visibleIf");
  EXPECT_EQ(refused_at(R"({"pages":[{"visibleIf":"{a} = 1","elements":[
                   {"type":"text","name":"a"}]}]})"),
            "/pages/0/visibleIf");
  // Looking forward is no loop, and being required may depend on oneself.
  EXPECT_EQ(refused_at(with_elements(
                R"({"type":"text","name":"a","visibleIf":"{b} = 1"},
                   {"type":"text","name":"b","requiredIf":"{a} = 1"})")),
            "");
}

TEST(Questionnaire, DecidesALongChainOfConditions) {
  std::string elements = R"({"type":"text","name":"q0"})";
  for (int i = 1; i < 500; ++i)
    elements +=
        fmt::format(R"(,{{"type":"text","name":"q{}","visibleIf":"{{q{}}} notempty"}})", i, i - 1);
  EXPECT_EQ(refused_at(with_elements(elements)), "");
}

TEST(Questionnaire, KeepsTheLimitOfAllConditions) {
  // Long conditions first, then some of one step to meet the number exactly.
  const auto document = [](std::size_t steps) {
    std::string elements = R"({"type":"text","name":"a"})";
    std::string long_one = "{a}";
    for (std::size_t i = 1; i < k_expression_nodes_max / 2; ++i)
      long_one += "+1";
    const std::size_t each = k_expression_nodes_max - 1;
    std::size_t made = 0;
    for (std::size_t i = 0; made + each <= steps; ++i, made += each)
      elements += fmt::format(R"(,{{"type":"text","name":"q{}","visibleIf":"{}"}})", i, long_one);
    for (std::size_t i = 0; made < steps; ++i, ++made)
      elements += fmt::format(R"(,{{"type":"text","name":"r{}","visibleIf":"true"}})", i);
    return with_elements(elements);
  };
  EXPECT_EQ(refused_at(document(k_conditions_steps_max - 1)), "");
  EXPECT_EQ(refused_at(document(k_conditions_steps_max)), "");
  EXPECT_EQ(refused_as(document(k_conditions_steps_max + 1)), Code::LimitExceeded);
}

TEST(Questionnaire, RefusesUnknownNamesInConditions) {
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text","name":"a","visibleIf":"{nobody} = 1"})")),
            "/elements/0/visibleIf");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text","name":"a","requiredIf":"{item} = 1"})")),
            "/elements/0/requiredIf");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"text","name":"a","visibleIf":"{b} ="})")),
            "/elements/0/visibleIf");
}

TEST(Questionnaire, FindsPartsOfAnswersInConditions) {
  EXPECT_EQ(refused_at(with_elements(
                R"({"type":"matrix","name":"m","columns":[1,2],"rows":["r.1"]},
                   {"type":"multipletext","name":"t","items":[{"name":"i"}]},
                   {"type":"checkbox","name":"c","choices":[1],"hasOther":true},
                   {"type":"text","name":"z","visibleIf":
                    "{m.r.1} = 2 and {t.i} notempty and {c[0]} = 1 and {c-Comment} empty"},
                   {"type":"text","name":"y","visibleIf":"{T.i} empty"})")),
            "");
  EXPECT_EQ(refused_at(with_elements(
                R"({"type":"matrix","name":"m","columns":[1],"rows":["r"]},
                   {"type":"text","name":"z","visibleIf":"{m.other} = 2"})")),
            "/elements/1/visibleIf");
}

TEST(Questionnaire, RefusesWhatNobodyCanAnswer) {
  EXPECT_EQ(refused_at(with_elements(R"({"type":"radiogroup","name":"a"})")),
            "/elements/0/choices");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"radiogroup","name":"a","choices":["x","x"]})")),
            "/elements/0/choices/1");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"radiogroup","name":"a","choices":[5,"5"]})")),
            "/elements/0/choices/1");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"radiogroup","name":"a","choices":[null]})")),
            "/elements/0/choices/0");
  EXPECT_EQ(refused_at(with_elements(R"({"type":"rating","name":"a","rateMin":5,"rateMax":5})")),
            "/elements/0/rateMax");
  EXPECT_EQ(refused_at(with_elements(
                R"({"type":"text","name":"a","inputType":"number","min":5,"max":4})")),
            "/elements/0/max");
  EXPECT_EQ(refused_at(with_elements(
                R"({"type":"checkbox","name":"a","choices":[1,2],"minSelectedChoices":3})")),
            "/elements/0/minSelectedChoices");
}

TEST(Questionnaire, MakesRatesAndNumberChoices) {
  const auto parsed = parse_questionnaire(with_elements(
      R"({"type":"rating","name":"a"},{"type":"rating","name":"b","rateMin":0,"rateMax":10},
         {"type":"rating","name":"c","rateCount":7},
         {"type":"rating","name":"d","rateMin":0,"rateMax":1,"rateStep":0.1},
         {"type":"rating","name":"e","rateValues":[1,{"value":2,"text":"two"}]},
         {"type":"dropdown","name":"f","choicesMin":10,"choicesMax":20,"choicesStep":5})"));
  ASSERT_TRUE(parsed) << parsed.error().fields[0].reason;
  const auto& questions = parsed->questionnaire.questions;
  EXPECT_EQ(questions[0].choices.size(), 5U);
  EXPECT_EQ(questions[1].choices.size(), 11U);
  EXPECT_EQ(questions[2].choices.size(), 7U);
  ASSERT_EQ(questions[3].choices.size(), 11U);
  EXPECT_EQ(questions[3].choices[3].key, "0.3");
  EXPECT_EQ(questions[4].choices[1].text.text(), "two");
  EXPECT_EQ(questions[5].choices.size(), 3U);
}

TEST(Questionnaire, IgnoresDefaultsThatAreNoChoice) {
  const auto parsed = parse_questionnaire(with_elements(
      R"({"type":"checkbox","name":"a","choices":["x"],"defaultValue":true},
         {"type":"boolean","name":"b","defaultValue":"true"},
         {"type":"checkbox","name":"c","choices":["x"],"defaultValue":["x"]})"));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->questionnaire.questions[0].default_value.is_null());
  EXPECT_FALSE(parsed->questionnaire.questions[1].default_value.is_null());
  EXPECT_FALSE(parsed->questionnaire.questions[2].default_value.is_null());
  EXPECT_EQ(parsed->warnings.size(), 1U);
}

TEST(Properties, StandOnceForEachOwner) {
  std::set<std::pair<std::uint32_t, std::string_view>> seen;
  for (const Property& property : properties()) {
    EXPECT_NE(property.owners, 0U) << property.name;
    for (std::uint32_t bit = 1; bit != 0 && bit <= property.owners; bit <<= 1) {
      if ((property.owners & bit) != 0) {
        EXPECT_TRUE(seen.emplace(bit, property.name).second) << property.name << " on " << bit;
      }
    }
    EXPECT_EQ(property.note.empty(), property.treatment == Treatment::Kept) << property.name;
  }
}

TEST(Properties, CoverEveryPropertyTheSchemaOfSurveyJsHas) {
  const auto path = std::filesystem::path(PROBITY_SOURCE_DIR) /
                    "../shared/data/survey-definitions/surveyjs-schema/surveyjs_definition.json";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "the stored SurveyJS schema is not beside the repository";
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto schema = parse_value(text, {1 << 20, 64});
  ASSERT_TRUE(schema);
  std::set<std::string_view> names;
  for (const Property& property : properties())
    names.insert(property.name);
  for (const Member& member : *schema->find("properties")->members())
    EXPECT_NE(find_property(Owner::Survey, member.name), nullptr) << member.name;
  for (const std::string_view type : {"panelbase",
                                      "page",
                                      "panel",
                                      "question",
                                      "selectbase",
                                      "checkbox",
                                      "dropdown",
                                      "tagbox",
                                      "rating",
                                      "boolean",
                                      "ranking",
                                      "matrix",
                                      "matrixbase",
                                      "multipletext",
                                      "multipletextitem",
                                      "html",
                                      "text",
                                      "comment",
                                      "itemvalue",
                                      "choiceitem",
                                      "numericvalidator",
                                      "textvalidator",
                                      "answercountvalidator"}) {
    const Value* definition = schema->find("definitions")->find(type);
    ASSERT_NE(definition, nullptr) << type;
    const Value* found = definition->find("properties");
    if (found == nullptr && definition->find("allOf") != nullptr)
      for (const Value& part : *definition->find("allOf")->list())
        if (part.find("properties") != nullptr) found = part.find("properties");
    if (found == nullptr) continue;
    for (const Member& member : *found->members())
      EXPECT_TRUE(names.contains(member.name)) << type << "." << member.name;
  }
}

TEST(Schema, IsTheOneInTheDocumentation) {
  const auto path = std::filesystem::path(PROBITY_SOURCE_DIR) / "docs/questionnaire.schema.json";
  const std::string schema = questionnaire_schema();
  if (std::getenv("PROBITY_WRITE_SCHEMA") != nullptr) std::ofstream(path) << schema;
  std::ifstream file(path);
  const std::string written{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(written, schema) << "run this test with PROBITY_WRITE_SCHEMA=1 to write it anew";
}

/// Members of one schema object, and what the table says of each.
void expect_agreement(const Value& object, Owner owner) {
  const Value* members = object.find("properties");
  ASSERT_NE(members, nullptr);
  std::size_t declared = 0;
  for (const Property& property : properties()) {
    if ((property.owners & static_cast<std::uint32_t>(owner)) == 0) continue;
    ++declared;
    const Value* entry = members->find(property.name);
    ASSERT_NE(entry, nullptr) << property.name;
    EXPECT_EQ(entry->find("enum") != nullptr, property.treatment == Treatment::Refused)
        << property.name;
  }
  EXPECT_EQ(members->members()->size(), declared);
  EXPECT_EQ(*object.find("additionalProperties")->truth(), false);
}

TEST(Schema, AgreesWithTheTable) {
  const auto schema = parse_value(questionnaire_schema(), {1 << 20, 64});
  ASSERT_TRUE(schema) << schema.error().hint;
  expect_agreement(*schema, Owner::Survey);
  const Value* definitions = schema->find("$defs");
  expect_agreement(*definitions->find("page"), Owner::Page);
  expect_agreement(*definitions->find("item"), Owner::Item);
  expect_agreement((*definitions->find("choice")->find("oneOf")->list())[1], Owner::Choice);
  const Value::List& elements = *definitions->find("element")->find("oneOf")->list();
  std::size_t at = 0;
  for (const TypeRow& row : element_types()) {
    if (row.treatment == Treatment::Refused) continue;
    ASSERT_LT(at, elements.size());
    EXPECT_EQ(*elements[at].find("properties")->find("type")->find("const")->text(), row.name);
    expect_agreement(elements[at], Owner{row.owner});
    ++at;
  }
  EXPECT_EQ(at, elements.size());
}

TEST(Questionnaire, RefusesTablesThatMakeHugePages) {
  const auto tables = [](std::string_view type, int count, int rows, int columns) {
    const auto names = [](int many) {
      std::string out;
      for (int i = 0; i < many; ++i)
        out += fmt::format("{}\"{}\"", i == 0 ? "" : ",", i);
      return out;
    };
    std::string out = R"({"elements":[)";
    for (int i = 0; i < count; ++i) {
      out += fmt::format(R"({}{{"type":"{}","name":"q{}")", i == 0 ? "" : ",", type, i);
      if (type == "matrix")
        out += fmt::format(R"(,"columns":[{}],"rows":[{}]}})", names(columns), names(rows));
      else
        out += fmt::format(R"(,"choices":[{}]}})", names(columns));
    }
    return out + "]}";
  };
  EXPECT_TRUE(parse_questionnaire(tables("matrix", 500, 10, 7)));
  EXPECT_TRUE(parse_questionnaire(tables("matrix", 2, 200, 200)));
  EXPECT_TRUE(parse_questionnaire(tables("ranking", 10, 0, 200)));
  const auto refused = parse_questionnaire(tables("matrix", 10, 200, 200));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::LimitExceeded);
  EXPECT_EQ(refused.error().fields[0].field, "/elements/3");
  EXPECT_FALSE(parse_questionnaire(tables("ranking", 100, 0, 200)));
}

}  // namespace
}  // namespace probity::form
