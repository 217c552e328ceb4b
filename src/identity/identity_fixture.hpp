#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "identity/hasher.hpp"
#include "identity/login.hpp"
#include "identity/sessions.hpp"
#include "identity/users.hpp"
#include "support/both_engines.hpp"

// For the tests of this room only.
namespace probity::identity {

inline constexpr std::string_view k_good_password = "violet kettle sails at noon";
inline constexpr std::string_view k_other_password = "seven brown teapots whisper";

/// Counts the slow work instead of doing it: what a password costs is then a number, not a time.
class CountingHasher final : public Hasher {
 public:
  Result<std::string> hash(std::string_view password) override {
    ++hashes;
    return "plain:" + std::string(password);
  }
  bool verify(std::string_view encoded, std::string_view password) override {
    ++verifications;
    return encoded == "plain:" + std::string(password);
  }
  Result<crypto::Digest> tag(std::string_view password,
                             std::span<const std::uint8_t, 16> salt) override {
    ++hashes;
    return crypto::sha256(as_bytes(std::string(password) + to_hex(salt)));
  }
  void spend(std::string_view) override { ++spent; }

  [[nodiscard]] int slow_work() const { return verifications + spent; }
  std::atomic<int> hashes{0};
  std::atomic<int> verifications{0};
  std::atomic<int> spent{0};
};

/// A tenant with one active owner, on both engines.
class Members : public support::BothEngines {
 protected:
  void begin() override {
    login = std::make_unique<Login>(*engine, clock, hasher);
    authenticator = std::make_unique<StoreAuthenticator>(*engine, clock);
    auto cipher = engine->cipher(space());
    ASSERT_TRUE(cipher);
    keys = *cipher;
    auto token = create_owner(*engine, tenant, "owner@example.org", clock.now());
    ASSERT_TRUE(token) << token.error().detail << token.error().hint;
    ASSERT_TRUE(redeem(*token, k_good_password));
    owner = user_of("owner@example.org");
  }

  [[nodiscard]] Acting operator_acting() const {
    return acting_as_operator(tenant, clock.now(), keys);
  }
  [[nodiscard]] Acting acting_with(Role role) const {
    return {tenant, "usr_test", permissions_of(role), clock.now(), keys};
  }
  [[nodiscard]] std::unique_ptr<store::Reader> read() {
    auto reader = engine->read(space(), k_grant);
    EXPECT_TRUE(reader);
    return std::move(*reader);
  }
  template <typename T>
  [[nodiscard]] Result<std::shared_ptr<T>> commit(Result<Planned<T>> plan) {
    if (!plan) return std::unexpected(std::move(plan).error());
    PROBITY_CHECK(engine->apply(space(), std::move(plan->change)));
    return plan->outcome;
  }

  [[nodiscard]] Result<std::shared_ptr<Nothing>> redeem(std::string_view token,
                                                        std::string_view password) {
    const auto reader = read();
    return commit(plan_redeem(*reader, hasher, operator_acting(), {token, password, "main"}));
  }
  [[nodiscard]] UserId user_of(std::string_view email) {
    auto users = list_users(*read(), *keys, UserId(), 1000);
    EXPECT_TRUE(users);
    for (const auto& user : *users)
      if (user.email == email) return user.id;
    return UserId();
  }
  /// An active member.
  [[nodiscard]] UserId member(std::string_view email, Role role) {
    auto invited = commit(plan_invite(operator_acting(), email, role));
    EXPECT_TRUE(invited) << (invited ? "" : invited.error().hint);
    EXPECT_TRUE(redeem((*invited)->token, k_good_password));
    return (*invited)->id;
  }

  [[nodiscard]] Result<std::shared_ptr<LoginOutcome>> try_login(std::string_view email,
                                                                std::string_view password,
                                                                Bytes address = {203, 0, 113, 9}) {
    return commit(login->attempt({tenant, email, password, address}));
  }
  /// The cookie of a fresh session.
  [[nodiscard]] std::string cookie_of(std::string_view email) {
    auto outcome = try_login(email, k_good_password);
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().detail);
    EXPECT_TRUE(outcome && (*outcome)->member);
    return outcome ? (*outcome)->cookie : std::string();
  }
  [[nodiscard]] Code answer_of(std::string_view cookie, Activity activity = Activity::User) {
    const auto principal = authenticator->by_cookie(cookie, activity);
    return principal ? Code::Internal : principal.error().code;
  }
  /// Internal stands for "let in": no authenticator answers with it.
  static constexpr Code k_in = Code::Internal;

  CountingHasher hasher;
  std::unique_ptr<Login> login;
  std::unique_ptr<StoreAuthenticator> authenticator;
  std::shared_ptr<const crypto::Cipher> keys;
  UserId owner;
};

}  // namespace probity::identity
