#include <gtest/gtest.h>

#include <map>
#include <mutex>

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

constexpr std::string_view k_lifetime = "sessions.lifetime_enforced";
constexpr std::string_view k_idle = "sessions.idle_enforced";

/// The product's authenticator with one control broken.
class Sabotaged final : public Authenticator {
 public:
  using Break = std::function<Result<Principal>(identity::StoreAuthenticator&, const Clock&,
                                                std::string_view cookie, Activity)>;
  Sabotaged(store::Engine& engine, const Clock& clock, Break how)
      : real_(engine, clock), clock_(clock), how_(std::move(how)) {}
  Result<Principal> by_cookie(std::string_view cookie, Activity activity) override {
    return how_(real_, clock_, cookie, activity);
  }
  Result<Principal> by_bearer(std::string_view token) override { return real_.by_bearer(token); }
  Result<std::string> csrf_token(const Member& member) override { return real_.csrf_token(member); }

 private:
  identity::StoreAuthenticator real_;
  const Clock& clock_;
  Break how_;
};

IsolatedParts broken_by(Sabotaged::Break how) {
  IsolatedParts parts;
  parts.authenticator = [how](store::Engine& engine, const Clock& clock) {
    return std::unique_ptr<Authenticator>(std::make_unique<Sabotaged>(engine, clock, how));
  };
  return parts;
}

Finding found(std::string_view name, IsolatedParts parts = {}) {
  const support::OwnDirectory folder;
  for (const attest::Probe& probe :
       attest::session_probes(make_isolated_maker(folder.path(), std::move(parts)))) {
    if (probe.name != name) continue;
    auto finding = probe.run(Deadline::after(Span::seconds(120)));
    if (finding) return *finding;
    ADD_FAILURE() << name << ": " << finding.error().detail << finding.error().hint;
  }
  return {};
}

/// A session remembered as it was first seen: what a cache that never asks again would say.
IsolatedParts never_expiring() {
  struct Seen {
    std::mutex mutex;
    std::map<std::string, Principal, std::less<>> first;
  };
  auto seen = std::make_shared<Seen>();
  return broken_by([seen](identity::StoreAuthenticator& real, const Clock&, std::string_view cookie,
                          Activity activity) -> Result<Principal> {
    const std::lock_guard lock(seen->mutex);
    const auto known = seen->first.find(cookie);
    if (known != seen->first.end()) return known->second;
    auto answer = real.by_cookie(cookie, activity);
    if (answer) seen->first.emplace(cookie, *answer);
    return answer;
  });
}

TEST(SessionProbes, HoldOnTheProduct) {
  EXPECT_FOUND(found(k_lifetime), Status::Held);
  EXPECT_FOUND(found(k_idle), Status::Held);
}

TEST(SessionProbes, SeeSessionsThatNeverEnd) {
  EXPECT_FOUND(found(k_lifetime, never_expiring()), Status::Broken);
  EXPECT_FOUND(found(k_idle, never_expiring()), Status::Broken);
}

TEST(SessionProbes, SeeALimitThatIsTooShort) {
  const auto hasty = [](identity::StoreAuthenticator& real, const Clock& clock,
                        std::string_view cookie, Activity activity) -> Result<Principal> {
    auto answer = real.by_cookie(cookie, activity);
    const Member* member = answer ? std::get_if<Member>(&*answer) : nullptr;
    if (member != nullptr && member->expires_at - clock.now() < Span::hours(1))
      return fail(Code::SessionExpired);
    return answer;
  };
  EXPECT_FOUND(found(k_lifetime, broken_by(hasty)), Status::Broken);
}

TEST(SessionProbes, SeeBackgroundRequestsCountedAsUse) {
  const auto eager = [](identity::StoreAuthenticator& real, const Clock&, std::string_view cookie,
                        Activity) { return real.by_cookie(cookie, Activity::User); };
  EXPECT_FOUND(found(k_idle, broken_by(eager)), Status::Broken);
}

TEST(SessionProbes, SeeALoweredLimitThatSparesOpenSessions) {
  struct Seen {
    std::mutex mutex;
    std::map<std::string, Principal, std::less<>> long_ones;
  };
  auto seen = std::make_shared<Seen>();
  // Knows a session by the limit under which it has seen it first.
  const auto lenient = [seen](identity::StoreAuthenticator& real, const Clock& clock,
                              std::string_view cookie, Activity activity) -> Result<Principal> {
    auto answer = real.by_cookie(cookie, activity);
    const std::lock_guard lock(seen->mutex);
    const auto before = seen->long_ones.find(cookie);
    if (!answer && before != seen->long_ones.end() &&
        std::get<Member>(before->second).idle_expires_at > clock.now())
      return before->second;
    const Member* member = answer ? std::get_if<Member>(&*answer) : nullptr;
    if (member != nullptr && member->idle_expires_at - clock.now() > Span::hours(3))
      seen->long_ones.emplace(cookie, *answer);
    return answer;
  };
  EXPECT_FOUND(found(k_idle, broken_by(lenient)), Status::Broken);
}

TEST(SessionProbes, SeeARoleThatMayChangeTheLimit) {
  const auto generous = [](identity::StoreAuthenticator& real, const Clock&,
                           std::string_view cookie, Activity activity) -> Result<Principal> {
    auto answer = real.by_cookie(cookie, activity);
    if (answer)
      if (auto* member = std::get_if<Member>(&*answer)) member->role = identity::Role::Owner;
    return answer;
  };
  EXPECT_FOUND(found(k_idle, broken_by(generous)), Status::Broken);
}

TEST(SessionProbes, SeeALimitThatCanBeRaised) {
  // The route takes every number and keeps the highest there is.
  const auto patient = [](web::Call& call, const web::Handler& real) {
    std::string& body = request_of(call).body;
    if (const std::size_t at = body.find("14401"); at != std::string::npos)
      body.replace(at, 5, "14400");
    return real(call);
  };
  IsolatedParts parts;
  parts.routes = instead_of(web::Method::Patch, "/api/v1/tenant/settings", patient).routes;
  EXPECT_FOUND(found(k_idle, parts), Status::Broken);
}

}  // namespace
}  // namespace probity::app
