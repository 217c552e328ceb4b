#include <gtest/gtest.h>

#include "feature/survey/survey_fixture.hpp"
#include "web/qr_code.hpp"

namespace probity::survey {
namespace {

class Sharing : public SurveyRoom {};

TEST_P(Sharing, ShowsTheCodeOfAPublishedSurveyAlone) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string own = "/api/v1/surveys/" + made.id;
  const auto ask = [&](const std::string& target, const std::string& host) {
    return send({.target = target, .headers = {{"host", host}}});
  };
  const Reply svg = ask(own + "/qr.svg", "ask.example");
  EXPECT_EQ(svg.status, 200) << svg.body;
  EXPECT_EQ(svg.headers.at("content-type"), "image/svg+xml");
  const auto wanted = web::qr_code_of("https://ask.example/s/" + made.token);
  EXPECT_EQ(svg.body, web::qr_svg(*wanted));
  EXPECT_EQ(ask(own + "/qr.png", "ask.example").body, web::qr_png(*wanted));
  module_->show_links_at("https://public.example/");
  EXPECT_EQ(ask(own + "/qr.svg", "ask.example").body,
            web::qr_svg(*web::qr_code_of("https://public.example/s/" + made.token)));
  const Reply draft = post("/api/v1/surveys", std::string(k_simple_questionnaire));
  EXPECT_EQ(get("/api/v1/surveys/" + draft.text("/id") + "/qr.svg").status, 409);
  EXPECT_EQ(get("/api/v1/surveys/srv_00000000000000000000000000/qr.png").status, 404);
}

INSTANTIATE_TEST_SUITE_P(Engines, Sharing, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
