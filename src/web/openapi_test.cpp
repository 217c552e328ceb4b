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

TEST(OpenApi, SaysWhatIsCommonToAllTenants) {
  const auto document_of = [](Objects objects) {
    RouteDoc doc;
    doc.objects = objects;
    std::vector<Route> routes;
    routes.emplace_back(Method::Get, "/things/{id}", Access::signed_in(), Limits{}, doc,
                        [](Call&) -> Result<Answer> { return empty_response(204); });
    const auto router = Router::build(std::move(routes));
    EXPECT_TRUE(router);
    return boost::json::parse(openapi_json(*router, "1", TestRoutes::Hidden));
  };
  const auto get_of = [](const boost::json::value& document) {
    return document.at("paths").at("/things/{id}").at("get").as_object();
  };
  EXPECT_EQ(get_of(document_of(Objects::Common)).at("x-probity-objects"), "common");
  EXPECT_FALSE(get_of(document_of(Objects::OfTenant)).contains("x-probity-objects"));
}

TEST(OpenApi, ShowsTestRoutesOnlyWhenAsked) {
  const auto hidden = boost::json::parse(openapi_json(sample(), "1", TestRoutes::Hidden));
  EXPECT_FALSE(hidden.at("paths").as_object().contains("/test/clock"));
  const auto shown = boost::json::parse(openapi_json(sample(), "1", TestRoutes::Shown));
  EXPECT_TRUE(shown.at("paths").as_object().contains("/test/clock"));
}

}  // namespace
}  // namespace probity::web
