#include "identity/login.hpp"

#include <gtest/gtest.h>

#include <fmt/core.h>

#include "audit/read.hpp"
#include "identity/identity_fixture.hpp"
#include "identity/sweep.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

class LogIn : public Members {
 protected:
  /// The code of an attempt: what is refused at once, or what the outcome says.
  Code attempt(std::string_view email, std::string_view password,
               Bytes address = {198, 51, 100, 7}) {
    auto outcome = try_login(email, password, std::move(address));
    if (!outcome) return outcome.error().code;
    return (*outcome)->member ? k_in : Code::BadCredentials;
  }
  int wait(std::string_view email) {
    const auto planned = login->attempt({tenant, email, k_good_password, Bytes{198, 51, 100, 8}});
    return planned ? 0 : planned.error().retry_after_s;
  }
  /// An address nobody used before, so that only the account's counter is tried.
  Bytes fresh_address() {
    ++next_;
    return {10, static_cast<std::uint8_t>(next_ >> 16), static_cast<std::uint8_t>(next_ >> 8),
            static_cast<std::uint8_t>(next_)};
  }
  std::vector<audit::ChainedEntry> journal() {
    auto reader = engine->read(space(), store::k_grant_all);
    return *audit::list_entries(**reader, 0, 1000);
  }
  void spend_strangers_guesses() {
    for (std::int64_t i = 0; i < k_failures_of_strangers_max; ++i) {
      ASSERT_EQ(attempt("owner@example.org", "wrong", fresh_address()), Code::BadCredentials) << i;
      clock.advance(wait_after(i + 1));
    }
  }
  int next_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Engines, LogIn, support::both_engines(), support::engine_name);

TEST_P(LogIn, TakesTheRightPasswordInEverySpellingOfTheAddress) {
  for (const std::string_view email : {"owner@example.org", "OWNER@EXAMPLE.ORG",
                                       " Owner@Example.org ", "\xEF\xBD\x8Fwner@example.org"})
    EXPECT_EQ(attempt(email, k_good_password), k_in) << email;
  const auto outcome = try_login("OWNER@example.org", k_good_password);
  EXPECT_EQ((*outcome)->email, "owner@example.org");
}

TEST_P(LogIn, AnswersAlikeForEveryReasonToRefuse) {
  auto invited = commit(plan_invite(operator_acting(), "invited@example.org", Role::Editor));
  ASSERT_TRUE(invited);
  const UserId disabled = member("disabled@example.org", Role::Editor);
  ASSERT_TRUE(commit(plan_change_user(operator_acting(), disabled, {{}, true})));
  const std::vector<std::pair<std::string_view, std::string_view>> refused{
      {"owner@example.org", "wrong"},           {"nobody@example.org", k_good_password},
      {"invited@example.org", k_good_password}, {"disabled@example.org", k_good_password},
      {"not an address", k_good_password},
  };
  for (const auto& [email, password] : refused) {
    const int before = hasher.slow_work();
    EXPECT_EQ(attempt(email, password), Code::BadCredentials) << email;
    EXPECT_EQ(hasher.slow_work() - before, 1) << email << ": one slow hash, no more and no less";
  }
  const int before = hasher.slow_work();
  const auto unknown =
      login->attempt({TenantId(), "owner@example.org", k_good_password, Bytes{198, 51, 100, 7}});
  EXPECT_EQ(unknown.error().code, Code::BadCredentials);
  EXPECT_EQ(hasher.slow_work() - before, 1);
}

TEST_P(LogIn, MakesAnAccountRestAfterFiveFailures) {
  for (std::int64_t i = 0; i < k_failures_free; ++i)
    ASSERT_EQ(attempt("owner@example.org", "wrong", fresh_address()), Code::BadCredentials) << i;
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), Code::Throttled);
  EXPECT_EQ(wait("owner@example.org"), 1);
  clock.advance(Span::millis(999));
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), Code::Throttled);
  clock.advance(Span::millis(1));
  EXPECT_EQ(attempt("owner@example.org", "wrong", fresh_address()), Code::BadCredentials);
  EXPECT_EQ(wait("owner@example.org"), 2);
  clock.advance(Span::seconds(2));
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), k_in);
  for (std::int64_t i = 0; i < k_failures_free; ++i)
    EXPECT_EQ(attempt("owner@example.org", "wrong", fresh_address()), Code::BadCredentials);
}

