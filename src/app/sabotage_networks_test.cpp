#include <gtest/gtest.h>

#include "app/isolated_server.hpp"
#include "app/stage_for_test.hpp"
#include "attest/probes_drills.hpp"
#include "identity/sessions.hpp"

namespace probity::app {
namespace {

using attest::Finding;
using attest::Status;
using identity::Activity;
using identity::Member;
using identity::Principal;
using identity::TokenHolder;

Finding found(IsolatedParts parts = {}) {
  const support::OwnDirectory folder;
  const auto probes = attest::network_probes(make_isolated_maker(folder.path(), std::move(parts)));
  auto finding = probes.front().run(Deadline::after(Span::seconds(120)));
  if (finding) return *finding;
  ADD_FAILURE() << finding.error().detail << finding.error().hint;
  return {};
}

/// Forgets the rules on the way: of sessions, or of tokens.
class Open final : public identity::Authenticator {
 public:
  enum class For : bool { Sessions, Tokens };
  Open(store::Engine& engine, const Clock& clock, For whom) : real_(engine, clock), whom_(whom) {}
  Result<Principal> by_cookie(std::string_view cookie, Activity activity) override {
    auto answer = real_.by_cookie(cookie, activity);
    if (answer && whom_ == For::Sessions)
      if (auto* member = std::get_if<Member>(&*answer)) member->networks = {};
    return answer;
  }
  Result<Principal> by_bearer(std::string_view token) override {
    auto answer = real_.by_bearer(token);
    if (answer && whom_ == For::Tokens)
      if (auto* holder = std::get_if<TokenHolder>(&*answer)) holder->networks = {};
    return answer;
  }
  Result<std::string> csrf_token(const Member& member) override { return real_.csrf_token(member); }

 private:
  identity::StoreAuthenticator real_;
  For whom_;
};

IsolatedParts open_for(Open::For whom) {
  IsolatedParts parts;
  parts.authenticator = [whom](store::Engine& engine, const Clock& clock) {
    return std::unique_ptr<identity::Authenticator>(std::make_unique<Open>(engine, clock, whom));
  };
  return parts;
}

IsolatedParts with_settings(const std::function<void(std::string& body)>& change) {
  IsolatedParts parts;
  parts.routes = [change](std::vector<web::Route>& routes) {
    bend_routes(
        routes,
        [](const web::Route& route) {
          return route.method == web::Method::Patch && route.pattern == "/api/v1/tenant/settings";
        },
        [change](web::Call& call, const web::Handler& real) {
          change(request_of(call).body);
          return real(call);
        });
  };
  return parts;
}

TEST(NetworkProbe, HoldsOnTheProduct) { EXPECT_FOUND(found(), Status::Held); }

TEST(NetworkProbe, SeesSessionsAndTokensThatGoOn) {
  EXPECT_FOUND(found(open_for(Open::For::Sessions)), Status::Broken);
  EXPECT_FOUND(found(open_for(Open::For::Tokens)), Status::Broken);
}

TEST(NetworkProbe, SeesARuleThatIsTakenAndNotKept) {
  const auto lose = [](std::string& body) {
    if (body.find("network_deny\":[\"2") != std::string::npos) body = R"({"network_deny":[]})";
  };
  EXPECT_FOUND(found(with_settings(lose)), Status::Broken);
}

TEST(NetworkProbe, SeesAGuardThatIsMissing) {
  const auto force = [](std::string& body) {
    body.insert(body.size() - 1, R"(,"network_force":true)");
  };
  EXPECT_FOUND(found(with_settings(force)), Status::Broken);
}

}  // namespace
}  // namespace probity::app
