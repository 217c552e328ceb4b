#include <gtest/gtest.h>

#include "app/stage_for_test.hpp"
#include "attest/probes_tls.hpp"

namespace probity::app {
namespace {

using attest::Status;

constexpr std::string_view k_probe = "http.pages_encrypted_only";

attest::Finding found(Sabotage sabotage = {}) {
  Stage stage(std::move(sabotage));
  return stage.run(attest::http_probes(stage.find()), k_probe);
}

TEST(HttpProbe, HoldsOnTheProduct) { EXPECT_FOUND(found(), Status::Held); }

TEST(HttpProbe, SeesAnOrderThatIsMissingWeakOrEndsTooSoon) {
  for (const char* hsts : {"", "max-age=31535999; includeSubDomains", "max-age=63072000"}) {
    Sabotage sabotage;
    sabotage.hsts = hsts;
    EXPECT_FOUND(found(std::move(sabotage)), Status::Broken);
  }
}

TEST(HttpProbe, SeesARouteWithAnOrderOfItsOwn) {
  // The page sets the header itself, and what is set already is not set again.
  const auto own = [](web::Call& call, const web::Handler& real) -> Result<web::Answer> {
    auto answer = real(call);
    if (auto* response = answer ? std::get_if<web::Response>(&*answer) : nullptr)
      response->with("strict-transport-security", "max-age=31536000; includeSubDomains");
    return answer;
  };
  EXPECT_FOUND(found(instead_of(web::Method::Get, "/privacy", own)), Status::Broken);
}

TEST(HttpProbe, SeesAPictureFromElsewhere) {
  for (const std::string picture :
       {"<img src=\"http://example.org/a.png\">", "<img src=\"//example.org/a.png\">",
        "<link rel=\"stylesheet\" href=\"https://example.org/a.css\">"}) {
    const auto page = [picture](web::Call& call, const web::Handler& real) -> Result<web::Answer> {
      auto answer = real(call);
      if (auto* response = answer ? std::get_if<web::Response>(&*answer) : nullptr)
        response->body += picture;
      return answer;
    };
    EXPECT_FOUND(found(instead_of(web::Method::Get, "/security", page)), Status::Broken);
  }
}

TEST(HttpProbe, IsUnknownWhenItCannotReadPages) {
  Sabotage sabotage;
  sabotage.routes = [](std::vector<web::Route>& routes) {
    bend_routes(
        routes, [](const web::Route& route) { return route.method == web::Method::Get; },
        [](web::Call&, const web::Handler&) -> Result<web::Answer> {
          return web::html_response(200, "");
        });
  };
  EXPECT_FOUND(found(std::move(sabotage)), Status::Unknown);
}

}  // namespace
}  // namespace probity::app