TEST_P(LogIn, CountsNamesWithoutAccountAlike) {
  for (std::int64_t i = 0; i < k_failures_free; ++i)
    ASSERT_EQ(attempt("nobody@example.org", "wrong", fresh_address()), Code::BadCredentials);
  EXPECT_EQ(attempt("nobody@example.org", "wrong", fresh_address()), Code::Throttled);
  EXPECT_EQ(wait("NOBODY@example.org"), 1);
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), k_in);
}

TEST_P(LogIn, DoesNoSlowWorkWhileItRests) {
  for (std::int64_t i = 0; i < k_failures_free; ++i)
    (void)attempt("owner@example.org", "wrong", fresh_address());
  const int before = hasher.slow_work();
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), Code::Throttled);
  EXPECT_EQ(hasher.slow_work(), before);
}

TEST_P(LogIn, CountersHoldOverARestart) {
  for (std::int64_t i = 0; i < k_failures_free; ++i)
    (void)attempt("owner@example.org", "wrong", fresh_address());
  reopen();
  login = std::make_unique<Login>(*engine, clock, hasher);
  keys = *engine->cipher(space());
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), Code::Throttled);
}

TEST_P(LogIn, ShutsStrangersOutAfterEightyFailuresUntilANewLink) {
  for (std::int64_t i = 0; i < k_failures_of_strangers_max - 1; ++i) {
    ASSERT_EQ(attempt("owner@example.org", "wrong", fresh_address()), Code::BadCredentials) << i;
    clock.advance(k_failure_wait_most);
  }
  EXPECT_EQ(attempt("owner@example.org", "wrong", fresh_address()), Code::BadCredentials);
  clock.advance(Span::days(30));
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), Code::Banned);
  ASSERT_TRUE(commit(plan_sweep(operator_acting())));
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), Code::Banned);
  const auto token = reissue_link(*engine, tenant, "owner@example.org", clock.now());
  ASSERT_TRUE(token);
  ASSERT_TRUE(redeem(*token, k_other_password));
  EXPECT_EQ(attempt("owner@example.org", k_other_password, fresh_address()), k_in);
}

TEST_P(LogIn, CannotBeShutOffFromWhereAMemberCameInBefore) {
  const Bytes home{203, 0, 113, 9};
  const Bytes next_door{203, 0, 113, 200};
  ASSERT_EQ(attempt("owner@example.org", k_good_password, home), k_in);
  spend_strangers_guesses();
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), Code::Banned);
  EXPECT_EQ(attempt("owner@example.org", k_good_password, home), k_in);
  EXPECT_EQ(attempt("owner@example.org", k_good_password, next_door), k_in);
  // Coming in gives the stranger nothing back; a new password does, for the old guesses are void.
  EXPECT_EQ(attempt("owner@example.org", "wrong", fresh_address()), Code::Banned);
  {
    const auto reader = read();
    ASSERT_TRUE(commit(login->change_password(
        *reader, operator_acting(), {owner, k_good_password, k_other_password, "main"}, home)));
  }
  EXPECT_EQ(attempt("owner@example.org", k_other_password, fresh_address()), k_in);
}

TEST_P(LogIn, AllowsAHundredGuessesAtOnePasswordWhereverTheyComeFrom) {
  ASSERT_EQ(attempt("owner@example.org", k_good_password, {203, 0, 113, 9}), k_in);
  ASSERT_EQ(attempt("owner@example.org", k_good_password, {192, 0, 2, 9}), k_in);
  std::int64_t guesses = 0;
  for (int i = 0; i < 150; ++i) {
    for (const Bytes& from : {fresh_address(), Bytes{203, 0, 113, 10}, Bytes{192, 0, 2, 10}}) {
      if (attempt("owner@example.org", "wrong", from) == Code::BadCredentials) ++guesses;
      clock.advance(k_failure_wait_most);
    }
  }
  EXPECT_EQ(guesses, k_failures_max);
  for (const Bytes& from : {fresh_address(), Bytes{203, 0, 113, 9}, Bytes{192, 0, 2, 9}})
    EXPECT_EQ(attempt("owner@example.org", k_good_password, from), Code::Banned);
  // The operator's way back: the throttle ends with the new link, before it is used.
  ASSERT_TRUE(reissue_link(*engine, tenant, "owner@example.org", clock.now()));
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), k_in);
}

