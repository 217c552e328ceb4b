#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "app/stage_for_test.hpp"
#include "attest/probes_access.hpp"

namespace probity::app {
namespace {

using attest::Finding;
using attest::Status;
using identity::Activity;
using identity::Member;
using identity::Principal;

Finding found(Stage& stage) {
  return stage.run(attest::factor_probes(stage.ground(), stage.find(), ""),
                   "accounts.second_factor");
}

/// The store answers as if a control were missing: a trigger undoes what it wrote.
Finding found_with(std::string_view trigger) {
  Stage stage;
  stage.run_beneath(attest::Which::First, trigger);
  return found(stage);
}

/// Lets members go on who have to set up a factor first.
class Lenient final : public identity::Authenticator {
 public:
  Lenient(store::Engine& engine, const Clock& clock) : real_(engine, clock) {}
  Result<Principal> by_cookie(std::string_view cookie, Activity activity) override {
    auto answer = real_.by_cookie(cookie, activity);
    if (answer)
      if (auto* member = std::get_if<Member>(&*answer)) member->is_enrolment_due = false;
    return answer;
  }
  Result<Principal> by_bearer(std::string_view token) override { return real_.by_bearer(token); }
  Result<std::string> csrf_token(const Member& member) override { return real_.csrf_token(member); }

 private:
  identity::StoreAuthenticator real_;
};

TEST(FactorProbe, HoldsOnTheProduct) {
  Stage stage;
  EXPECT_FOUND(found(stage), Status::Held);
}

TEST(FactorProbe, SeesAPasswordThatIsEnough) {
  EXPECT_FOUND(found_with("CREATE TRIGGER forget AFTER INSERT ON identity_factor BEGIN "
                          "DELETE FROM identity_factor WHERE id = NEW.id; END"),
               Status::Broken);
}

TEST(FactorProbe, SeesCodesAndSignaturesThatLetInTwice) {
  EXPECT_FOUND(found_with("CREATE TRIGGER forget AFTER UPDATE ON identity_factor BEGIN UPDATE "
                          "identity_factor SET counter = 0, sign_count = 0 WHERE id = NEW.id "
                          "AND counter > 0; END"),
               Status::Broken);
}

TEST(FactorProbe, SeesRecoveryCodesThatLetInTwice) {
  EXPECT_FOUND(found_with("CREATE TRIGGER keep AFTER DELETE ON identity_recovery_code BEGIN "
                          "INSERT OR IGNORE INTO identity_recovery_code VALUES "
                          "(OLD.tenant_id, OLD.user_id, OLD.code_hash); END"),
               Status::Broken);
}

TEST(FactorProbe, SeesADemandThatIsNotMet) {
  Stage stage({.authenticator = [](store::Engine& engine, const Clock& clock) {
    return std::make_unique<Lenient>(engine, clock);
  }});
  EXPECT_FOUND(found(stage), Status::Broken);
}

TEST(FactorProbe, SeesAPasskeyOfAnotherPageTaken) {
  // The page it was made on is not looked at: whatever is said of it becomes the right one.
  const auto blind = [](web::Call& call, const web::Handler& real) {
    std::string& body = request_of(call).body;
    auto json = boost::json::parse(body);
    if (boost::json::value* credential = json.as_object().if_contains("credential")) {
      auto& client = credential->at("response").at("clientDataJSON").as_string();
      std::string said(as_text(*from_base64url(std::string_view(client))));
      const std::string_view elsewhere = "https://elsewhere.invalid";
      if (const std::size_t at = said.find(elsewhere); at != std::string::npos)
        said.replace(at, elsewhere.size(), "https://localhost");
      client = to_base64url(as_bytes(said));
      body = boost::json::serialize(json);
    }
    return real(call);
  };
  Stage stage(instead_of(web::Method::Post, "/api/v1/me/factors", blind));
  EXPECT_FOUND(found(stage), Status::Broken);
}

}  // namespace
}  // namespace probity::app
