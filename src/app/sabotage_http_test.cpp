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

Sabotage on_answers(std::function<void(const web::Request&, web::Response&)> change) {
  Sabotage sabotage;
  sabotage.answers = std::move(change);
  return sabotage;
}

void drop_header(web::Response& response, std::string_view name) {
  std::erase_if(response.headers, [&](const web::NamedText& h) { return h.name == name; });
}

TEST(HttpProbe, HoldsOnTheProduct) { EXPECT_FOUND(found(), Status::Held); }

TEST(HttpProbe, SeesAnErrorWithoutTheOrderToUseHttps) {
  EXPECT_FOUND(found(on_answers([](const web::Request&, web::Response& response) {
                 if (response.status >= 400) drop_header(response, "strict-transport-security");
               })),
               Status::Broken);
}

TEST(HttpProbe, SeesAnOrderThatEndsTooSoon) {
  EXPECT_FOUND(found(on_answers([](const web::Request&, web::Response& response) {
                 drop_header(response, "strict-transport-security");
                 response.with("strict-transport-security", "max-age=31535999; includeSubDomains");
               })),
               Status::Broken);
}

TEST(HttpProbe, SeesAPictureFromElsewhere) {
  for (const std::string_view picture :
       {"<img src=\"http://example.org/a.png\">", "<img src=\"//example.org/a.png\">",
        "<link rel=\"stylesheet\" href=\"https://example.org/a.css\">"}) {
    EXPECT_FOUND(found(on_answers([picture](const web::Request& request, web::Response& response) {
                   if (request.path == "/security") response.body += picture;
                 })),
                 Status::Broken);
  }
}

TEST(HttpProbe, IsUnknownWhenItCannotReadPages) {
  EXPECT_FOUND(found(on_answers([](const web::Request&, web::Response& response) {
                 if (!response.body.starts_with("{")) response.body.clear();
               })),
               Status::Unknown);
}

}  // namespace
}  // namespace probity::app