TEST_P(LogIn, KnowsANetworkForThirtyDays) {
  const Bytes home{203, 0, 113, 9};
  const Instant start = clock.now();
  ASSERT_EQ(attempt("owner@example.org", k_good_password, home), k_in);
  clock.advance(k_network_memory - Span::days(1));
  spend_strangers_guesses();
  const Instant last = start + k_network_memory - Span::micros(1);
  clock.advance(last - clock.now());
  EXPECT_EQ(attempt("owner@example.org", "wrong", home), Code::BadCredentials);
  clock.advance(Span::micros(1));
  EXPECT_EQ(attempt("owner@example.org", k_good_password, home), Code::Banned);
}

TEST_P(LogIn, LastAllowedGuessMayStillBeRight) {
  for (std::int64_t i = 0; i < k_failures_of_strangers_max - 1; ++i) {
    (void)attempt("owner@example.org", "wrong", fresh_address());
    clock.advance(k_failure_wait_most);
  }
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), k_in);
}

TEST_P(LogIn, MakesAnAddressRestWhateverTheAccount) {
  const Bytes address{198, 51, 100, 99};
  for (std::int64_t i = 0; i < k_address_failures_max; ++i)
    ASSERT_EQ(attempt(fmt::format("user{}@example.org", i), "wrong", address),
              Code::BadCredentials);
  EXPECT_EQ(attempt("owner@example.org", k_good_password, address), Code::Throttled);
  EXPECT_EQ(attempt("owner@example.org", k_good_password, {198, 51, 100, 100}), k_in);
  clock.advance(k_address_forgive_every);
  EXPECT_EQ(attempt("owner@example.org", k_good_password, address), k_in);
}

TEST_P(LogIn, CountsGuessesThatAreNotYetCommitted) {
  std::vector<Planned<LoginOutcome>> waiting;
  for (std::int64_t i = 0; i < k_failures_free; ++i) {
    auto planned = login->attempt({tenant, "owner@example.org", "wrong", fresh_address()});
    ASSERT_TRUE(planned);
    waiting.push_back(std::move(*planned));
  }
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), Code::Throttled);
  waiting.clear();
  EXPECT_EQ(attempt("owner@example.org", k_good_password, fresh_address()), k_in);
}

