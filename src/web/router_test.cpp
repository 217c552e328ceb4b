#include "web/router.hpp"

#include <gtest/gtest.h>

#include "web/form_body.hpp"

namespace probity::web {
namespace {

Route route(Method method, std::string_view pattern) {
  return Route(method, pattern, Access::open_to_everyone("test"), {}, {},
               [](Call&) -> Result<Answer> { return empty_response(204); });
}

Request request(Method method, std::string_view target) {
  Request request;
  request.method = method;
  EXPECT_TRUE(set_target(request, target));
  return request;
}

Router sample() {
  std::vector<Route> routes;
  routes.push_back(route(Method::Get, "/"));
  routes.push_back(route(Method::Get, "/surveys"));
  routes.push_back(route(Method::Get, "/surveys/{id}"));
  routes.push_back(route(Method::Delete, "/surveys/{id}"));
  routes.push_back(route(Method::Post, "/surveys/import"));
  routes.push_back(route(Method::Get, "/surveys/{id}/responses/{rid}"));
  auto built = Router::build(std::move(routes));
  EXPECT_TRUE(built);
  return std::move(*built);
}

TEST(Router, FindsTheRouteAndItsValues) {
  const Router router = sample();
  const Request asked = request(Method::Get, "/surveys/a/responses/b");
  const Match match = router.find(asked);
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "/surveys/{id}/responses/{rid}");
  EXPECT_EQ(match.values, (std::vector<std::string_view>{"a", "b"}));
}

TEST(Router, TakesNoChangeOfWhatIsCommonToAllTenants) {
  for (const Method method : {Method::Get, Method::Put, Method::Post, Method::Delete}) {
    std::vector<Route> routes;
    routes.push_back(route(method, "/templates/{id}"));
    routes.back().doc.objects = Objects::Common;
    EXPECT_EQ(Router::build(std::move(routes)).has_value(), method == Method::Get);
  }
}

TEST(Router, TakesALiteralBeforeAPlaceholder) {
  const Router router = sample();
  const Request asked = request(Method::Post, "/surveys/import");
  ASSERT_NE(router.find(asked).route, nullptr);
  EXPECT_EQ(router.find(asked).route->pattern, "/surveys/import");
}

TEST(Router, AnswersHeadWithTheGetRoute) {
  const Router router = sample();
  const Request asked = request(Method::Head, "/surveys");
  ASSERT_NE(router.find(asked).route, nullptr);
  EXPECT_EQ(router.find(asked).route->method, Method::Get);
}

TEST(Router, TellsAnUnknownPathFromAWrongMethod) {
  const Router router = sample();
  const Request wrong_method = request(Method::Put, "/surveys/a");
  EXPECT_EQ(router.find(wrong_method).route, nullptr);
  EXPECT_EQ(router.find(wrong_method).allowed, (std::vector{Method::Get, Method::Delete}));
  const Request unknown = request(Method::Get, "/nowhere");
  EXPECT_EQ(router.find(unknown).route, nullptr);
  EXPECT_TRUE(router.find(unknown).allowed.empty());
}

TEST(Router, RefusesTwoRoutesForOnePath) {
  std::vector<Route> routes;
  routes.push_back(route(Method::Get, "/a/{x}"));
  routes.push_back(route(Method::Get, "/a/{y}"));
  const auto built = Router::build(std::move(routes));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, Code::Config);
}

TEST(Router, RefusesAMalformedPattern) {
  for (const std::string_view pattern : {"a", "/a/"}) {
    std::vector<Route> routes;
    routes.push_back(route(Method::Get, pattern));
    EXPECT_FALSE(Router::build(std::move(routes))) << pattern;
  }
}

TEST(Router, RefusesASignedInFormWhoseTokenMightNotBeSeen) {
  const auto build = [](std::uint64_t bytes, Access access, std::string_view type) {
    std::vector<Route> routes;
    RouteDoc doc;
    doc.request_type = type;
    routes.emplace_back(Method::Post, "/form", access, Limits{.body_max_bytes = bytes}, doc,
                        [](Call&) -> Result<Answer> { return empty_response(204); });
    return Router::build(std::move(routes));
  };
  const std::uint64_t most = k_body_unproven_max_bytes;
  EXPECT_TRUE(build(most - 1, Access::signed_in(), k_form_type));
  EXPECT_TRUE(build(most, Access::signed_in(), k_form_type));
  EXPECT_EQ(build(most + 1, Access::signed_in(), k_form_type).error().code, Code::Config);
  EXPECT_FALSE(build(most + 1, Access::require(identity::Permission::SurveysEdit), k_form_type));
  EXPECT_TRUE(build(most + 1, Access::by_link(), k_form_type));
  EXPECT_TRUE(build(most + 1, Access::signed_in(), "application/json"));
}

}  // namespace
}  // namespace probity::web
