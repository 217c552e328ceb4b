#include <gtest/gtest.h>

#include "app/stage_for_test.hpp"
#include "attest/probes_drills.hpp"

namespace probity::app {
namespace {

using attest::Status;

attest::Finding found(Stage& stage) {
  return stage.run(attest::log_probes(stage.ground(), stage.find(), stage.log()),
                   "logs.secrets_absent");
}

TEST(LogProbe, HoldsOnTheProduct) {
  Stage stage;
  EXPECT_FOUND(found(stage), Status::Held);
  EXPECT_FALSE(stage.log().wants(LogLevel::Debug));
}

TEST(LogProbe, SeesTheAddressOfAFailedLogIn) {
  const auto talkative = [](web::Call& call, const web::Handler& real) {
    const std::string& body = call.request().body;
    const std::size_t at = body.find("\"email\":\"");
    if (at != std::string::npos)
      call.log().warn("log_in_failed",
                      {{"email", body.substr(at + 9, body.find('"', at + 9) - at - 9)}});
    return real(call);
  };
  Stage stage(instead_of(web::Method::Post, "/api/v1/login", talkative));
  EXPECT_FOUND(found(stage), Status::Broken);
}

TEST(LogProbe, SeesTheBodyOfARefusedRequestAtDebugLevel) {
  const auto talkative = [](web::Call& call, const web::Handler& real) {
    auto answer = real(call);
    if (!answer)
      call.log().write(LogLevel::Debug, "refused",
                       {{"body", to_hex(as_bytes(call.request().body))}});
    return answer;
  };
  Stage stage(instead_of(web::Method::Post, "/api/v1/public/{token}/responses", talkative));
  EXPECT_FOUND(found(stage), Status::Broken);
}

TEST(LogProbe, SeesTheTokenInAPath) {
  const auto talkative = [](web::Call& call, const web::Handler& real) {
    call.log().write(LogLevel::Debug, "page", {{"path", call.request().path}});
    return real(call);
  };
  Stage stage(instead_of(web::Method::Get, "/s/{token}", talkative));
  EXPECT_FOUND(found(stage), Status::Broken);
}

}  // namespace
}  // namespace probity::app
