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

}  // namespace
}  // namespace probity::web
