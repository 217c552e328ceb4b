#include "feature/survey/report_links.hpp"

#include <fmt/format.h>

#include "feature/survey/limits.hpp"
#include "feature/survey/report_shelf.hpp"
#include "feature/survey/survey_fixture.hpp"

namespace probity::survey {
namespace {

class ReportLinks : public SurveyRoom {
 protected:
  Made fill(int soups, int breads) {
    const Made made = make(std::string(k_simple_questionnaire));
    for (int i = 0; i < soups; ++i)
      submit(made.token, R"({"food":"Soup","again":9,"why":"warm bread"})");
    for (int i = 0; i < breads; ++i)
      submit(made.token, R"({"food":"Bread","again":3})");
    return made;
  }
  static std::string links_of(const Made& made) {
    return "/api/v1/surveys/" + made.id + "/report/links";
  }
  Reply link(const Made& made, const std::string& rest = "") {
    return post(links_of(made), R"({"expires_in_hours":24)" + rest + "}");
  }
};

constexpr const char* k_lower_case = "abcdefghijklmnopqrstuvwxyz";

TEST_P(ReportLinks, ShowsTheReportWithoutScriptAndUnseenBySearchEngines) {
  const Made made = fill(6, 5);
  const Reply link = this->link(made);
  ASSERT_EQ(link.status, 201);
  EXPECT_EQ(link.text("/token").size(), 64U);
  EXPECT_EQ(link.text("/path"), "/r/" + link.text("/token"));
  const Reply page = get(link.text("/path"));
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(page.headers.at("x-robots-tag").starts_with("noindex"));
  for (const char* text : {"Lunch", "What did you have?", "<svg ", "54.5 %", ">bread</text>"})
    EXPECT_NE(page.body.find(text), std::string::npos) << text;
  for (const char* text : {"<script", "<form", "<input", "style=\""})
    EXPECT_EQ(page.body.find(text), std::string::npos) << text;
  for (std::size_t at = 0; (at = page.body.find(" on", at)) != std::string::npos; ++at)
    EXPECT_NE(page.body[page.body.find_first_not_of(k_lower_case, at + 1)], '=') << "a handler";
}

TEST_P(ReportLinks, TellsNobodyTheAddressAnotherAskedAt) {
  const Made made = fill(6, 5);
  const std::string path = link(made).text("/path");
  const auto asked_at = [&](const std::string& host) {
    return send({.target = path, .headers = {{"host", host}}}).body;
  };
  EXPECT_NE(asked_at("evil.example").find("https://evil.example/security"), std::string::npos);
  const std::string page = asked_at("ask.example");
  EXPECT_NE(page.find("https://ask.example/security"), std::string::npos);
  EXPECT_EQ(page.find("evil.example"), std::string::npos);
  module_->show_links_at("https://known.example/");
  const std::string known = asked_at("evil.example");
  EXPECT_NE(known.find("https://known.example/security"), std::string::npos);
  EXPECT_EQ(known.find("evil.example"), std::string::npos);
}

TEST_P(ReportLinks, ShowsWhatItWasMadeForAndNothingElse) {
  const Made made = fill(6, 5);
  const Reply link = this->link(made, R"(,"filter":"food=Bread","name":"For the board")");
  const Reply page = get(link.text("/path") + "?filter=food%3DSoup");
  EXPECT_NE(page.body.find("<dd>5</dd>"), std::string::npos);
  const Made small = fill(4, 9);
  const Reply hidden = get(this->link(small, R"(,"filter":"food=Soup")").text("/path"));
  EXPECT_EQ(hidden.status, 200);
  EXPECT_EQ(hidden.body.find("<svg"), std::string::npos);
  EXPECT_NE(hidden.body.find("fewer than 5 responses"), std::string::npos);
}

TEST_P(ReportLinks, UnknownExpiredRevokedAndDeletedAreAlike) {
  const Made made = fill(6, 0);
  const Reply revoked = link(made);
  EXPECT_EQ(send({.method = "DELETE", .target = links_of(made) + "/" + revoked.text("/id")}).status,
            204);
  EXPECT_EQ(send({.method = "DELETE", .target = links_of(made) + "/" + revoked.text("/id")}).status,
            404);
  const Reply first = link(made);
  const Reply second = post(links_of(made), R"({"expires_in_hours":1})");
  std::string changed = first.text("/path");
  changed.back() = changed.back() == 'A' ? 'Q' : 'A';
  for (const std::string& path : {revoked.text("/path"), changed, std::string("/r/short")}) {
    const Reply reply = get(path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.code, "not_found");
  }
  EXPECT_EQ(get(second.text("/path")).status, 200);
  clock_.advance(Span::hours(1));
  EXPECT_EQ(get(second.text("/path")).status, 404);
  EXPECT_EQ(get(first.text("/path")).status, 200);
  EXPECT_EQ(send({.method = "DELETE", .target = "/api/v1/surveys/" + made.id}).status, 204);
  EXPECT_EQ(get(first.text("/path")).status, 404);
}

TEST_P(ReportLinks, ExpiryHasBounds) {
  const Made made = fill(1, 0);
  const auto hours = [&](std::int64_t span) {
    return post(links_of(made), fmt::format(R"({{"expires_in_hours":{}}})", span)).status;
  };
  EXPECT_EQ(hours(0), 422);
  EXPECT_EQ(hours(1), 201);
  EXPECT_EQ(hours(2), 201);
  EXPECT_EQ(hours(k_report_link_hours_max - 1), 201);
  EXPECT_EQ(hours(k_report_link_hours_max), 201);
  EXPECT_EQ(hours(k_report_link_hours_max + 1), 422);
  EXPECT_EQ(post(links_of(made), "{}").status, 400);
}

TEST_P(ReportLinks, NamesHaveABoundAndQueriesAreChecked) {
  const Made made = fill(1, 0);
  const auto name = [&](std::size_t size) {
    return link(made, R"(,"name":")" + std::string(size, 'x') + "\"").status;
  };
  EXPECT_EQ(name(k_report_link_name_max_bytes - 1), 201);
  EXPECT_EQ(name(k_report_link_name_max_bytes), 201);
  EXPECT_EQ(name(k_report_link_name_max_bytes + 1), 422);
  EXPECT_EQ(link(made, R"(,"filter":"nobody=1")").status, 400);
  EXPECT_EQ(link(made, R"(,"from":"soon")").status, 400);
  EXPECT_EQ(link(made, R"(,"weight":"again","compare":"food=Soup")").status, 400);
  EXPECT_EQ(link(made, R"(,"unknown":1)").status, 422);
}

TEST_P(ReportLinks, AreListedWithoutTheirTokensAndHaveABound) {
  const Made made = fill(1, 0);
  for (std::size_t i = 1; i < k_report_links_max; ++i)
    ASSERT_EQ(link(made).status, 201);
  const Reply last = link(made, R"(,"name":"Last")");
  EXPECT_EQ(last.status, 201);
  EXPECT_EQ(link(made).status, 422);
  const Reply list = get(links_of(made));
  EXPECT_NE(list.body.find("\"Last\""), std::string::npos);
  EXPECT_EQ(list.body.find(last.text("/token")), std::string::npos);
  EXPECT_EQ(list.text("/items/0/is_expired"), list.text("/items/1/is_expired"));
  clock_.advance(Span::hours(25));
  EXPECT_EQ(link(made).status, 201);
  EXPECT_EQ(get(links_of(made)).at("/items/1"), "");
}

TEST_P(ReportLinks, FollowsTheResponses) {
  const Made made = fill(6, 0);
  const std::string path = link(made).text("/path");
  EXPECT_NE(get(path).body.find("<dd>6</dd>"), std::string::npos);
  submit(made.token, R"({"food":"Soup"})");
  EXPECT_NE(get(path).body.find("<dd>7</dd>"), std::string::npos);
}

TEST_P(ReportLinks, IsShownSoOftenAMinute) {
  const Made made = fill(1, 0);
  const std::string path = link(made).text("/path");
  for (int i = 0; i < k_report_link_views_per_minute; ++i)
    ASSERT_EQ(get(path).status, 200) << i;
  EXPECT_EQ(get(path).status, 429);
  EXPECT_EQ(get(link(made).text("/path")).status, 200);
  clock_.advance(Span::seconds(60));
  EXPECT_EQ(get(path).status, 200);
}

TEST_P(ReportLinks, HostileTextsAreInert) {
  const std::string hostile = R"(<img src=x onerror=\"hurt()\"></svg><script>hurt()</script>)";
  const Made made =
      make(R"({"title":")" + hostile + R"(","elements":[{"type":"radiogroup",)" +
           R"("name":"q","title":")" + hostile + R"(","choices":[")" + hostile + R"(","b"]}]})");
  for (int i = 0; i < 6; ++i)
    submit(made.token, R"({"q":"b"})");
  const Reply page = get(link(made).text("/path"));
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(page.body.find("<img"), std::string::npos);
  EXPECT_NE(page.body.find("&lt;img"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Engines, ReportLinks, ::testing::Values("sqlcipher", "postgres"));

TEST(ReportShelf, KeepsAPageUntilItsReportChanges) {
  ReportShelf shelf;
  const ReportLinkId link = ReportLinkId::make(Instant::from_s(1));
  EXPECT_FALSE(shelf.find(link, "a"));
  shelf.put(link, "a", "page");
  EXPECT_EQ(shelf.find(link, "a"), "page");
  EXPECT_FALSE(shelf.find(link, "b"));
}

TEST(ReportShelf, ForgetsTheLeastUsedBeyondItsBounds) {
  ReportShelf shelf;
  std::vector<ReportLinkId> links;
  const std::size_t page = k_report_pages_bytes / 4;
  for (int i = 0; i < 5; ++i) {
    links.push_back(ReportLinkId::make(Instant::from_s(1)));
    shelf.put(links.back(), "a", std::string(page, 'x'));
  }
  EXPECT_FALSE(shelf.find(links.front(), "a"));
  EXPECT_TRUE(shelf.find(links.back(), "a"));
  shelf.put(links.front(), "a", std::string(page + 1, 'x'));
  EXPECT_FALSE(shelf.find(links.front(), "a"));
}

}  // namespace
}  // namespace probity::survey
