#include "feature/survey/versions.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <utility>

#include "feature/survey/survey_fixture.hpp"

namespace probity::survey {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view k_two_pages = R"({"title":{"default":"Supper","de":"Abendbrot"},
  "completedHtml":"<p>Good night.</p>","pages":[
  {"name":"first","elements":[{"type":"radiogroup","name":"food","isRequired":true,
    "title":{"default":"What was it?","de":"Was gab es?"},"choices":["Soup","Cake"]}]},
  {"name":"second","elements":[{"type":"comment","name":"why","title":"Why the cake?",
    "visibleIf":"{food} = 'Cake'"},{"type":"text","name":"drink","title":"And to drink?"}]}]})";

class Versions : public SurveyRoom {
 protected:
  Reply put(const std::string& id, std::string_view json, const std::string& etag = "") {
    Sent sent{.method = "PUT",
              .target = "/api/v1/surveys/" + id,
              .body = std::string(json),
              .headers = {{"content-type", "application/json"}}};
    if (!etag.empty()) sent.headers["if-match"] = etag;
    return send(sent);
  }
  Reply post_form(const std::string& target, const std::string& body) {
    return send({.method = "POST",
                 .target = target,
                 .body = body,
                 .headers = {{"content-type", "application/x-www-form-urlencoded"}}});
  }
};

TEST_P(Versions, EachIsReadByItsNumber) {
  const Made made = make(std::string(k_simple_questionnaire));
  ASSERT_EQ(put(made.id, k_two_pages).status, 200);
  const std::string path = "/api/v1/surveys/" + made.id + "/versions/";
  const Reply first = get(path + "1");
  EXPECT_EQ(first.text("/questionnaire/title"), "Lunch");
  EXPECT_EQ(first.at("/is_draft"), "false");
  EXPECT_EQ(first.at("/is_current"), "true");
  const Reply draft = get(path + "2");
  EXPECT_EQ(draft.text("/questionnaire/title/de"), "Abendbrot");
  EXPECT_EQ(draft.at("/is_draft"), "true");
  EXPECT_EQ(draft.at("/published_at"), "null");
  for (const char* unknown : {"0", "3", "-1", "x", "99999999999999999999"})
    EXPECT_EQ(get(path + unknown).status, 404) << unknown;
}

TEST_P(Versions, DifferencesAreToldInWords) {
  const Made made = make(std::string(k_simple_questionnaire));
  ASSERT_EQ(put(made.id, k_two_pages).status, 200);
  const std::string path = "/api/v1/surveys/" + made.id + "/versions/";
  const Reply forward = get(path + "1/differences/2");
  ASSERT_EQ(forward.status, 200) << forward.body;
  EXPECT_EQ(forward.text("/survey/0/words"),
            "The title was “Lunch” and is “Supper”. It changed in de too.");
  EXPECT_EQ(forward.text("/removed/0/name"), "again");
  EXPECT_THAT(forward.body, HasSubstr(R"("name":"drink","kind":"question","type":"text")"));
  EXPECT_THAT(forward.body, HasSubstr("Choices: added “Cake”; removed “Salad”, “Bread”."));
  const Reply backward = get(path + "2/differences/1");
  EXPECT_THAT(backward.at("/added"), HasSubstr("again"));
  EXPECT_EQ(get(path + "1/differences/1").body,
            R"({"survey":[],"added":[],"removed":[],"moved":[],"changed":[]})");
  EXPECT_EQ(get(path + "1/differences/3").status, 404);
  EXPECT_EQ(get(path + "3/differences/1").status, 404);
}

