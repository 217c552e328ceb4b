#include "base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace probity {
namespace {

constexpr int k_codes = static_cast<int>(Code::Internal) + 1;

TEST(Code, EachHasItsOwnTextAStatusAndASentence) {
  std::set<std::string_view> texts;
  for (int i = 0; i < k_codes; ++i) {
    const CodeInfo& info = code_info(static_cast<Code>(i));
    EXPECT_TRUE(texts.insert(info.text).second) << info.text;
    EXPECT_FALSE(info.text.empty());
    EXPECT_TRUE(std::ranges::all_of(info.text, [](char c) {
      return (c >= 'a' && c <= 'z') || c == '_';
    })) << info.text;
    EXPECT_GE(info.http_status, 400) << info.text;
    EXPECT_LT(info.http_status, 600) << info.text;
    EXPECT_TRUE(info.sentence.ends_with('.')) << info.text;
    EXPECT_LE(info.sentence.size(), 80U) << info.text;
  }
}

TEST(Code, EntriesStandInTheOrderOfTheEnumeration) {
  EXPECT_EQ(code_info(Code::BadRequest).text, "bad_request");
  EXPECT_EQ(code_info(Code::IdempotencyReused).text, "idempotency_key_reused");
  EXPECT_EQ(code_info(Code::BadCredentials).text, "bad_credentials");
  EXPECT_EQ(code_info(Code::MfaRequired).text, "mfa_required");
  EXPECT_EQ(code_info(Code::NotFound).text, "not_found");
  EXPECT_EQ(code_info(Code::NotBuilt).text, "not_built");
  EXPECT_EQ(code_info(Code::IntegrityError).text, "integrity_error");
  EXPECT_EQ(code_info(Code::KeyUnavailable).text, "key_unavailable");
  EXPECT_EQ(code_info(Code::Internal).text, "internal");
}

TEST(Code, StatusesAreThoseOfTheContract) {
  EXPECT_EQ(code_info(Code::Unauthenticated).http_status, 401);
  EXPECT_EQ(code_info(Code::Forbidden).http_status, 403);
  EXPECT_EQ(code_info(Code::NotFound).http_status, 404);
  EXPECT_EQ(code_info(Code::Conflict).http_status, 409);
  EXPECT_EQ(code_info(Code::PreconditionFailed).http_status, 412);
  EXPECT_EQ(code_info(Code::BodyTooLarge).http_status, 413);
  EXPECT_EQ(code_info(Code::IdempotencyReused).http_status, 422);
  EXPECT_EQ(code_info(Code::EnrolmentRequired).http_status, 403);
  EXPECT_EQ(code_info(Code::QuotaExceeded).http_status, 422);
  EXPECT_EQ(code_info(Code::UnsafeFile).http_status, 400);
  EXPECT_EQ(code_info(Code::Throttled).http_status, 429);
  EXPECT_EQ(code_info(Code::NotBuilt).http_status, 501);
  EXPECT_EQ(code_info(Code::Overloaded).http_status, 503);
  EXPECT_EQ(code_info(Code::StorageFull).http_status, 507);
}

TEST(Error, FailKeepsItsDetailFromTheClient) {
  const Result<int> result = fail(Code::StorageFailed, "disk /dev/x");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail, "disk /dev/x");
  EXPECT_TRUE(result.error().hint.empty());
  EXPECT_TRUE(result.error().fields.empty());
}

TEST(Error, RefusalsSpeakToTheClient) {
  const Result<int> hint = refuse(Code::Conflict, "Choose another name.");
  EXPECT_EQ(hint.error().hint, "Choose another name.");
  EXPECT_TRUE(hint.error().detail.empty());
  const Result<int> field = refuse_field(Code::LimitExceeded, "/title", "At most 200 characters.");
  ASSERT_EQ(field.error().fields.size(), 1U);
  EXPECT_EQ(field.error().fields[0].field, "/title");
  EXPECT_EQ(field.error().fields[0].reason, "At most 200 characters.");
}

Result<int> half_of(int number) {
  if (number % 2 != 0) return fail(Code::BadRequest, "odd");
  return number / 2;
}

Result<std::string> quarter_of(int number) {
  PROBITY_TRY(half, half_of(number));
  PROBITY_CHECK(half_of(half));
  return std::to_string(half / 2);
}

TEST(Result, TryAndCheckPassErrorsOn) {
  EXPECT_EQ(quarter_of(8).value_or(""), "2");
  for (const int number : {3, 6}) {
    const auto result = quarter_of(number);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::BadRequest);
    EXPECT_EQ(result.error().detail, "odd");
  }
}

}  // namespace
}  // namespace probity
