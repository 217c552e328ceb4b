#include "identity/email.hpp"

#include <gtest/gtest.h>

#include "crypto/keys.hpp"

namespace probity::identity {
namespace {

crypto::Digest hash_of(std::string_view email) {
  static const auto cipher = [] {
    auto made = std::make_unique<crypto::Cipher>(Bytes(16, 1));
    made->add_key(1, crypto::Key::random());
    return made;
  }();
  auto hash = email_hash(*cipher, email);
  EXPECT_TRUE(hash);
  return hash.value_or(crypto::Digest{});
}

TEST(Email, TakesOrdinaryAddresses) {
  for (const std::string_view good :
       {"a@b", "admin@localhost", "first.last+tag@sub.example.org", "o'neil_{x}@example.co.uk",
        "müller@bücher.example", "用户@例子.广告", " spaced@example.org\t"}) {
    EXPECT_TRUE(check_email(good)) << good;
  }
  EXPECT_EQ(check_email(" x@example.org ").value_or(""), "x@example.org");
}

TEST(Email, RefusesWhatIsNone) {
  for (const std::string_view bad : {"",
                                     "@",
                                     "a@",
                                     "@b",
                                     "a b@c",
                                     "a@b c",
                                     ".a@b",
                                     "a.@b",
                                     "a..b@c",
                                     "a@.b",
                                     "a@b.",
                                     "a@-b",
                                     "a@b-",
                                     "a@b_c",
                                     "a@b@c d",
                                     "\"q\"@b",
                                     "a(b)@c",
                                     "a@[127.0.0.1]",
                                     "a\n@b",
                                     "a@b\nBcc: x",
                                     "a\xC2\xA0z@b",
                                     "a\xE3\x80\x80z@b",
                                     "a\xFF@b",
                                     "a,b@c",
                                     "<a@b>"}) {
    const auto checked = check_email(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().code, Code::BadRequest);
    EXPECT_EQ(checked.error().fields.at(0).field, "/email");
  }
}

TEST(Email, HoldsItsLimits) {
  const std::string domain =
      "@" + std::string(60, 'd') + "." + std::string(60, 'e') + "." + std::string(60, 'f');
  EXPECT_TRUE(check_email(std::string(63, 'a') + "@b"));
  EXPECT_TRUE(check_email(std::string(64, 'a') + "@b"));
  EXPECT_FALSE(check_email(std::string(65, 'a') + "@b"));
  EXPECT_TRUE(check_email("a@" + std::string(63, 'b')));
  EXPECT_FALSE(check_email("a@" + std::string(64, 'b')));
  const auto of_length = [&](std::size_t length) {
    return std::string(64, 'a') + domain + "." + std::string(length - 65 - domain.size(), 'g');
  };
  EXPECT_EQ(of_length(254).size(), 254U);
  EXPECT_TRUE(check_email(of_length(253)));
  EXPECT_TRUE(check_email(of_length(254)));
  EXPECT_FALSE(check_email(of_length(255)));
}

TEST(Email, HashIsTheSameForEverySpelling) {
  const auto base = hash_of("strasse.user@example.org");
  for (const std::string_view same : {"STRASSE.USER@EXAMPLE.ORG", "Strasse.User@Example.Org",
                                      "stra\xC3\x9F"
                                      "e.user@example.org",
                                      "\xEF\xBD\x93trasse.user@example.org",  // full-width s
                                      "stra\xC2\xADsse.user@example.org",     // soft hyphen
                                      " strasse.user@example.org "}) {
    EXPECT_EQ(hash_of(same), base) << same;
  }
  EXPECT_NE(hash_of("strasse.user2@example.org"), base);
}

}  // namespace
}  // namespace probity::identity