TEST_P(Versions, PreviewShowsTheDraftAndStoresNothing) {
  const Made made = make(std::string(k_simple_questionnaire));
  ASSERT_EQ(put(made.id, k_two_pages).status, 200);
  const std::string path = "/api/v1/surveys/" + made.id + "/preview";
  const Reply first = get(path);
  EXPECT_EQ(first.status, 200);
  EXPECT_THAT(first.body, HasSubstr("What was it?"));
  EXPECT_THAT(first.body, HasSubstr("Preview: nothing entered here is stored."));
  EXPECT_THAT(first.headers.at("content-security-policy"), HasSubstr("frame-ancestors 'self'"));
  EXPECT_EQ(first.headers.at("x-frame-options"), "SAMEORIGIN");
  EXPECT_THAT(get(path + "?lang=de").body, HasSubstr("Was gab es?"));
  EXPECT_THAT(get(path + "?version=1").body, HasSubstr("What did you have?"));
  EXPECT_EQ(get(path + "?version=3").status, 404);
  EXPECT_EQ(get(path + "?version=0").status, 400);

  // What is missing is told, conditions hold, and the end thanks without a receipt.
  EXPECT_THAT(post_form(path, "_page=0&_asked=0&_move=next").body,
              HasSubstr("An answer is needed."));
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "0");
}

/// Name and value of the fields of a page's form, as a browser sends them.
std::string fields_of(const std::string& html) {
  std::string out;
  for (std::size_t at = html.find("type=\"hidden\""); at != std::string::npos;
       at = html.find("type=\"hidden\"", at + 1)) {
    const auto between = [&](std::string_view before) {
      const std::size_t begin = html.find(before, at) + before.size();
      return html.substr(begin, html.find('"', begin) - begin);
    };
    std::string value = between("value=\"");
    for (std::size_t quote = value.find("&quot;"); quote != std::string::npos;
         quote = value.find("&quot;"))
      value.replace(quote, 6, "%22");
    out += between("name=\"") + "=" + value + "&";
  }
  return out;
}

TEST_P(Versions, PreviewGoesThroughAllPages) {
  const Made made = make(std::string(k_two_pages));
  const std::string path = "/api/v1/surveys/" + made.id + "/preview?lang=de";
  const Reply first = get(path);
  const std::string name = first.body.substr(first.body.find("name=\"", first.body.find("radio")));
  const std::string control = name.substr(6, name.find('"', 6) - 6);
  const auto go = [&](const std::string& fields) { return post_form(path, fields); };
  const Reply soup = go(fields_of(first.body) + control + "=Soup&_move=next");
  EXPECT_THAT(soup.body, HasSubstr("And to drink?")) << soup.body;
  EXPECT_THAT(soup.body, Not(HasSubstr("Why the cake?")));
  const Reply cake = go(fields_of(first.body) + control + "=Cake&_move=next");
  EXPECT_THAT(cake.body, HasSubstr("Why the cake?"));
  const Reply end = go(fields_of(cake.body) + "_move=send");
  EXPECT_THAT(end.body, HasSubstr("Good night."));
  EXPECT_THAT(end.body, HasSubstr("keine, denn dies ist eine Vorschau"));
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "0");
}

TEST_P(Versions, ACopyIsADraftOfItsOwn) {
  const Made made = make(std::string(k_two_pages), "confidential");
  ASSERT_EQ(send({.method = "PATCH",
                  .target = "/api/v1/surveys/" + made.id + "/settings",
                  .body = R"({"response_cap":5,"retention_days":30,
                              "closes_at":"2030-01-01T00:00:00Z"})",
                  .headers = {{"content-type", "application/json"}}})
                .status,
            200);
  submit(made.token, R"({"food":"Soup"})");
  const Reply copy = post("/api/v1/surveys/" + made.id + "/duplicate");
  ASSERT_EQ(copy.status, 201) << copy.body;
  EXPECT_NE(copy.text("/id"), made.id);
  EXPECT_EQ(copy.headers.at("location"), "/api/v1/surveys/" + copy.text("/id"));
  const Reply read = get("/api/v1/surveys/" + copy.text("/id"));
  EXPECT_EQ(read.text("/title"), "Supper (2)");
  EXPECT_EQ(read.text("/questionnaire/title/de"), "Abendbrot (2)");
  EXPECT_EQ(read.text("/status"), "draft");
  EXPECT_EQ(read.text("/mode"), "confidential");
  EXPECT_EQ(read.at("/responses"), "0");
  EXPECT_EQ(read.at("/response_cap"), "5");
  EXPECT_EQ(read.at("/retention_days"), "30");
  EXPECT_EQ(read.at("/closes_at"), "null");
  EXPECT_EQ(read.at("/token"), "");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).text("/title"), "Supper");
  EXPECT_EQ(post("/api/v1/surveys/sur_00000000000000000000000000/duplicate").status, 404);
}

