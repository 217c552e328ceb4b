#include "web/openapi.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace probity::web {
namespace {

Router sample() {
  const Handler nothing = [](Call&) -> Result<Answer> { return empty_response(204); };
  RouteDoc doc;
  doc.summary = "A thing";
  doc.query = {"after"};
  doc.request_schema = R"({"type":"object"})";
  std::vector<Route> routes;
  routes.emplace_back(Method::Put, "/things/{id}",
                      Access::require(identity::Permission::SurveysEdit), Limits{}, doc, nothing);
  routes.emplace_back(Method::Post, "/test/clock", Access::test_mode(), Limits{}, RouteDoc{},
                      nothing);
  return std::move(*Router::build(std::move(routes)));
}

TEST(OpenApi, DescribesAccessParametersAndBody) {
  const auto document = boost::json::parse(openapi_json(sample(), "1", TestRoutes::Hidden));
  const auto& put = document.at("paths").at("/things/{id}").at("put");
  EXPECT_EQ(put.at("x-probity-access"), "permission:surveys.edit");
  EXPECT_EQ(put.at("parameters").as_array().size(), 2U);
  EXPECT_TRUE(put.as_object().contains("requestBody"));
  EXPECT_EQ(put.at("security").as_array().size(), 2U);
}

TEST(OpenApi, ShowsTestRoutesOnlyWhenAsked) {
  const auto hidden = boost::json::parse(openapi_json(sample(), "1", TestRoutes::Hidden));
  EXPECT_FALSE(hidden.at("paths").as_object().contains("/test/clock"));
  const auto shown = boost::json::parse(openapi_json(sample(), "1", TestRoutes::Shown));
  EXPECT_TRUE(shown.at("paths").as_object().contains("/test/clock"));
}

}  // namespace
}  // namespace probity::web
