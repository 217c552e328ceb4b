#include <gtest/gtest.h>

#include "app/engine_front.hpp"
#include "app/isolated_server.hpp"
#include "app/stage_for_test.hpp"
#include "attest/probes_drills.hpp"
#include "identity/sessions.hpp"

namespace probity::app {
namespace {

using attest::Finding;
using attest::Status;
using identity::Activity;
using identity::Authenticator;
using identity::Member;
using identity::Principal;

constexpr std::string_view k_reuse = "passwords.reuse_refused";
constexpr std::string_view k_strict = "passwords.strict_enforced";
constexpr std::string_view k_age = "passwords.age_enforced";

Finding found(std::string_view name, IsolatedParts parts = {}) {
  const support::OwnDirectory folder;
  for (const attest::Probe& probe :
       attest::profile_probes(make_isolated_maker(folder.path(), std::move(parts)))) {
    if (probe.name != name) continue;
    auto finding = probe.run(Deadline::after(Span::seconds(120)));
    if (finding) return *finding;
    ADD_FAILURE() << name << ": " << finding.error().detail << finding.error().hint;
  }
  return {};
}

/// The product's authenticator, whose answers are changed before they are looked at.
class Bending final : public Authenticator {
 public:
  using Bend = std::function<void(Member&)>;
  Bending(store::Engine& engine, const Clock& clock, Bend bend)
      : real_(engine, clock), clock_(clock), bend_(std::move(bend)) {}
  Result<Principal> by_cookie(std::string_view cookie, Activity activity) override {
    auto answer = real_.by_cookie(cookie, activity);
    if (answer)
      if (auto* member = std::get_if<Member>(&*answer)) bend_(*member);
    return answer;
  }
  Result<Principal> by_bearer(std::string_view token) override { return real_.by_bearer(token); }
  Result<std::string> csrf_token(const Member& member) override { return real_.csrf_token(member); }

 private:
  identity::StoreAuthenticator real_;
  const Clock& clock_;
  Bend bend_;
};

IsolatedParts bent_by(Bending::Bend bend) {
  IsolatedParts parts;
  parts.authenticator = [bend](store::Engine& engine, const Clock& clock) {
    return std::unique_ptr<Authenticator>(std::make_unique<Bending>(engine, clock, bend));
  };
  return parts;
}

/// A store that keeps nothing of the passwords that were used.
class Forgetful final : public EngineFront {
 public:
  using EngineFront::EngineFront;
  void submit(store::Space space, store::Change change, store::Done done) override {
    if (!space.tenant().is_nil()) {
      change.grant = store::k_grant_all;
      change.apply =
          [act = std::move(change.apply)](store::Tx& tx) mutable -> Result<store::Journal> {
        PROBITY_TRY(journal, act(tx));
        static constexpr std::string_view k_text = "DELETE FROM identity_password_tag";
        static constexpr store::Query k_forget{
            "sabotage.forget", "sabotage", k_text, k_text, 0, true};
        PROBITY_CHECK(tx.run(k_forget, {}));
        return std::move(journal);
      };
    }
    EngineFront::submit(space, std::move(change), std::move(done));
  }
};

TEST(ProfileProbes, HoldOnTheProduct) {
  for (const std::string_view name : {k_reuse, k_strict, k_age})
    EXPECT_FOUND(found(name), Status::Held);
}

TEST(ProfileProbes, SeeAProfileThatIsChosenAndNotKeptTo) {
  IsolatedParts parts;
  parts.routes = [](std::vector<web::Route>& routes) {
    bend_routes(
        routes,
        [](const web::Route& route) {
          return route.method == web::Method::Patch && route.pattern == "/api/v1/tenant/settings";
        },
        [](web::Call& call, const web::Handler& real) {
          std::string& body = request_of(call).body;
          const std::string_view chosen = "mindaclient";
          if (const std::size_t at = body.find(chosen); at != std::string::npos)
            body.replace(at, chosen.size(), "nist-r4");
          return real(call);
        });
  };
  for (const std::string_view name : {k_reuse, k_strict, k_age})
    EXPECT_FOUND(found(name, parts), Status::Broken);
}

TEST(ProfileProbes, SeePasswordsThatAreForgotten) {
  IsolatedParts parts;
  parts.engine = [](std::unique_ptr<store::Engine> real) {
    return std::make_unique<Forgetful>(std::move(real));
  };
  EXPECT_FOUND(found(k_reuse, parts), Status::Broken);
}

TEST(ProfileProbes, SeeAnAgeThatIsOverlooked) {
  EXPECT_FOUND(found(k_age, bent_by([](Member& member) { member.password.is_over = false; })),
               Status::Broken);
}

TEST(ProfileProbes, SeeThatNobodyIsReminded) {
  EXPECT_FOUND(
      found(k_age, bent_by([](Member& member) { member.password.is_reminder_due = false; })),
      Status::Broken);
}

}  // namespace
}  // namespace probity::app
