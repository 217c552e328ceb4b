#include "crypto/password.hpp"

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <functional>

#include "base/instant.hpp"

namespace probity::crypto {
namespace {

constexpr PasswordCost k_cheap{.memory_bytes = 8 * 1024, .passes = 1};

std::string hash(std::string_view password, PasswordCost cost = k_cheap) {
  return hash_password(password, cost).value_or("");
}

TEST(Password, VerifiesWhatItHashed) {
  const std::string encoded = hash("correct horse battery staple");
  EXPECT_TRUE(verify_password(encoded, "correct horse battery staple"));
  EXPECT_FALSE(verify_password(encoded, "correct horse battery stapl"));
  EXPECT_FALSE(verify_password(encoded, "Correct horse battery staple"));
  EXPECT_FALSE(verify_password(encoded, ""));
}

TEST(Password, TakesEveryByte) {
  using namespace std::string_view_literals;
  const std::string encoded = hash("a\0b"sv);
  EXPECT_TRUE(verify_password(encoded, "a\0b"sv));
  EXPECT_FALSE(verify_password(encoded, "a\0c"sv));
  EXPECT_FALSE(verify_password(encoded, "a"));
  EXPECT_TRUE(verify_password(hash("pässwörd 🔑"), "pässwörd 🔑"));
  EXPECT_TRUE(verify_password(hash(""), ""));
}

TEST(Password, CostsWhatOwaspAsks) {
  // OWASP Password Storage: Argon2id with 19 MiB, 2 passes and 1 lane at least.
  const std::string encoded = hash("x", PasswordCost{});
  EXPECT_TRUE(encoded.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << encoded;
  EXPECT_TRUE(verify_password(encoded, "x"));
}

TEST(Password, HashesTheSamePasswordDifferentlyEachTime) { EXPECT_NE(hash("x"), hash("x")); }

TEST(Password, HasALargestLength) {
  const std::string longest(k_password_bytes_max, 'p');
  const std::string encoded = hash(longest);
  EXPECT_TRUE(verify_password(encoded, longest));
  EXPECT_EQ(hash_password(longest + "p", k_cheap).error().code, Code::LimitExceeded);
  EXPECT_FALSE(verify_password(encoded, longest + "p"));
}

TEST(Password, RefusesACostThatIsNone) {
  EXPECT_EQ(hash_password("x", {.memory_bytes = 8191, .passes = 1}).error().code, Code::Config);
  EXPECT_EQ(hash_password("x", {.memory_bytes = 8192, .passes = 0}).error().code, Code::Config);
  EXPECT_EQ(hash_password("x", {.memory_bytes = 8192, .passes = 17}).error().code, Code::Config);
  EXPECT_EQ(
      hash_password("x", {.memory_bytes = (std::size_t{1} << 30U) + 1, .passes = 1}).error().code,
      Code::Config);
}

TEST(Password, RefusesWhatIsNoHashOfOurs) {
  const std::string encoded = hash("x");
  EXPECT_FALSE(verify_password("", ""));
  EXPECT_FALSE(verify_password("x", "x"));
  EXPECT_FALSE(verify_password(encoded.substr(0, encoded.size() - 1), "x"));
  EXPECT_FALSE(verify_password(encoded + std::string(200, 'A'), "x"));
  // Argon2i, and bcrypt.
  EXPECT_FALSE(
      verify_password("$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                      "iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
                      "password"));
  EXPECT_FALSE(
      verify_password("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"));
}

TEST(Password, AHashMayNotAskForTheWholeMachine) {
  const std::string tail = ",p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  EXPECT_TRUE(verify_password("$argon2id$v=19$m=256,t=2" + tail, "password"));
  EXPECT_FALSE(verify_password("$argon2id$v=19$m=4194304,t=2" + tail, "password"));
  EXPECT_FALSE(verify_password("$argon2id$v=19$m=256,t=4294967295" + tail, "password"));
  EXPECT_FALSE(verify_password("$argon2id$v=19$m=99999999999999999999,t=2" + tail, "password"));
}

Span cpu_time_of(const std::function<void()>& work) {
  const auto now = [] {
    timespec at{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return Span::micros(at.tv_sec * 1'000'000 + at.tv_nsec / 1000);
  };
  Span least = Span::hours(1);
  for (int i = 0; i < 5; ++i) {
    const Span start = now();
    work();
    least = std::min(least, now() - start);
  }
  return least;
}

TEST(Password, AnUnknownAccountCostsTheSame) {
  const std::string encoded = hash("somebody's", PasswordCost{});
  const Span known = cpu_time_of([&] { EXPECT_FALSE(verify_password(encoded, "guess")); });
  const Span unknown = cpu_time_of([] { spend_as_if_verifying("guess"); });
  // Processor time of this thread alone, the least of five: a factor of two is far outside noise.
  EXPECT_GT(unknown * 2, known);
  EXPECT_LT(unknown, known * 2);
}

}  // namespace
}  // namespace probity::crypto
