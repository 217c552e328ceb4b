#include <fmt/format.h>

#include "base/text.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/survey.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "feature/survey/sweep.hpp"

namespace probity::survey {
namespace {

class Pages : public SurveyRoom {
 protected:
  Reply send_form(const std::string& token, const std::string& fields) {
    return send({.method = "POST",
                 .target = "/s/" + token,
                 .body = fields,
                 .headers = {{"content-type", "application/x-www-form-urlencoded"}}});
  }
  /// Every hidden field of a page, encoded for the next post.
  static std::string hidden_of(const std::string& html) {
    std::string fields;
    std::size_t at = 0;
    while ((at = html.find("type=\"hidden\"", at)) != std::string::npos) {
      const std::size_t begin = html.rfind('<', at);
      const std::string tag = html.substr(begin, html.find('>', at) - begin);
      fields += percent_encode(attribute(tag, "name")) + "=" +
                percent_encode(unescape(attribute(tag, "value"))) + "&";
      ++at;
    }
    return fields;
  }
  static std::string attribute(const std::string& tag, const std::string& name) {
    const std::size_t begin = tag.find(name + "=\"");
    if (begin == std::string::npos) return "";
    const std::size_t from = begin + name.size() + 2;
    return tag.substr(from, tag.find('"', from) - from);
  }
  static std::string unescape(std::string text) {
    const std::pair<const char*, const char*> pairs[] = {{"&quot;", "\""}, {"&#34;", "\""},
                                                         {"&lt;", "<"},    {"&gt;", ">"},
                                                         {"&#39;", "'"},   {"&amp;", "&"}};
    for (const auto& [from, to] : pairs)
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at)
        text.replace(at, std::string(from).size(), to);
    return text;
  }
  /// The value to post for an answer: the name of the first control of that question's input.
  static std::string name_of_input(const std::string& html, const std::string& value) {
    const std::size_t at = html.find("value=\"" + value + "\"");
    if (at == std::string::npos) return "";
    const std::size_t begin = html.rfind('<', at);
    return attribute(html.substr(begin, html.find('>', at) - begin), "name");
  }
};

TEST_P(Pages, QuestionnaireIsAnsweredWithoutScript) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply page = get("/s/" + made.token);
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_NE(page.body.find("anonymous"), std::string::npos);
  EXPECT_LT(page.body.size(), 30'000U);
  const std::string name = name_of_input(page.body, "Soup");
  ASSERT_FALSE(name.empty()) << page.body;
  const std::string move = name_of_input(page.body, "send");
  const std::string fields = hidden_of(page.body) + percent_encode(name) + "=Soup&" +
                             (move.empty() ? "" : percent_encode(move) + "=send");
  const Reply thanks = send_form(made.token, fields);
  EXPECT_EQ(thanks.status, 200);
  EXPECT_NE(thanks.body.find("rcp_"), std::string::npos) << thanks.body;
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report").at("/questions/0/counts/Soup"), "1");
  // A reload sends the same page again.
  const Reply again = send_form(made.token, fields);
  EXPECT_EQ(again.body, thanks.body);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Pages, MissingAnswerShowsThePageAgain) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply page = get("/s/" + made.token);
  const std::string move = name_of_input(page.body, "send");
  const Reply again = send_form(
      made.token, hidden_of(page.body) + (move.empty() ? "" : percent_encode(move) + "=send"));
  EXPECT_EQ(again.status, 200);
  EXPECT_NE(again.body.find("What did you have?"), std::string::npos);
  EXPECT_EQ(again.body.find("rcp_"), std::string::npos);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "0");
}

TEST_P(Pages, ClosedAndUnknownSurveysSaySo) {
  const Made made = make(std::string(k_simple_questionnaire));
  post("/api/v1/surveys/" + made.id + "/close");
  const Reply closed = get("/s/" + made.token);
  EXPECT_EQ(closed.status, 410);
  EXPECT_NE(closed.body.find("closed"), std::string::npos);
  EXPECT_TRUE(closed.headers.at("content-type").starts_with("text/html"));
  EXPECT_EQ(get("/s/" + std::string(43, 'A')).status, 404);
}

TEST_P(Pages, PublicDocumentNamesModeAndQuestions) {
  const Made made = make(std::string(k_simple_questionnaire), "confidential");
  const Reply reply = get("/api/v1/public/" + made.token);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text("/mode"), "confidential");
  EXPECT_EQ(reply.text("/questions/0/name"), "food");
  EXPECT_EQ(reply.text("/questions/0/choices/1/text"), "Salad");
}

TEST_P(Pages, RetentionErasesToTheDay) {
  const Made made = make(std::string(k_simple_questionnaire), "confidential");
  send({.method = "PATCH",
        .target = "/api/v1/surveys/" + made.id + "/settings",
        .body = R"({"retention_days":30})",
        .headers = {{"content-type", "application/json"}}});
  submit(made.token, R"({"food":"Soup"})");
  Services services(*engine_, clock_, log_);
  clock_.advance(Span::days(30) - Span::seconds(1));
  EXPECT_EQ(*run_retention(services, clock_.now()), "erased 0");
  submit(made.token, R"({"food":"Bread"})");
  clock_.advance(Span::seconds(2));
  EXPECT_EQ(*run_retention(services, clock_.now()), "erased 1");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report").at("/responses"), "1");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Pages, SweepRemovesWhatWasDeleted) {
  const Made made = make(std::string(k_simple_questionnaire));
  for (int i = 0; i < 3; ++i)
    submit(made.token, R"({"food":"Soup"})");
  send({.method = "DELETE", .target = "/api/v1/surveys/" + made.id});
  Services services(*engine_, clock_, log_);
  EXPECT_EQ(*run_sweep(services, clock_.now(), SweepScope::Listed), "removed 0 surveys");
  EXPECT_EQ(*run_sweep(services, clock_.now(), SweepScope::All), "removed 1 surveys");
  EXPECT_EQ(*run_sweep(services, clock_.now(), SweepScope::All), "removed 0 surveys");
}

INSTANTIATE_TEST_SUITE_P(Engines, Pages, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
