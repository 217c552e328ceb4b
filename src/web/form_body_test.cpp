#include "web/form_body.hpp"

#include <gtest/gtest.h>

namespace probity::web {
namespace {

Request post_of(std::string body) {
  Request request;
  request.method = Method::Post;
  request.headers = {{"content-type", std::string(k_form_type) + "; charset=utf-8"}};
  request.body = std::move(body);
  return request;
}

TEST(FormBody, DecodesFieldsAndKeepsTheLastOfAName) {
  const auto form = read_form(post_of("a=1&b=x+y%26z&a=2&bare"));
  ASSERT_TRUE(form);
  EXPECT_EQ(form->size(), 2U);
  EXPECT_EQ(form->at("a"), "2");
  EXPECT_EQ(form->at("b"), "x y&z");
}

TEST(FormBody, RefusesWhatIsNoFormOrComesFromAnotherSite) {
  Request json = post_of("{}");
  json.headers = {{"content-type", "application/json"}};
  EXPECT_EQ(read_form(json).error().code, Code::UnsupportedMedia);
  Request cross = post_of("a=1");
  cross.headers.push_back({"sec-fetch-site", "cross-site"});
  EXPECT_EQ(read_form(cross).error().code, Code::Csrf);
  EXPECT_EQ(read_form(post_of("a=%zz")).error().code, Code::BadRequest);
  EXPECT_EQ(read_form(post_of("a=%ff")).error().code, Code::BadRequest);
}

TEST(FormBody, TakesEightFieldsAndNotNine) {
  std::string body = "f1=x";
  for (int i = 2; i <= 8; ++i)
    body += "&f" + std::to_string(i) + "=x";
  EXPECT_TRUE(read_form(post_of(body)));
  EXPECT_EQ(form_field(body, "f8"), "x");
  body += "&f9=x";
  EXPECT_EQ(read_form(post_of(body)).error().code, Code::LimitExceeded);
  EXPECT_EQ(form_field(body, "f1"), std::nullopt);
}

}  // namespace
}  // namespace probity::web