TEST_P(LogIn, IsRefusedWhenTheAccountChangesMeanwhile) {
  auto planned = login->attempt({tenant, "owner@example.org", k_good_password, fresh_address()});
  ASSERT_TRUE(planned);
  const auto token = reissue_link(*engine, tenant, "owner@example.org", clock.now());
  clock.advance(Span::seconds(1));
  ASSERT_TRUE(redeem(*token, k_other_password));
  const auto outcome = commit(Result<Planned<LoginOutcome>>(std::move(*planned)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::BadCredentials);
}

TEST_P(LogIn, LeavesAnEntryEitherWay) {
  const auto before = journal().size();
  (void)attempt("owner@example.org", "wrong");
  (void)attempt("nobody@example.org", "wrong");
  (void)attempt("owner@example.org", k_good_password);
  const auto entries = journal();
  ASSERT_EQ(entries.size(), before + 3);
  EXPECT_EQ(entries[before].entry.action, "session.login");
  EXPECT_EQ(entries[before].entry.outcome, "refused:bad_credentials");
  EXPECT_EQ(entries[before].entry.object, owner.text());
  EXPECT_EQ(entries[before + 1].entry.object, "");
  EXPECT_EQ(entries[before + 2].entry.actor, owner.text());
  EXPECT_EQ(entries[before + 2].entry.outcome, "done");
}

TEST_P(LogIn, ForgetsNamesNobodyHas) {
  (void)attempt("nobody@example.org", "wrong");
  (void)attempt("owner@example.org", "wrong");
  clock.advance(k_attempt_memory);
  EXPECT_EQ((*commit(plan_sweep(operator_acting())))->rows, 0);
  clock.advance(Span::seconds(1));
  EXPECT_EQ((*commit(plan_sweep(operator_acting())))->rows, 1);
}

TEST_P(LogIn, PasswordsAreSealedAndDifferForEachMember) {
  (void)member("second@example.org", Role::Editor);
  std::vector<Bytes> stored;
  for (const std::string_view email : {"owner@example.org", "second@example.org"}) {
    const UserId user = user_of(email);
    auto row = read()->first(sql::identity::user_by_id, {tenant, user},
                             [](const store::Row& r) { return to_bytes(r.bytes(3)); });
    ASSERT_TRUE(row && *row);
    stored.push_back(**row);
    EXPECT_EQ(as_text(stored.back()).find(k_good_password), std::string_view::npos);
    EXPECT_NE(crypto::Cipher::key_number_of(stored.back()), 0U);
    EXPECT_TRUE(keys->open(k_password_purpose, user.bytes(), stored.back()));
  }
  EXPECT_NE(stored[0], stored[1]);
  EXPECT_FALSE(keys->open(k_password_purpose, owner.bytes(), stored[1])) << "bound to its member";
}

TEST_P(LogIn, PasswordChangeEndsEverySessionAndNeedsTheOldOne) {
  const std::string here = cookie_of("owner@example.org");
  const std::string there = cookie_of("owner@example.org");
  const Bytes address = fresh_address();
  const auto change = [&](std::string_view current, std::string_view fresh) {
    const auto reader = read();
    return commit(login->change_password(*reader, operator_acting(),
                                         {owner, current, fresh, "main"}, address));
  };
  auto wrong = change("wrong", k_other_password);
  ASSERT_TRUE(wrong);
  EXPECT_FALSE((*wrong)->is_changed);
  EXPECT_EQ(answer_of(here), k_in);
  const auto weak = change(k_good_password, "Passw0rd");
  EXPECT_EQ(weak.error().code, Code::PasswordRefused);
  EXPECT_EQ(weak.error().fields.at(0).field, "/new");
  auto right = change(k_good_password, k_other_password);
  ASSERT_TRUE(right);
  EXPECT_TRUE((*right)->is_changed);
  EXPECT_EQ(answer_of(here), Code::Unauthenticated);
  EXPECT_EQ(answer_of(there), Code::Unauthenticated);
  EXPECT_EQ(attempt("owner@example.org", k_good_password), Code::BadCredentials);
  EXPECT_EQ(attempt("owner@example.org", k_other_password), k_in);
}

TEST_P(LogIn, GuessingThroughAPasswordChangeIsThrottledToo) {
  for (std::int64_t i = 0; i < k_failures_free; ++i) {
    const auto reader = read();
    ASSERT_TRUE(commit(login->change_password(
        *reader, operator_acting(), {owner, "wrong", k_other_password, "main"}, fresh_address())));
  }
  const auto reader = read();
  EXPECT_EQ(
      login
          ->change_password(*reader, operator_acting(),
                            {owner, k_good_password, k_other_password, "main"}, fresh_address())
          .error()
          .code,
      Code::Throttled);
}

TEST(Argon, HashesAndVerifiesAtItsCost) {
  Argon argon(crypto::PasswordCost{8 * 1024 * 1024, 1});
  const auto encoded = argon.hash(k_good_password);
  ASSERT_TRUE(encoded);
  EXPECT_TRUE(encoded->starts_with("$argon2id$"));
  EXPECT_TRUE(argon.verify(*encoded, k_good_password));
  EXPECT_FALSE(argon.verify(*encoded, k_other_password));
}

}  // namespace
}  // namespace probity::identity
