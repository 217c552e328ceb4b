#include <gtest/gtest.h>

#include <functional>

#include "attest/attest_fixture.hpp"
#include "identity/sessions.hpp"

namespace probity::attest {
namespace {

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

SessionSubject broken_by(Sabotaged::Break how) {
  SessionSubject subject = product_sessions();
  subject.make_authenticator = [how](store::Engine& engine, const Clock& clock) {
    return std::unique_ptr<Authenticator>(std::make_unique<Sabotaged>(engine, clock, how));
  };
  return subject;
}

/// A session remembered as it was first seen: what a cache that never asks again would say.
SessionSubject never_expiring() {
  auto first = std::make_shared<std::map<std::string, Principal>>();
  return broken_by([first](identity::StoreAuthenticator& real, const Clock&,
                           std::string_view cookie, Activity activity) -> Result<Principal> {
    const auto known = first->find(std::string(cookie));
    if (known != first->end()) return known->second;
    auto answer = real.by_cookie(cookie, activity);
    if (answer) first->emplace(cookie, *answer);
    return answer;
  });
}

TEST(SessionProbes, HoldOnTheProduct) {
  Workshop shop;
  const Probes probes = session_probes(shop.ground);
  EXPECT_STATUS(run_probe(probes, k_lifetime), Status::Held);
  EXPECT_STATUS(run_probe(probes, k_idle), Status::Held);
  EXPECT_STATUS(run_probe(probes, k_idle), Status::Held);  // Once more.
}

TEST(SessionProbes, SeeSessionsThatNeverEnd) {
  Workshop shop;
  const Probes probes = session_probes(shop.ground, never_expiring());
  EXPECT_STATUS(run_probe(probes, k_lifetime), Status::Broken);
  EXPECT_STATUS(run_probe(probes, k_idle), Status::Broken);
}

TEST(SessionProbes, SeeALimitThatIsTooShort) {
  Workshop shop;
  const SessionSubject subject =
      broken_by([](identity::StoreAuthenticator& real, const Clock& clock, std::string_view cookie,
                   Activity activity) -> Result<Principal> {
        auto answer = real.by_cookie(cookie, activity);
        const Member* member = answer ? std::get_if<Member>(&*answer) : nullptr;
        if (member != nullptr && member->expires_at - clock.now() < Span::hours(1))
          return fail(Code::SessionExpired);
        return answer;
      });
  EXPECT_STATUS(run_probe(session_probes(shop.ground, subject), k_lifetime), Status::Broken);
}

TEST(SessionProbes, SeeBackgroundRequestsCountedAsUse) {
  Workshop shop;
  const SessionSubject subject =
      broken_by([](identity::StoreAuthenticator& real, const Clock&, std::string_view cookie,
                   Activity) { return real.by_cookie(cookie, Activity::User); });
  EXPECT_STATUS(run_probe(session_probes(shop.ground, subject), k_idle), Status::Broken);
}

TEST(SessionProbes, SeeALoweredLimitThatSparesOpenSessions) {
  Workshop shop;
  // Knows the session it has seen first by its old limit.
  auto limits = std::make_shared<std::map<std::string, Span>>();
  const SessionSubject subject =
      broken_by([limits](identity::StoreAuthenticator& real, const Clock& clock,
                         std::string_view cookie, Activity activity) -> Result<Principal> {
        auto answer = real.by_cookie(cookie, activity);
        if (answer) {
          const auto& member = std::get<Member>(*answer);
          limits->try_emplace(std::string(cookie), member.idle_expires_at - clock.now());
        } else if (limits->contains(std::string(cookie)) &&
                   limits->at(std::string(cookie)) > Span::hours(3)) {
          return Principal(Member{});
        }
        return answer;
      });
  EXPECT_STATUS(run_probe(session_probes(shop.ground, subject), k_idle), Status::Broken);
}

TEST(SessionProbes, SeeARoleThatMayChangeTheLimit) {
  Workshop shop;
  SessionSubject subject = product_sessions();
  subject.permissions_of = [](identity::Role) { return identity::Permissions::from_bits(~0U); };
  EXPECT_STATUS(run_probe(session_probes(shop.ground, subject), k_idle), Status::Broken);
}

}  // namespace
}  // namespace probity::attest
