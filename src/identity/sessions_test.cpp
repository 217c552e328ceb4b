#include "identity/sessions.hpp"

#include <gtest/gtest.h>

#include <set>

#include "identity/identity_fixture.hpp"
#include "identity/settings.hpp"
#include "identity/sweep.hpp"
#include "identity/tokens.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

class Session : public Members {
 protected:
  void set_idle(std::int64_t seconds) {
    SettingsPatch patch;
    patch.session_idle_s = seconds;
    const auto done = commit(plan_change_settings(operator_acting(), patch));
    ASSERT_TRUE(done) << done.error().detail;
  }
  /// Waits until what was submitted without waiting has been written.
  void settle() {
    store::Change change{k_grant, {}, std::nullopt, store::Growth::Essential};
    change.apply = [](store::Tx&) -> Result<store::Journal> { return store::Journal{}; };
    ASSERT_TRUE(engine->apply(space(), std::move(change)));
  }
  std::size_t count() { return list_sessions(*read(), operator_acting(), owner)->size(); }
};
INSTANTIATE_TEST_SUITE_P(Engines, Session, support::both_engines(), support::engine_name);

TEST_P(Session, CookieOpensTheDoorForItsMember) {
  const std::string cookie = cookie_of("owner@example.org");
  const auto principal = authenticator->by_cookie(cookie, Activity::User);
  ASSERT_TRUE(principal) << principal.error().detail;
  const auto& member = std::get<Member>(*principal);
  EXPECT_EQ(member.tenant, tenant);
  EXPECT_EQ(member.user, owner);
  EXPECT_EQ(member.role, Role::Owner);
  EXPECT_EQ(member.expires_at, clock.now() + Span::days(7));
  EXPECT_EQ(member.idle_expires_at, clock.now() + Span::hours(4));
}

TEST_P(Session, EndsAfterSevenDaysWhateverTheActivity) {
  const std::string cookie = cookie_of("owner@example.org");
  const Instant start = clock.now();
  for (int hour = 1; hour < 7 * 24; ++hour) {
    clock.set(start + Span::hours(hour));
    ASSERT_EQ(answer_of(cookie), k_in) << hour;
  }
  clock.set(start + Span::days(7) - Span::minutes(1));
  EXPECT_EQ(answer_of(cookie), k_in);
  clock.set(start + Span::days(7) - Span::seconds(1));
  EXPECT_EQ(answer_of(cookie), k_in);
  clock.set(start + Span::days(7));
  EXPECT_EQ(answer_of(cookie), Code::SessionExpired);
  clock.set(start + Span::days(7) + Span::seconds(1));
  EXPECT_EQ(answer_of(cookie), Code::SessionExpired);
}

TEST_P(Session, EndsAfterFourHoursWithoutActivity) {
  for (const auto& [span, answer] :
       {std::pair{Span::hours(4) - Span::seconds(1), k_in},
        std::pair{Span::hours(4), Code::SessionExpired},
        std::pair{Span::hours(4) + Span::seconds(1), Code::SessionExpired}}) {
    const std::string cookie = cookie_of("owner@example.org");
    clock.advance(Span::seconds(7));
    ASSERT_EQ(answer_of(cookie), k_in);  // The last activity, not at a writing interval.
    clock.advance(span);
    EXPECT_EQ(answer_of(cookie), answer) << span.s();
  }
}

TEST_P(Session, StaysEndedOnceItHasEnded) {
  const std::string cookie = cookie_of("owner@example.org");
  clock.advance(Span::hours(4));
  EXPECT_EQ(answer_of(cookie), Code::SessionExpired);
  clock.advance(Span::seconds(5));
  EXPECT_EQ(answer_of(cookie), Code::SessionExpired);
}

TEST_P(Session, BackgroundRequestsAreNoActivity) {
  const std::string cookie = cookie_of("owner@example.org");
  const Instant start = clock.now();
  for (int minute = 1; minute < 240; ++minute) {
    clock.set(start + Span::minutes(minute));
    ASSERT_EQ(answer_of(cookie, Activity::Background), k_in);
  }
  clock.set(start + Span::hours(4) + Span::seconds(1));
  EXPECT_EQ(answer_of(cookie, Activity::Background), Code::SessionExpired);
}

