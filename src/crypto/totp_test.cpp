#include "crypto/totp.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace probity::crypto {
namespace {

const BytesView k_secret = as_bytes("12345678901234567890");

// RFC 6238, appendix B, the rows of SHA-1.
TEST(Totp, AnswersAsRfc6238Says) {
  const std::vector<std::pair<std::int64_t, std::string_view>> rows{{59, "94287082"},
                                                                    {1'111'111'109, "07081804"},
                                                                    {1'111'111'111, "14050471"},
                                                                    {1'234'567'890, "89005924"},
                                                                    {2'000'000'000, "69279037"},
                                                                    {20'000'000'000, "65353130"}};
  for (const auto& [at, code] : rows)
    EXPECT_EQ(totp_code(k_secret, totp_step_of(Instant::from_s(at)), 8), code) << at;
}

// RFC 4226, appendix D.
TEST(Totp, CountsAsRfc4226Says) {
  const std::vector<std::string> codes{"755224", "287082", "359152", "969429", "338314",
                                       "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t i = 0; i < codes.size(); ++i)
    EXPECT_EQ(totp_code(k_secret, static_cast<std::int64_t>(i)), codes[i]) << i;
}

TEST(Totp, StepsBeginAtTheirFirstMicrosecond) {
  EXPECT_EQ(totp_step_of(Instant::from_us(29'999'999)), 0);
  EXPECT_EQ(totp_step_of(Instant::from_us(30'000'000)), 1);
}

TEST(Totp, TakesTheStepsBesideThatOfNowAndNoOther) {
  const Instant now = Instant::from_s(1'234'567'890);
  const std::int64_t step = totp_step_of(now);
  for (const std::int64_t beside : {-1, 0, 1})
    EXPECT_EQ(matching_totp_step(k_secret, totp_code(k_secret, step + beside), now, 0),
              step + beside);
  for (const std::int64_t off : {-2, 2})
    EXPECT_FALSE(matching_totp_step(k_secret, totp_code(k_secret, step + off), now, 0)) << off;
}

TEST(Totp, TakesNoCodeOfAStepThatWasUsedAndNoneBeforeIt) {
  const Instant now = Instant::from_s(1'234'567'890);
  const std::int64_t step = totp_step_of(now);
  EXPECT_FALSE(matching_totp_step(k_secret, totp_code(k_secret, step), now, step));
  EXPECT_FALSE(matching_totp_step(k_secret, totp_code(k_secret, step - 1), now, step));
  EXPECT_TRUE(matching_totp_step(k_secret, totp_code(k_secret, step + 1), now, step));
}

TEST(Totp, TakesNothingButSixDigits) {
  const Instant now = Instant::from_s(59);
  EXPECT_EQ(totp_code(k_secret, 1), "287082");
  for (const std::string_view code : {"", "28708", "2870820", "94287082", "28708 ", "287083"})
    EXPECT_FALSE(matching_totp_step(k_secret, code, now, 0)) << code;
}

}  // namespace
}  // namespace probity::crypto