TEST_P(Versions, ACopyIsOfTheDraftWhenThereIsOne) {
  const Made made = make(std::string(k_simple_questionnaire));
  ASSERT_EQ(put(made.id, k_two_pages).status, 200);
  EXPECT_EQ(post("/api/v1/surveys/" + made.id + "/duplicate").text("/title"), "Supper (2)");
}

TEST_P(Versions, ATitleWithoutRoomKeepsItsName) {
  const auto titled = [](std::size_t bytes) {
    return R"({"title":")" + std::string(bytes, 'a') + R"(","elements":[]})";
  };
  for (const auto& [bytes, copied] :
       {std::pair<std::size_t, std::size_t>{8187, 8191}, {8188, 8192}, {8189, 8189}}) {
    const Reply made = post("/api/v1/surveys", titled(bytes));
    ASSERT_EQ(made.status, 201) << made.body;
    const Reply copy = post("/api/v1/surveys/" + made.text("/id") + "/duplicate");
    EXPECT_EQ(copy.text("/title").size(), copied) << copy.body.substr(0, 200);
  }
}

TEST_P(Versions, TheSecondOfTwoEditorsGetsWhatTheFirstStored) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply opened = get("/api/v1/surveys/" + made.id);
  const std::string etag = opened.headers.at("etag");
  clock_.advance(Span::minutes(5));
  const Reply first = put(made.id, k_two_pages, etag);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_THAT(first.text("/updated_by"), StartsWith("usr_"));
  const Reply second = put(made.id, R"({"title":"Tea","elements":[]})", etag);
  EXPECT_EQ(second.status, 412);
  EXPECT_EQ(second.code, "precondition_failed");
  EXPECT_EQ(second.headers.at("etag"), first.headers.at("etag"));
  EXPECT_EQ(second.text("/current/questionnaire/title/default"), "Supper");
  EXPECT_EQ(second.at("/current/version"), "2");
  EXPECT_EQ(second.text("/current/updated_by"), first.text("/updated_by"));
  EXPECT_EQ(second.text("/current/updated_at"), first.text("/updated_at"));
  EXPECT_NE(second.text("/current/updated_at"), opened.text("/updated_at"));
  // Nothing of the second is stored; joined and sent with the new ETag it is.
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).text("/title"), "Supper");
  EXPECT_EQ(put(made.id, R"({"title":"Tea","elements":[]})", second.headers.at("etag")).status,
            200);
}

TEST_P(Versions, SettingsAndPublishingTellAStaleCallerTheSame) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string etag = get("/api/v1/surveys/" + made.id).headers.at("etag");
  ASSERT_EQ(put(made.id, k_two_pages, etag).status, 200);
  const std::map<std::string, std::string> headers{{"content-type", "application/json"},
                                                   {"if-match", etag}};
  const Reply settings = send({.method = "PATCH",
                               .target = "/api/v1/surveys/" + made.id + "/settings",
                               .body = R"({"response_cap":5})",
                               .headers = headers});
  EXPECT_EQ(settings.status, 412);
  EXPECT_EQ(settings.at("/current/response_cap"), "null");
  const Reply published = send(
      {.method = "POST", .target = "/api/v1/surveys/" + made.id + "/publish", .headers = headers});
  EXPECT_EQ(published.status, 412);
  EXPECT_EQ(published.at("/current/published_version"), "1");
}

INSTANTIATE_TEST_SUITE_P(Engines, Versions, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
