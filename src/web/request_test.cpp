#include "web/request.hpp"

#include <gtest/gtest.h>

#include "web/response.hpp"

namespace probity::web {
namespace {

Result<Request> read(std::string_view target) {
  Request request;
  PROBITY_CHECK(set_target(request, target));
  return request;
}

TEST(Method, HasOneTextEachWay) {
  for (const auto text : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const auto method = parse_method(text);
    ASSERT_TRUE(method) << text;
    EXPECT_EQ(text_of(*method), text);
  }
  for (const auto text : {"get", "TRACE", "CONNECT", "", "GETS", "PROPFIND"})
    EXPECT_FALSE(parse_method(text)) << text;
}

TEST(Target, SplitsAndDecodes) {
  const auto request = read("/a%20b/%C3%BC/c+d?x=1&y=a+b%26&x=2&flag&&z=");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->path, "/a b/\xC3\xBC/c+d");
  EXPECT_EQ(request->segments, (std::vector<std::string>{"a b", "\xC3\xBC", "c+d"}));
  EXPECT_EQ(request->param("x"), "1");
  EXPECT_EQ(request->params("x"), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(request->param("y"), "a b&");
  EXPECT_EQ(request->param("flag"), "");
  EXPECT_EQ(request->param("z"), "");
  EXPECT_FALSE(request->param("none"));
}

TEST(Target, RootHasNoSegmentsAndATrailingSlashIsAnotherPath) {
  const auto root = read("/");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->path, "/");
  EXPECT_TRUE(root->segments.empty());
  const auto trailing = read("/a/");
  ASSERT_TRUE(trailing);
  EXPECT_EQ(trailing->path, "/a/");
  EXPECT_EQ(trailing->segments, (std::vector<std::string>{"a", ""}));
}

TEST(Target, RefusesWhatCouldBeReadInTwoWays) {
  for (const std::string_view target :
       {"",      "a",       "*",         "?x=1", "//",      "/a//b",     "/%",     "/%4",
        "/%zz",  "/%00",    "/a%0Ab",    "/%7F", "/a\\b",   "/%5C",      "/a%2Fb", "/.",
        "/..",   "/a/../b", "/%2e%2E/b", "/./a", "/%FF",    "/%C0%AF",   "/a#b",   "/a b",
        "/\x01", "/?a=%00", "/?a=%0D",   "/?%",  "/?a=%FF", "/%ED%A0%80"}) {
    const auto request = read(target);
    ASSERT_FALSE(request) << target;
    EXPECT_EQ(request.error().code, Code::BadRequest) << target;
    EXPECT_FALSE(request.error().hint.empty()) << target;
  }
  EXPECT_FALSE(read(std::string_view("/a\0b", 4)));
}

TEST(Target, BoundsTheNumberOfParameters) {
  std::string query = "/?a";
  for (int i = 1; i < 127; ++i)
    query += "&a";
  EXPECT_TRUE(read(query));
  EXPECT_TRUE(read(query + "&a"));
  EXPECT_FALSE(read(query + "&a&a"));
}

TEST(Target, ReplacesWhatWasThereBefore) {
  Request request;
  ASSERT_TRUE(set_target(request, "/a/b?x=1"));
  ASSERT_TRUE(set_target(request, "/c"));
  EXPECT_EQ(request.path, "/c");
  EXPECT_EQ(request.segments.size(), 1U);
  EXPECT_TRUE(request.query.empty());
}

TEST(Header, IsFoundByItsLowerCaseName) {
  Request request;
  request.headers = {{"accept", "a"}, {"accept", "b"}};
  EXPECT_EQ(request.header("accept"), "a");
  EXPECT_EQ(request.header("none"), "");
}

TEST(Cookie, IsReadOnceOrNotAtAll) {
  Request request;
  request.headers = {{"cookie", "a=1; __Host-probity=token; b=2"}};
  EXPECT_EQ(request.cookie("__Host-probity"), "token");
  EXPECT_EQ(request.cookie("b"), "2");
  EXPECT_FALSE(request.cookie("probity"));
  request.headers = {{"cookie", "a=1; a=2"}};
  EXPECT_FALSE(request.cookie("a"));
  request.headers = {{"cookie", "a=1"}, {"cookie", "a=1"}};
  EXPECT_FALSE(request.cookie("a"));
}

TEST(Problem, TellsTheClientWhatItMayKnowAndNothingElse) {
  Error error{Code::Throttled, "secret detail", "Wait a minute.", {{"/email", "too often"}}, 60};
  const Response response = problem_response(error, RequestId::make(Instant::from_s(1)));
  EXPECT_EQ(response.status, 429);
  EXPECT_NE(response.body.find(R"("code":"throttled")"), std::string::npos);
  EXPECT_NE(response.body.find(R"("status":429)"), std::string::npos);
  EXPECT_NE(response.body.find(R"("detail":"Wait a minute.")"), std::string::npos);
  EXPECT_NE(response.body.find(R"("errors":[{"field":"/email","reason":"too often"}])"),
            std::string::npos);
  EXPECT_NE(response.body.find(R"("request_id":"req_)"), std::string::npos);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  bool has_retry = false;
  for (const auto& field : response.headers) {
    if (field.name == "retry-after") has_retry = field.value == "60";
    if (field.name == "content-type") {
      EXPECT_EQ(field.value, "application/problem+json");
    }
  }
  EXPECT_TRUE(has_retry);
}

TEST(Problem, EveryCodeHasAnErrorStatus) {
  for (int code = 0; code <= static_cast<int>(Code::Internal); ++code) {
    const Error error{static_cast<Code>(code), {}, {}, {}, 0};
    const Response response = problem_response(error, RequestId());
    EXPECT_GE(response.status, 400);
    EXPECT_LT(response.status, 600);
    EXPECT_EQ(response.body.find("detail\""), std::string::npos);
  }
}

TEST(Responses, CarryTheirType) {
  EXPECT_EQ(json_response(201, "{}").headers.front().value, "application/json");
  EXPECT_EQ(html_response(200, "<p>").headers.front().value, "text/html; charset=utf-8");
  EXPECT_TRUE(empty_response(204).headers.empty());
  EXPECT_EQ(redirect_response(303, "/x").headers.front().value, "/x");
}

}  // namespace
}  // namespace probity::web
