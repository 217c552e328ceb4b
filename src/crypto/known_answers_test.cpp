#include "crypto/known_answers.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace probity::crypto {
namespace {

TEST(SelfTest, EveryAlgorithmAnswersAsItsStandardSays) {
  const auto answers = run_known_answers();
  ASSERT_TRUE(answers) << answers.error().detail;
  for (const std::string_view algorithm :
       {"AES-256-GCM", "SHA-256", "HMAC-SHA-256", "HKDF-SHA-256", "Ed25519", "Argon2id"}) {
    EXPECT_TRUE(std::ranges::any_of(*answers, [&](const KnownAnswer& answer) {
      return answer.name.starts_with(algorithm) && answer.has_passed && !answer.source.empty();
    })) << algorithm;
  }
}

TEST(SelfTest, OneWrongAnswerFailsTheWhole) {
  std::vector<KnownAnswer> answers{{"SHA-256", "FIPS 180-4", true}};
  EXPECT_TRUE(require_all_passed(answers));
  answers.push_back({"HMAC", "RFC 4231", false});
  const auto judged = require_all_passed(answers);
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().code, Code::Internal);
  EXPECT_NE(judged.error().detail.find("HMAC"), std::string::npos);
}

TEST(SelfTest, NoAnswerIsNoPass) { EXPECT_FALSE(require_all_passed({})); }

}  // namespace
}  // namespace probity::crypto
