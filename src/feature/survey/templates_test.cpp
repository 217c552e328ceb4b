#include "feature/survey/templates.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "feature/survey/survey_fixture.hpp"
#include "form/answers.hpp"
#include "form/render.hpp"

namespace probity::survey {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

form::Questionnaire questionnaire_of(const Template& one) {
  auto parsed = form::parse_questionnaire(one.questionnaire_json);
  EXPECT_TRUE(parsed) << one.id;
  return parsed ? std::move(parsed->questionnaire) : form::Questionnaire();
}

/// Every text of a questionnaire that a respondent may read, with a word that finds it.
std::vector<std::pair<std::string, const form::LocalText*>> texts_of(
    const form::Questionnaire& questionnaire) {
  std::vector<std::pair<std::string, const form::LocalText*>> out;
  const auto add = [&](const std::string& where, const form::LocalText& text) {
    if (!text.is_empty()) out.emplace_back(where, &text);
  };
  add("title", questionnaire.title);
  add("description", questionnaire.description);
  add("completedHtml", questionnaire.completed_html);
  for (const form::Container& one : questionnaire.containers) {
    add(one.name + " title", one.title);
    add(one.name + " description", one.description);
  }
  for (const form::Question& one : questionnaire.questions) {
    add(one.name + " title", one.title);
    add(one.name + " description", one.description);
    add(one.name + " low end", one.rate_min_text);
    add(one.name + " high end", one.rate_max_text);
    for (const form::Row& row : one.rows)
      add(one.name + " row " + row.name, row.text);
    if (one.kind == form::Kind::Rating) continue;  // Numbers are their own texts.
    for (const form::Choice& choice : one.choices)
      add(one.name + " choice " + choice.key, choice.text);
  }
  return out;
}

/// What answers a question as a respondent in a middling mood would.
form::Value answer_to(const form::Question& question) {
  const auto& choice = question.choices;
  switch (question.kind) {
    case form::Kind::Comment:
    case form::Kind::Text: return form::Value("A few words.");
    case form::Kind::Checkbox: return form::Value(form::Value::List{choice.front().value});
    case form::Kind::Matrix: {
      form::Value rows;
      for (const form::Row& row : question.rows)
        rows.set(row.name, choice[choice.size() / 2].value);
      return rows;
    }
    default: return choice[choice.size() / 2].value;
  }
}

form::Value answers_to(const form::Questionnaire& questionnaire) {
  form::Value answers(form::Value::Members{});
  for (const form::Question& question : questionnaire.questions)
    if (question.is_answerable()) answers.set(question.key, answer_to(question));
  return answers;
}

TEST(Templates, AreTheSixThatArePromised) {
  std::vector<std::string> ids;
  for (const Template& one : templates())
    ids.push_back(one.id);
  EXPECT_THAT(ids, ElementsAre("nps", "csat", "ces", "project", "meeting", "pulse"));
  EXPECT_EQ(find_template("nps"), &templates().front());
  EXPECT_EQ(find_template("none"), nullptr);
}

TEST(Templates, ParseWithoutWarning) {
  for (const Template& one : templates()) {
    auto parsed = form::parse_questionnaire(one.questionnaire_json);
    ASSERT_TRUE(parsed) << one.id;
    for (const form::Warning& warning : parsed->warnings)
      ADD_FAILURE() << one.id << " " << warning.path << ": " << warning.reason;
  }
}

TEST(Templates, LackNoTextInAnyOfTheirLanguages) {
  for (const Template& one : templates()) {
    EXPECT_THAT(one.languages, UnorderedElementsAre("en", "es", "fr", "de")) << one.id;
    const form::Questionnaire questionnaire = questionnaire_of(one);
    for (const auto& [where, text] : texts_of(questionnaire)) {
      std::set<std::string> locales{"en"};
      EXPECT_FALSE(text->text().empty()) << one.id << " " << where;
      for (const auto& [locale, content] : text->others()) {
        locales.insert(locale);
        EXPECT_FALSE(content.empty()) << one.id << " " << where << " in " << locale;
      }
      EXPECT_THAT(locales, UnorderedElementsAre("en", "es", "fr", "de")) << one.id << " " << where;
    }
    for (const std::string& language : one.languages) {
      EXPECT_FALSE(one.title.in(language).empty()) << one.id;
      EXPECT_FALSE(one.description.in(language).empty()) << one.id;
    }
  }
}

TEST(Templates, RenderInEveryLanguage) {
  for (const Template& one : templates()) {
    const form::Questionnaire questionnaire = questionnaire_of(one);
    const form::Value answers = answers_to(questionnaire);
    for (const std::string& language : one.languages) {
      std::string html;
      for (std::uint32_t page = 0; page < questionnaire.pages.size(); ++page) {
        form::RenderOptions options;
        options.frame.locale = language;
        options.page = page;
        options.answers = &answers;
        html += form::render_page(questionnaire, options);
      }
      EXPECT_NE(html.find("lang=\"" + language + "\""), std::string::npos) << one.id << language;
      for (const form::Question& question : questionnaire.questions) {
        if (!question.visible_if.is_empty()) continue;
        EXPECT_NE(html.find(question.title.in(language)), std::string::npos) << question.name;
        if (question.kind == form::Kind::Rating) continue;
        for (const form::Choice& choice : question.choices)
          EXPECT_NE(html.find(choice.text.in(language)), std::string::npos) << choice.key;
        for (const form::Row& row : question.rows)
          EXPECT_NE(html.find(row.text.in(language)), std::string::npos) << row.name;
      }
    }
  }
}

TEST(Templates, TakeValidAnswersAndRefuseInvalidOnes) {
  for (const Template& one : templates()) {
    const form::Questionnaire questionnaire = questionnaire_of(one);
    form::Value answers = answers_to(questionnaire);
    const auto taken = form::validate_answers(questionnaire, answers);
    EXPECT_TRUE(taken) << one.id;
    // Nobody has to answer anything.
    EXPECT_TRUE(form::validate_answers(questionnaire, "{}")) << one.id;
    for (const form::Question& question : questionnaire.questions) {
      if (question.choices.empty()) continue;
      form::Value wrong = answers;
      wrong.set(question.key, form::Value("no choice of ours"));
      const auto refused = form::validate_answers(questionnaire, wrong);
      ASSERT_FALSE(refused) << one.id << " " << question.key;
      EXPECT_EQ(refused.error().fields.front().field, "/answers/" + question.key) << one.id;
    }
  }
}

TEST(Templates, FollowUpsDependOnTheScore) {
  const auto dropped = [](std::string_view id, std::string_view answers) {
    const auto questionnaire = questionnaire_of(*find_template(id));
    auto taken = form::validate_answers(questionnaire, answers);
    EXPECT_TRUE(taken) << answers;
    return taken ? taken->dropped : std::vector<std::string>{"refused"};
  };
  constexpr std::string_view k_words = R"(,"raise":"a","keep":"b"})";
  const auto nps = [&](int score) {
    return dropped("nps", R"({"recommend":)" + std::to_string(score) + std::string(k_words));
  };
  for (const int score : {0, 6, 7, 8})
    EXPECT_THAT(nps(score), ElementsAre("keep")) << score;
  for (const int score : {9, 10})
    EXPECT_THAT(nps(score), ElementsAre("raise")) << score;
  const auto csat = [&](int score) {
    return dropped("csat",
                   R"({"better":"a","well":"b","satisfaction":)" + std::to_string(score) + "}");
  };
  EXPECT_THAT(csat(3), ElementsAre("well"));
  EXPECT_THAT(csat(4), ElementsAre("better"));
  EXPECT_THAT(dropped("ces", R"({"ease":4,"obstacles":["waiting"]})"), ElementsAre());
  EXPECT_THAT(dropped("ces", R"({"ease":5,"obstacles":["waiting"]})"), ElementsAre("obstacles"));
  EXPECT_THAT(dropped("ces", R"({"obstacles":["waiting"]})"), ElementsAre("obstacles"));
}

class TemplateRoutes : public SurveyRoom {};

TEST_P(TemplateRoutes, ListWhatCanBeChosen) {
  const Reply list = get("/api/v1/templates");
  ASSERT_EQ(list.status, 200) << list.body;
  EXPECT_EQ(list.text("/items/0/id"), "nps");
  EXPECT_EQ(list.text("/items/0/title/de"), "Weiterempfehlung (NPS)");
  EXPECT_EQ(list.at("/items/0/questions"), "6");
  EXPECT_EQ(list.at("/items/0/questionnaire"), "");
  const Reply one = get("/api/v1/templates/pulse");
  EXPECT_EQ(one.text("/questionnaire/title/fr"), "Les deux dernières semaines de travail");
  EXPECT_EQ(get("/api/v1/templates/none").status, 404);
}

TEST_P(TemplateRoutes, MakeASurveyThatIsAnswered) {
  for (const Template& one : templates()) {
    const Reply made = post("/api/v1/surveys?mode=confidential&template=" + one.id);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.at("/warnings"), "[]") << one.id;
    EXPECT_EQ(made.text("/title"), std::string(questionnaire_of(one).title.text()));
    const Reply published = post("/api/v1/surveys/" + made.text("/id") + "/publish");
    ASSERT_EQ(published.status, 200) << published.body;
    std::string answers;
    form::append_value(answers, answers_to(questionnaire_of(one)));
    EXPECT_EQ(submit(published.text("/token"), answers).status, 201) << one.id;
    EXPECT_EQ(submit(published.text("/token"), R"({"nothing":1})").status, 422) << one.id;
    EXPECT_EQ(get("/s/" + published.text("/token") + "?lang=de").status, 200);
  }
}

TEST_P(TemplateRoutes, RefuseAnUnknownNameAndAQuestionnaireBesideIt) {
  const Reply unknown = post("/api/v1/surveys?template=none");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.text("/errors/0/field"), "template");
  EXPECT_EQ(post("/api/v1/surveys?template=nps", std::string(k_simple_questionnaire)).status, 400);
  EXPECT_EQ(get("/api/v1/surveys").at("/items"), "[]");
}

INSTANTIATE_TEST_SUITE_P(Engines, TemplateRoutes, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
