#include <fmt/format.h>

#include <utility>

#include "feature/survey/limits.hpp"
#include "feature/survey/survey_fixture.hpp"

namespace probity::survey {
namespace {

class Managing : public SurveyRoom {
 protected:
  Reply put(const std::string& id, const std::string& json, const std::string& etag = "") {
    Sent sent{.method = "PUT",
              .target = "/api/v1/surveys/" + id,
              .body = json,
              .headers = {{"content-type", "application/json"}}};
    if (!etag.empty()) sent.headers["if-match"] = etag;
    return send(sent);
  }
  Reply settings(const std::string& id, const std::string& json) {
    return send({.method = "PATCH",
                 .target = "/api/v1/surveys/" + id + "/settings",
                 .body = json,
                 .headers = {{"content-type", "application/json"}}});
  }
};

constexpr const char* k_other = R"({"title":"Supper","elements":[
  {"type":"radiogroup","name":"food","choices":["Soup","Cake"]}]})";

TEST_P(Managing, CreatesADraftThatNobodyCanAnswer) {
  const Reply created =
      post("/api/v1/surveys?mode=confidential", std::string(k_simple_questionnaire));
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.text("/status"), "draft");
  EXPECT_EQ(created.text("/mode"), "confidential");
  EXPECT_EQ(created.at("/version"), "1");
  EXPECT_EQ(created.at("/published_version"), "null");
  const Reply read = get("/api/v1/surveys/" + created.text("/id"));
  EXPECT_EQ(read.text("/questionnaire/title"), "Lunch");
  EXPECT_EQ(read.text("/title"), "Lunch");
  EXPECT_EQ(read.headers.at("etag"), "\"1\"");
}

TEST_P(Managing, RefusesAWrongModeAndAWrongDocument) {
  EXPECT_EQ(post("/api/v1/surveys?mode=secret", std::string(k_simple_questionnaire)).status, 400);
  EXPECT_EQ(post("/api/v1/surveys", R"({"elements":[{"type":"text"}]})").status, 400);
  EXPECT_EQ(post("/api/v1/surveys", "{").status, 400);
  EXPECT_EQ(send({.method = "POST", .target = "/api/v1/surveys", .body = "{}"}).status, 415);
  EXPECT_EQ(get("/api/v1/surveys").at("/items"), "[]");
}

TEST_P(Managing, PublishingAgainKeepsTheLink) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply again = post("/api/v1/surveys/" + made.id + "/publish");
  EXPECT_EQ(again.text("/token"), made.token);
  EXPECT_EQ(again.at("/version"), "1");
  ASSERT_EQ(put(made.id, k_other).status, 200);
  const Reply next = post("/api/v1/surveys/" + made.id + "/publish");
  EXPECT_EQ(next.text("/token"), made.token);
  EXPECT_EQ(next.at("/version"), "2");
  const Reply versions = get("/api/v1/surveys/" + made.id + "/versions");
  EXPECT_EQ(versions.at("/items/1/is_current"), "true");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).text("/token"), made.token);
}

TEST_P(Managing, DraftIsNotAnsweredUntilItIsPublished) {
  const Made made = make(std::string(k_simple_questionnaire));
  ASSERT_EQ(put(made.id, k_other).status, 200);
  EXPECT_EQ(submit(made.token, R"({"food":"Cake"})").status, 422);
  EXPECT_EQ(submit(made.token, R"({"food":"Salad"})").status, 201);
  ASSERT_EQ(post("/api/v1/surveys/" + made.id + "/publish").status, 200);
  EXPECT_EQ(submit(made.token, R"({"food":"Cake"})").status, 201);
  EXPECT_EQ(submit(made.token, R"({"food":"Salad"})").status, 422);
}

TEST_P(Managing, AnswersMayNameTheVersionTheyWereGivenTo) {
  const Made made = make(std::string(k_simple_questionnaire));
  put(made.id, k_other);
  post("/api/v1/surveys/" + made.id + "/publish");
  const std::string target = "/api/v1/public/" + made.token + "/responses";
  EXPECT_EQ(post(target, R"({"answers":{"food":"Salad"},"version":1})").status, 201);
  EXPECT_EQ(post(target, R"({"answers":{"food":"Salad"},"version":2})").status, 422);
  EXPECT_EQ(post(target, R"({"answers":{"food":"Cake"},"version":3})").status, 422);
  EXPECT_EQ(post(target, R"({"answers":{"food":"Cake"},"who":"me"})").code, "unknown_field");
  EXPECT_EQ(post(target, R"({"food":"Cake"})").status, 422);
  EXPECT_EQ(post(target, R"([])").status, 400);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/responses").at("/items/0/version"), "1");
}

TEST_P(Managing, LostUpdateIsRefused) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string etag = get("/api/v1/surveys/" + made.id).headers.at("etag");
  const Reply first = put(made.id, k_other, etag);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(put(made.id, k_other, etag).status, 412);
  EXPECT_EQ(put(made.id, k_other, first.headers.at("etag")).status, 200);
}

