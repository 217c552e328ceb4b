#include "feature/survey/ledger.hpp"

#include <fmt/format.h>

#include "feature/survey/limits.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "feature/survey/sweep.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

using Repeating = SurveyRoom;

constexpr const char* k_soup = R"({"food":"Soup"})";

TEST_P(Repeating, SameKeyAndBodyGetTheSameReceipt) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply first = submit(made.token, k_soup, "key-1");
  const Reply again = submit(made.token, k_soup, "key-1");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.headers.count("idempotency-replayed"), 0U);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
  EXPECT_EQ(again.text("/receipt"), first.text("/receipt"));
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report").at("/responses"), "1");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Repeating, OtherBodyIsRefused) {
  const Made made = make(std::string(k_simple_questionnaire));
  ASSERT_EQ(submit(made.token, k_soup, "key-1").status, 201);
  const Reply other = submit(made.token, R"({"food":"Bread"})", "key-1");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.code, "idempotency_key_reused");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Repeating, KeysOfTwoLinksAreApart) {
  const Made one = make(std::string(k_simple_questionnaire));
  const Made two = make(std::string(k_simple_questionnaire));
  EXPECT_EQ(submit(one.token, k_soup, "key").status, 201);
  const Reply reply = submit(two.token, R"({"food":"Bread"})", "key");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.headers.count("idempotency-replayed"), 0U);
}

TEST_P(Repeating, WithoutAKeyEveryPostCounts) {
  const Made made = make(std::string(k_simple_questionnaire));
  submit(made.token, k_soup);
  submit(made.token, k_soup);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "2");
}

TEST_P(Repeating, KeyIsRememberedForTwentyFourHoursToTheSecond) {
  const Made made = make(std::string(k_simple_questionnaire));
  clock_.advance(Span::millis(123));
  const std::string receipt = submit(made.token, k_soup, "key").text("/receipt");
  clock_.advance(Span::hours(24) - Span::seconds(1));
  EXPECT_EQ(submit(made.token, k_soup, "key").text("/receipt"), receipt);
  clock_.advance(Span::seconds(2));
  const Reply late = submit(made.token, k_soup, "key");
  EXPECT_EQ(late.status, 201);
  EXPECT_NE(late.text("/receipt"), receipt);
  EXPECT_EQ(submit(made.token, k_soup, "key").text("/receipt"), late.text("/receipt"));
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "2");
}

TEST_P(Repeating, KeySurvivesAStart) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string receipt = submit(made.token, k_soup, "key").text("/receipt");
  for (int i = 0; i < 20; ++i)
    submit(made.token, k_soup, fmt::format("other-{}", i));
  restart();
  EXPECT_EQ(submit(made.token, k_soup, "key").text("/receipt"), receipt);
  EXPECT_EQ(submit(made.token, k_soup, "other-19").headers.count("idempotency-replayed"), 1U);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "21");
}

TEST_P(Repeating, KeyIsBoundedAndVisibleAscii) {
  const Made made = make(std::string(k_simple_questionnaire));
  EXPECT_EQ(submit(made.token, k_soup, std::string(128, 'k')).status, 201);
  EXPECT_EQ(submit(made.token, k_soup, std::string(129, 'k')).status, 422);
  EXPECT_EQ(submit(made.token, k_soup, "two words").status, 422);
  EXPECT_EQ(submit(made.token, k_soup, "\xc3\xbc").status, 422);
}

TEST_P(Repeating, RefusedSubmissionLeavesItsKeyFree) {
  const Made made = make(std::string(k_simple_questionnaire));
  EXPECT_EQ(submit(made.token, R"({"food":"Stone"})", "key").status, 422);
  EXPECT_EQ(submit(made.token, k_soup, "key").status, 201);
}

TEST_P(Repeating, KeyOfAClosedSurveyStillGetsItsReceipt) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string receipt = submit(made.token, k_soup, "key").text("/receipt");
  ASSERT_EQ(post("/api/v1/surveys/" + made.id + "/close").status, 200);
  EXPECT_EQ(submit(made.token, k_soup, "key").text("/receipt"), receipt);
  EXPECT_EQ(submit(made.token, k_soup, "new").code, "survey_closed");
  EXPECT_EQ(submit(made.token, k_soup).code, "survey_closed");
}

TEST_P(Repeating, RolledBackKeyIsFree) {
  Services services(*engine_, clock_, log_);
  const auto cipher = engine_->cipher(store::Space::of(tenant_));
  ASSERT_TRUE(cipher);
  const SurveyId survey = SurveyId::make(clock_.now());
  const auto key = make_idempotency_key(**cipher, survey, "key", "body");
  ASSERT_TRUE(key);
  const ResponseId id = ResponseId::make(clock_.now());
  const auto claim = [&](Code then) {
    std::optional<ResponseId> before;
    store::Change change{survey_grant(), {}, {}, store::Growth::Grows};
    change.apply = [&](store::Tx& tx) -> Result<store::Journal> {
      std::vector<Claim> claims;
      PROBITY_TRY(found, services.ledger.claim(tx, *key, id, clock_.now(), claims));
      PROBITY_CHECK(services.ledger.append(tx, claims));
      before = found;
      if (then != Code::Internal) return fail(then);
      return store::Journal{};
    };
    static_cast<void>(engine_->apply(store::Space::of(tenant_), std::move(change)));
    return before;
  };
  EXPECT_FALSE(claim(Code::Conflict));
  EXPECT_FALSE(claim(Code::Internal));
  EXPECT_EQ(claim(Code::Internal), id);
}

TEST_P(Repeating, ForgottenRowsAreDeletedInSlices) {
  const Made made = make(std::string(k_simple_questionnaire));
  submit(made.token, k_soup, "old");
  clock_.advance(Span::hours(23));
  submit(made.token, k_soup, "new");
  Services services(*engine_, clock_, log_);
  EXPECT_EQ(*run_forgetting(services, clock_.now()), "forgot 0");
  clock_.advance(Span::hours(1));
  EXPECT_EQ(*run_forgetting(services, clock_.now()), "forgot 1");
  EXPECT_EQ(submit(made.token, k_soup, "new").headers.count("idempotency-replayed"), 1U);
}

TEST(FingerprintTable, FindsEveryPositionUnderOneFingerprint) {
  FingerprintTable table;
  for (std::uint32_t i = 0; i < 1000; ++i)
    table.add(i % 10, i);
  int seen = 0;
  const auto found = table.find(3, [&](std::uint32_t position) -> Result<bool> {
    EXPECT_EQ(position % 10, 3U);
    ++seen;
    return false;
  });
  EXPECT_FALSE(*found);
  EXPECT_EQ(seen, 100);
  EXPECT_EQ(table.count(), 1000U);
}

TEST(IdempotencyKey, MaskHidesTheResponseWithoutTheKey) {
  IdempotencyKey key;
  for (std::size_t i = 0; i < 16; ++i)
    key.mask[i] = static_cast<std::uint8_t>(i * 7 + 1);
  const ResponseId id = ResponseId::make(Instant::from_s(1'767'225'600));
  EXPECT_NE(to_bytes(key.masked(id)), to_bytes(id.bytes()));
  EXPECT_EQ(key.unmasked(key.masked(id)), id);
}

INSTANTIATE_TEST_SUITE_P(Engines, Repeating, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
