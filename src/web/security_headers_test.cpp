#include "web/security_headers.hpp"

#include <gtest/gtest.h>

namespace probity::web {
namespace {

std::string_view value_of(const Response& response, std::string_view name) {
  for (const NamedText& header : response.headers)
    if (header.name == name) return header.value;
  return {};
}

TEST(SecurityHeaders, AreOnEveryAnswer) {
  Response response = empty_response(204);
  add_security_headers(response, "max-age=63072000", RequestId());
  EXPECT_EQ(value_of(response, "strict-transport-security"), "max-age=63072000");
  EXPECT_EQ(value_of(response, "x-content-type-options"), "nosniff");
  EXPECT_EQ(value_of(response, "referrer-policy"), "no-referrer");
  EXPECT_EQ(value_of(response, "cache-control"), "no-store");
  EXPECT_FALSE(value_of(response, "x-request-id").empty());
  const std::string_view csp = value_of(response, "content-security-policy");
  EXPECT_NE(csp.find("default-src 'none'"), std::string_view::npos);
  EXPECT_NE(csp.find("frame-ancestors 'none'"), std::string_view::npos);
  EXPECT_EQ(csp.find("unsafe-inline"), std::string_view::npos);
}

TEST(SecurityHeaders, LeaveAHandlersCachingAlone) {
  Response response = empty_response(200);
  response.with("cache-control", "public, max-age=60");
  add_security_headers(response, "max-age=1", RequestId());
  EXPECT_EQ(value_of(response, "cache-control"), "public, max-age=60");
}

TEST(SecurityHeaders, OwnFramesChangeNothingElse) {
  Response plain = empty_response(200);
  add_security_headers(plain, "max-age=1", RequestId());
  Response framed = empty_response(200);
  allow_own_frames(framed);
  add_security_headers(framed, "max-age=1", RequestId());
  EXPECT_EQ(value_of(framed, "x-frame-options"), "SAMEORIGIN");
  EXPECT_EQ(framed.headers.size(), plain.headers.size());
  std::string policy(value_of(plain, "content-security-policy"));
  policy.replace(policy.find("ancestors 'none'"), 16, "ancestors 'self'");
  EXPECT_EQ(value_of(framed, "content-security-policy"), policy);
}

}  // namespace
}  // namespace probity::web