TEST_P(Session, EndsAfterFifteenMinutesWhenTheTenantSaysSo) {
  const std::string before = cookie_of("owner@example.org");
  set_idle(900);
  const std::string after = cookie_of("owner@example.org");
  clock.advance(Span::seconds(899));
  EXPECT_EQ(answer_of(before), k_in) << "applies to existing sessions, but not early";
  EXPECT_EQ(answer_of(after), k_in);
  clock.advance(Span::seconds(901));
  EXPECT_EQ(answer_of(before), Code::SessionExpired);
  EXPECT_EQ(answer_of(after), Code::SessionExpired);
}

TEST_P(Session, ComesNotBackWhenTheLimitIsLengthened) {
  set_idle(900);
  const std::string cookie = cookie_of("owner@example.org");
  clock.advance(Span::seconds(900));
  set_idle(14'400);
  EXPECT_NE(answer_of(cookie), k_in);
}

TEST_P(Session, LimitCannotBeLengthenedBeyondFourHours) {
  SettingsPatch patch;
  for (const std::int64_t bad : {k_session_idle_least_s - 1, k_session_idle_most_s + 1}) {
    patch.session_idle_s = bad;
    EXPECT_EQ(plan_change_settings(operator_acting(), patch).error().code, Code::BadRequest);
  }
  for (const std::int64_t good : {k_session_idle_least_s, k_session_idle_least_s + 1,
                                  k_session_idle_most_s - 1, k_session_idle_most_s}) {
    patch.session_idle_s = good;
    EXPECT_TRUE(plan_change_settings(operator_acting(), patch));
  }
  EXPECT_EQ(idle_span_of(999'999), Span::hours(4));
  EXPECT_EQ(idle_span_of(1), Span::seconds(300));
  EXPECT_EQ(idle_span_of({}), Span::hours(4));
}

TEST_P(Session, NeverLastsLongerAfterARestartAndAtMostALittleLess) {
  const std::string cookie = cookie_of("owner@example.org");
  clock.advance(Span::seconds(20));
  ASSERT_EQ(answer_of(cookie), k_in);  // Written: the stored time was 20 s old.
  clock.advance(Span::seconds(14));
  ASSERT_EQ(answer_of(cookie), k_in);  // Kept in memory only.
  settle();
  StoreAuthenticator restarted(*engine, clock);
  clock.advance(Span::hours(4) - Span::seconds(15));
  EXPECT_TRUE(restarted.by_cookie(cookie, Activity::Background));
  clock.advance(Span::seconds(1));
  EXPECT_EQ(restarted.by_cookie(cookie, Activity::Background).error().code, Code::SessionExpired);
  EXPECT_EQ(answer_of(cookie, Activity::Background), k_in) << "exact on the node that saw it";
}

TEST_P(Session, WritesActivityAtMostEveryFifteenSeconds) {
  const std::string cookie = cookie_of("owner@example.org");
  settle();
  const auto before = engine->stats().changes_committed;
  for (int i = 0; i < 140; ++i) {
    clock.advance(Span::millis(100));
    ASSERT_EQ(answer_of(cookie), k_in);
  }
  settle();
  EXPECT_EQ(engine->stats().changes_committed - before, 1U) << "only the waiting one of this test";
  clock.advance(Span::seconds(2));
  ASSERT_EQ(answer_of(cookie), k_in);
  ASSERT_EQ(answer_of(cookie), k_in);
  settle();
  EXPECT_EQ(engine->stats().changes_committed - before, 3U);
}

TEST_P(Session, CookieIsSealedAndOnlyItsOwn) {
  const std::string cookie = cookie_of("owner@example.org");
  auto bytes = from_base64url(cookie);
  ASSERT_TRUE(bytes);
  auto system = engine->cipher(store::Space::system());
  auto content = open_cookie(**system, cookie);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->secret.expose().size(), 64U);
  EXPECT_EQ(content->tenant, tenant);
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    Bytes flipped = *bytes;
    flipped[i] ^= 1;
    ASSERT_EQ(answer_of(to_base64url(flipped)), Code::Unauthenticated) << i;
  }
  for (const std::string_view bad : {"", "x", "prb_abc", "AAAA"})
    EXPECT_EQ(answer_of(bad), Code::Unauthenticated);
  EXPECT_EQ(answer_of(cookie + "A"), Code::Unauthenticated);
  EXPECT_EQ(answer_of(std::string(100'000, 'A')), Code::Unauthenticated);
  EXPECT_EQ(answer_of(cookie), k_in);
}

TEST_P(Session, CookieHoldsNoPassword) {
  auto system = engine->cipher(store::Space::system());
  const auto sealed = from_base64url(cookie_of("owner@example.org"));
  const auto plain = (*system)->open("session.cookie", {}, *sealed);
  ASSERT_TRUE(plain);
  // Version, session, tenant and 64 random bytes: there is room for nothing else.
  EXPECT_EQ(plain->size(), 1U + 16 + 16 + 64);
  EXPECT_EQ(as_text(*plain).find(k_good_password), std::string_view::npos);
}

TEST_P(Session, SetCookieTextIsThatOfASessionCookie) {
  const std::string text = set_cookie_text("VALUE");
  EXPECT_EQ(text, "__Host-probity=VALUE; Path=/; Secure; HttpOnly; SameSite=Lax");
  EXPECT_EQ(clear_cookie_text().find("Max-Age"), std::string::npos);
  EXPECT_EQ(clear_cookie_text().find("Expires"), std::string::npos);
}

TEST_P(Session, IsNewAtEveryLogin) {
  std::set<std::string> cookies;
  std::set<SessionId> ids;
  auto system = engine->cipher(store::Space::system());
  for (int i = 0; i < 20; ++i) {
    const std::string cookie = cookie_of("owner@example.org");
    EXPECT_TRUE(cookies.insert(cookie).second);
    EXPECT_TRUE(ids.insert(open_cookie(**system, cookie)->session).second);
  }
}

TEST_P(Session, LogoutEndsItAlone) {
  const std::string one = cookie_of("owner@example.org");
  const std::string two = cookie_of("owner@example.org");
  auto system = engine->cipher(store::Space::system());
  const SessionId id = open_cookie(**system, one)->session;
  ASSERT_TRUE(commit(plan_logout(operator_acting(), id)));
  EXPECT_EQ(answer_of(one), Code::Unauthenticated);
  EXPECT_EQ(answer_of(two), k_in);
  EXPECT_TRUE(commit(plan_logout(operator_acting(), id))) << "twice does no harm";
}

TEST_P(Session, CanBeEndedByItsOwnMemberOnly) {
  const UserId other = member("other@example.org", Role::Editor);
  const std::string cookie = cookie_of("owner@example.org");
  auto system = engine->cipher(store::Space::system());
  const SessionId id = open_cookie(**system, cookie)->session;
  EXPECT_EQ(commit(plan_end_session(operator_acting(), other, id)).error().code, Code::NotFound);
  EXPECT_EQ(answer_of(cookie), k_in);
  EXPECT_TRUE(commit(plan_end_session(operator_acting(), owner, id)));
  EXPECT_EQ(answer_of(cookie), Code::Unauthenticated);
}

TEST_P(Session, RevokeAllEndsThemAllAndTokensOnlyOnRequest) {
  const std::string other = [&] {
    (void)member("other@example.org", Role::Editor);
    return cookie_of("other@example.org");
  }();
  std::vector<std::string> cookies;
  for (int i = 0; i < 3; ++i)
    cookies.push_back(cookie_of("owner@example.org"));
  auto token = commit(plan_token(operator_acting(), owner, {"ci", {"surveys.read"}, {}}));
  ASSERT_TRUE(token);
  ASSERT_TRUE(commit(plan_revoke_all(operator_acting(), owner, Tokens::Keep)));
  for (const auto& cookie : cookies)
    EXPECT_EQ(answer_of(cookie), Code::Unauthenticated);
  EXPECT_EQ(answer_of(other), k_in);
  EXPECT_TRUE(authenticator->by_bearer((*token)->text));
  ASSERT_TRUE(commit(plan_revoke_all(operator_acting(), owner, Tokens::Revoke)));
  EXPECT_FALSE(authenticator->by_bearer((*token)->text));
}

TEST_P(Session, OldestGoFirstBeyondTheLimit) {
  const std::string first = cookie_of("owner@example.org");
  clock.advance(Span::seconds(1));
  for (std::int64_t i = 0; i < k_sessions_per_user_max - 1; ++i)
    (void)cookie_of("owner@example.org");
  EXPECT_EQ(answer_of(first), k_in);
  EXPECT_EQ(count(), static_cast<std::size_t>(k_sessions_per_user_max));
  (void)cookie_of("owner@example.org");
  EXPECT_EQ(answer_of(first), Code::Unauthenticated);
  EXPECT_EQ(count(), static_cast<std::size_t>(k_sessions_per_user_max));
}

TEST_P(Session, ListShowsNetworkAndLeavesOutWhatHasEnded) {
  (void)cookie_of("owner@example.org");
  auto records = list_sessions(*read(), operator_acting(), owner);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->at(0).network, "203.0.113.0/24");
  EXPECT_EQ(records->at(0).started_at, clock.now());
  clock.advance(Span::hours(4) + k_session_touch_every);
  EXPECT_EQ(count(), 0U);
}

TEST_P(Session, IsToldApartAfterItWasSweptAway) {
  const std::string cookie = cookie_of("owner@example.org");
  clock.advance(Span::days(7) - Span::seconds(1));
  EXPECT_EQ((*commit(plan_sweep(operator_acting())))->rows, 0);
  clock.advance(Span::seconds(2));
  EXPECT_EQ((*commit(plan_sweep(operator_acting())))->rows, 1);
  EXPECT_EQ(answer_of(cookie), Code::SessionExpired);
}

TEST_P(Session, OfAnUnknownTenantIsUnauthenticated) {
  auto system = engine->cipher(store::Space::system());
  const auto session = make_session(**system, TenantId::make(clock.now()), clock.now());
  EXPECT_EQ(answer_of(session->cookie), Code::Unauthenticated);
}

TEST_P(Session, CsrfTokenBelongsToOneSession) {
  const auto token_of = [&](const std::string& cookie) {
    const auto principal = authenticator->by_cookie(cookie, Activity::User);
    return authenticator->csrf_token(std::get<Member>(*principal)).value_or("");
  };
  const std::string one = cookie_of("owner@example.org");
  const std::string two = cookie_of("owner@example.org");
  EXPECT_EQ(token_of(one), token_of(one));
  EXPECT_NE(token_of(one), token_of(two));
  EXPECT_EQ(token_of(one).size(), 43U);
}

TEST(SessionSecret, NeverRepeats) {
  crypto::Cipher system{Bytes(16, 0)};
  system.add_key(1, crypto::Key::random());
  std::set<crypto::Digest> seen;
  std::array<std::int64_t, 8> ones{};
  constexpr int k_count = 20'000;
  for (int i = 0; i < k_count; ++i) {
    auto session = make_session(system, TenantId(), Instant::from_s(1));
    ASSERT_TRUE(session);
    ASSERT_TRUE(seen.insert(session->secret_hash).second);
    if (i % 20 != 0) continue;
    const auto content = open_cookie(system, session->cookie);
    for (const std::uint8_t byte : content->secret.expose())
      for (std::size_t bit = 0; bit < 8; ++bit)
        ones[bit] += byte >> bit & 1;
  }
  // 64,000 bytes: half of each bit within five standard deviations (126 each).
  for (const std::int64_t n : ones)
    EXPECT_NEAR(static_cast<double>(n), 32'000.0, 633.0);
}

TEST(ActivityBook, IsBoundedAndForgetsTheOldOnes) {
  ActivityBook book(100);
  const Instant start = Instant::from_s(1'767'225'600);
  std::vector<SessionId> ids;
  for (int i = 0; i < 150; ++i) {
    ids.push_back(SessionId::make(start));
    (void)book.note(ids.back(), start + Span::seconds(i), start);
  }
  EXPECT_LE(book.entries(), 100U);
  EXPECT_EQ(book.last(ids.back(), start), start + Span::seconds(149));
  EXPECT_EQ(book.last(ids.front(), start), start) << "the stored time counts";
}

TEST(ActivityBook, KeepsTheLatestTimeWhenTheClockIsSetBack) {
  ActivityBook book;
  const Instant start = Instant::from_s(1'767'225'600);
  const SessionId id = SessionId::make(start);
  (void)book.note(id, start + Span::minutes(5), start);
  EXPECT_FALSE(book.note(id, start + Span::minutes(1), start));
  EXPECT_EQ(book.last(id, start), start + Span::minutes(5));
}

}  // namespace
}  // namespace probity::identity