TEST_P(Managing, ClosesAndReopens) {
  const Made made = make(std::string(k_simple_questionnaire));
  EXPECT_EQ(submit(made.token, R"({"food":"Soup"})").status, 201);
  EXPECT_EQ(post("/api/v1/surveys/" + made.id + "/close").text("/status"), "closed");
  EXPECT_EQ(submit(made.token, R"({"food":"Soup"})").status, 410);
  EXPECT_EQ(get("/s/" + made.token).status, 410);
  EXPECT_EQ(post("/api/v1/surveys/" + made.id + "/reopen").text("/status"), "open");
  EXPECT_EQ(submit(made.token, R"({"food":"Soup"})").status, 201);
}

TEST_P(Managing, OpensAndClosesToTheSecond) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply set = settings(made.id, R"({"opens_at":"2026-01-02T00:00:00Z",
                                          "closes_at":"2026-01-03T00:00:00Z"})");
  ASSERT_EQ(set.status, 200) << set.body;
  const auto status_at = [&](std::int64_t second) {
    clock_.set(Instant::from_s(1'767'225'600 + second));
    return submit(made.token, R"({"food":"Soup"})").status;
  };
  EXPECT_EQ(status_at(86'399), 410);
  EXPECT_EQ(status_at(86'400), 201);
  EXPECT_EQ(status_at(2 * 86'400 - 1), 201);
  EXPECT_EQ(status_at(2 * 86'400), 410);
  EXPECT_EQ(settings(made.id, R"({"closes_at":null})").at("/closes_at"), "null");
  EXPECT_EQ(status_at(2 * 86'400), 201);
}

TEST_P(Managing, CapIsExact) {
  const Made made = make(std::string(k_simple_questionnaire));
  ASSERT_EQ(settings(made.id, R"({"response_cap":2})").status, 200);
  EXPECT_EQ(submit(made.token, R"({"food":"Soup"})", "a").status, 201);
  EXPECT_EQ(submit(made.token, R"({"food":"Soup"})", "b").status, 201);
  EXPECT_EQ(submit(made.token, R"({"food":"Soup"})", "c").status, 410);
  EXPECT_EQ(submit(made.token, R"({"food":"Soup"})", "b").status, 201);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "2");
}

TEST_P(Managing, SettingsAreBoundedAndDeclared) {
  const Made made = make(std::string(k_simple_questionnaire));
  EXPECT_EQ(settings(made.id, R"({"response_cap":0})").status, 400);
  EXPECT_EQ(settings(made.id, R"({"retention_days":36501})").status, 400);
  EXPECT_EQ(settings(made.id, R"({"opens_at":"tomorrow"})").status, 400);
  EXPECT_EQ(settings(made.id, R"({"colour":"red"})").code, "unknown_field");
  EXPECT_EQ(settings(made.id, R"({"opens_at":"2026-01-02","closes_at":"2026-01-02"})").status, 400);
}

TEST_P(Managing, SettingsAreTakenUpToTheirBounds) {
  const Made made = make(std::string(k_simple_questionnaire));
  const auto status_of = [&](std::string_view name, std::int64_t value) {
    return settings(made.id, fmt::format(R"({{"{}":{}}})", name, value)).status;
  };
  for (const auto& [name, most] :
       {std::pair<std::string_view, std::int64_t>{"response_cap", k_response_cap_max},
        {"retention_days", k_retention_days_max}}) {
    EXPECT_EQ(status_of(name, 0), 400) << name;
    EXPECT_EQ(status_of(name, 1), 200) << name;
    EXPECT_EQ(status_of(name, most), 200) << name;
    EXPECT_EQ(status_of(name, most + 1), 400) << name;
  }
}

TEST_P(Managing, DeletedSurveyIsUnknownAtOnce) {
  const Made made = make(std::string(k_simple_questionnaire));
  submit(made.token, R"({"food":"Soup"})");
  ASSERT_EQ(send({.method = "DELETE", .target = "/api/v1/surveys/" + made.id}).status, 204);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).status, 404);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/responses").status, 404);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report").status, 404);
  EXPECT_EQ(submit(made.token, R"({"food":"Soup"})").status, 404);
  EXPECT_EQ(get("/s/" + made.token).status, 404);
  EXPECT_EQ(get("/api/v1/surveys").at("/items"), "[]");
}

TEST_P(Managing, ListsInPages) {
  for (int i = 0; i < 5; ++i) {
    clock_.advance(Span::seconds(1));
    post("/api/v1/surveys", std::string(k_simple_questionnaire));
  }
  std::vector<std::string> seen;
  std::string after;
  do {
    const Reply page = get("/api/v1/surveys?limit=2" + after);
    for (int i = 0; !page.text(fmt::format("/items/{}/id", i)).empty(); ++i)
      seen.push_back(page.text(fmt::format("/items/{}/id", i)));
    after = page.text("/next").empty() ? "" : "&after=" + page.text("/next");
  } while (!after.empty());
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(get("/api/v1/surveys?limit=0").status, 400);
  EXPECT_EQ(get("/api/v1/surveys?after=x").status, 400);
}

TEST_P(Managing, UnknownIdsAndLinksAreNotFound) {
  EXPECT_EQ(get("/api/v1/surveys/sur_00000000000000000000000000").status, 404);
  EXPECT_EQ(get("/api/v1/surveys/nonsense").status, 404);
  EXPECT_EQ(get("/s/nonsense").status, 404);
  EXPECT_EQ(get("/api/v1/public/" + std::string(43, 'A')).status, 404);
}

INSTANTIATE_TEST_SUITE_P(Engines, Managing, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
