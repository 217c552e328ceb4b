#include "feature/survey/blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "feature/survey/block_maker.hpp"
#include "feature/survey/crowd.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/scan.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "report/report.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

constexpr std::string_view k_document = R"({"elements":[
  {"type":"radiogroup","name":"food","choices":["Soup","Bread","Cake"]},
  {"type":"checkbox","name":"with","choices":["a","b","c"]},
  {"type":"rating","name":"nps","rateMin":0,"rateMax":10,"visibleIf":"{food} = 'Soup'"},
  {"type":"text","name":"weight","inputType":"number"},
  {"type":"comment","name":"why"}]})";

/// Surveys with enough responses for blocks, put in as submissions are.
class Blocks : public SurveyRoom {
 protected:
  void SetUp() override {
    SurveyRoom::SetUp();
    if (IsSkipped()) return;
    services_ = std::make_unique<Services>(*engine_, clock_, log_);
    const std::string id = make(std::string(k_document)).id;
    survey_ = *SurveyId::parse(id);
    target_ = "/api/v1/surveys/" + id + "/report";
  }

  std::vector<ResponseId> put(int count) {
    const auto cipher = *engine_->cipher(store::Space::of(tenant_));
    std::vector<NewResponse> made;
    std::vector<ResponseId> ids;
    for (int i = 0; i < count; ++i) {
      NewResponse response;
      response.survey = survey_;
      response.id = crowds_.place(survey_, clock_.now(), 20, i % 3 == 0 ? 1 : 100);
      response.received_at = clock_.now().hour();
      response.version = 1;
      const std::string answers = fmt::format(
          R"({{"food":"{}","with":{},"nps":{},"weight":{},"why":"marked-{}"}})",
          random_() % 2 == 0 ? "Soup" : "Bread", random_() % 2 == 0 ? "[\"a\"]" : "[\"b\",\"c\"]",
          random_() % 11, 0.1 * static_cast<double>(1 + random_() % 30), random_());
      response.answers = *cipher->seal(k_answers_purpose, response.id.bytes(), as_bytes(answers));
      ids.push_back(response.id);
      made.push_back(std::move(response));
    }
    std::vector<const NewResponse*> pointers;
    for (const NewResponse& response : made)
      pointers.push_back(&response);
    change([&](store::Tx& tx) -> Result<void> {
      PROBITY_CHECK(store_responses(tx, pointers));
      PROBITY_CHECK(tx.run(q::count_accepted, {tenant_, survey_, count}));
      return {};
    });
    return ids;
  }
  void change(std::move_only_function<Result<void>(store::Tx&)> apply) {
    store::Change change{survey_grant(), {}, {}, store::Growth::Grows};
    change.apply = [&](store::Tx& tx) -> Result<store::Journal> {
      PROBITY_CHECK(apply(tx));
      return store::Journal{};
    };
    const auto changed = engine_->apply(store::Space::of(tenant_), std::move(change));
    ASSERT_TRUE(changed) << changed.error().detail;
  }
  void fill() {
    for (int hour = 0; hour < 3; ++hour) {
      for (const ResponseId& id : put(2'000))
        ids_.push_back(id);
      clock_.advance(Span::hours(1));
    }
    clock_.advance(k_block_settling);
  }
  int make_all() {
    const auto made = make_blocks(*services_, tenant_, survey_, Mode::Anonymous, clock_.now());
    EXPECT_TRUE(made) << made.error().detail;
    return made.value_or(-1);
  }
  std::vector<BlockPlace> places() {
    auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
    return *blocks_of(**reader, survey_);
  }
  std::int64_t covered() {
    std::int64_t sum = 0;
    for (const BlockPlace& place : places())
      sum += place.responses;
    return sum;
  }
  Scanned scan(ScanSource source, std::string_view filter = "", bool is_weighted = false,
               std::uint64_t expected = 0) {
    auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
    const auto cipher = *engine_->cipher(store::Space::of(tenant_));
    report::Selection selection;
    if (!filter.empty()) selection.filter = *report::Filter::parse(form_, filter);
    const auto survey = load_survey(**reader, survey_);
    Scan wanted{survey_,
                form_,
                {{}, selection},
                expected != 0 ? expected : static_cast<std::uint64_t>(survey->stored()),
                never_};
    if (is_weighted) wanted.weight = form_.find("weight");
    wanted.source = source;
    auto scanned = scan_responses(**reader, *cipher, wanted);
    EXPECT_TRUE(scanned) << scanned.error().detail;
    return std::move(*scanned);
  }
  static std::string text_of(const Scanned& scanned) {
    JsonWriter json;
    json.begin_array();
    for (const report::Tally& tally : scanned.tallies) {
      json.begin_object();
      report::write_report(json, tally);
      json.end_object();
    }
    json.end_array();
    return std::move(json).text();
  }
  /// How many rows were counted one by one; the report is as that of all rows.
  std::uint64_t rows_beside_blocks() {
    std::uint64_t rows = 0;
    for (const std::string_view filter : {"", "food=Soup", "with=b", "{nps} > 6", "why=x"}) {
      for (const bool is_weighted : {false, true}) {
        const Scanned whole = scan(ScanSource::RowsAlone, filter, is_weighted);
        const Scanned quick = scan(ScanSource::BlocksAndRows, filter, is_weighted);
        EXPECT_EQ(text_of(quick), text_of(whole)) << filter;
        EXPECT_EQ(quick.total, whole.total);
        rows = quick.rows;
      }
    }
    return rows;
  }

  std::unique_ptr<Services> services_;
  form::Questionnaire form_ = form::parse_questionnaire(k_document)->questionnaire;
  SurveyId survey_;
  std::string target_;
  Crowds crowds_;
  std::mt19937 random_{43};
  std::vector<ResponseId> ids_;
  const Deadline never_;
};
INSTANTIATE_TEST_SUITE_P(Engines, Blocks, testing::Values("sqlcipher", "postgres"));

TEST_P(Blocks, CountWhatTheirRowsCount) {
  fill();
  EXPECT_EQ(rows_beside_blocks(), 6'000U);
  EXPECT_EQ(make_all(), 1);
  EXPECT_EQ(covered(), 6'000);
  EXPECT_EQ(rows_beside_blocks(), 0U);
  put(100);
  EXPECT_EQ(rows_beside_blocks(), 100U);
  // The hour is not over; then the half empty block is made anew with it.
  EXPECT_EQ(make_all(), 0);
  clock_.advance(Span::hours(1));
  EXPECT_EQ(make_all(), 1);
  EXPECT_EQ(places().size(), 1U);
  EXPECT_EQ(covered(), 6'100);
  EXPECT_EQ(rows_beside_blocks(), 0U);
}

TEST_P(Blocks, GoWithTheResponsesThatGo) {
  fill();
  ASSERT_EQ(make_all(), 1);
  EXPECT_EQ(send({.method = "DELETE",
                  .target = "/api/v1/surveys/" + survey_.text() + "/responses/" + ids_[77].text()})
                .status,
            204);
  EXPECT_TRUE(places().empty());
  EXPECT_EQ(rows_beside_blocks(), 5'999U);
  ASSERT_EQ(make_all(), 1);
  // Retention takes the first hour.
  change([&](store::Tx& tx) -> Result<void> {
    PROBITY_TRY(erased, erase_responses_before(tx, survey_, ids_[2'100], 1'000'000));
    PROBITY_CHECK(tx.run(q::count_erased, {tenant_, survey_, erased.responses}));
    return {};
  });
  EXPECT_TRUE(places().empty());
  rows_beside_blocks();
}

TEST_P(Blocks, GoWhenARowComesLate) {
  fill();
  ASSERT_EQ(make_all(), 1);
  clock_.advance(Span::hours(-2));
  put(10);
  EXPECT_TRUE(places().empty());
  clock_.advance(Span::hours(2));
  EXPECT_EQ(rows_beside_blocks(), 6'010U);
  EXPECT_EQ(make_all(), 1);
  EXPECT_EQ(rows_beside_blocks(), 0U);
}

TEST_P(Blocks, AreNotFilledWhenARowWentMeanwhile) {
  fill();
  // As a maker that was killed, or is slow on another node: a range without content.
  const ResponseId end = last_settled_id(Mode::Anonymous, clock_.now());
  const Bytes token(16, 7);
  change([&](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::claim_block, {tenant_, survey_, end, token, ResponseId()}));
    return {};
  });
  EXPECT_TRUE(places().empty());
  EXPECT_EQ(rows_beside_blocks(), 6'000U);
  change([&](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(erase_response(tx, survey_, ids_[5]));
    PROBITY_CHECK(tx.run(q::count_erased, {tenant_, survey_, 1}));
    PROBITY_TRY(rows, tx.run(q::fill_block, {tenant_, survey_, end, token, end, 6'000, token}));
    EXPECT_EQ(rows, 0);
    return {};
  });
  EXPECT_EQ(rows_beside_blocks(), 5'999U);
  EXPECT_EQ(make_all(), 1);
  EXPECT_EQ(rows_beside_blocks(), 0U);
}

TEST_P(Blocks, ReplaceWhatAKilledMakerLeft) {
  fill();
  const ResponseId end = last_settled_id(Mode::Anonymous, clock_.now());
  change([&](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::claim_block, {tenant_, survey_, end, Bytes(16, 7), ResponseId()}));
    return {};
  });
  EXPECT_EQ(make_all(), 1);
  EXPECT_EQ(rows_beside_blocks(), 0U);
  std::int64_t lines = 0;
  auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
  ASSERT_TRUE(
      (*reader)->each(q::blocks, {tenant_, survey_}, [&](const store::Row&) -> Result<bool> {
        ++lines;
        return true;
      }));
  EXPECT_EQ(lines, 1);
}

TEST_P(Blocks, ThatDoNotOpenAreCountedFromRowsAndMadeAnew) {
  fill();
  ASSERT_EQ(make_all(), 1);
  const BlockPlace place = places().front();
  auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
  Bytes sealed = *sealed_block(**reader, survey_, place);
  reader->reset();
  EXPECT_EQ(as_text(sealed).find("Soup"), std::string_view::npos);
  const auto put_content = [&](const Bytes& content) {
    change([&](store::Tx& tx) -> Result<void> {
      PROBITY_CHECK(tx.run(q::drop_block, {tenant_, survey_, place.last, place.token}));
      PROBITY_CHECK(
          tx.run(q::claim_block, {tenant_, survey_, place.last, place.token, place.first}));
      PROBITY_CHECK(tx.run(q::fill_block, {tenant_, survey_, place.last, place.token, place.last,
                                           place.responses, content}));
      return {};
    });
  };
  put_content(sealed);
  EXPECT_EQ(rows_beside_blocks(), 0U);
  Bytes changed = sealed;
  changed[changed.size() / 2] ^= 1;
  put_content(changed);
  EXPECT_EQ(rows_beside_blocks(), 6'000U);
  EXPECT_EQ(scan(ScanSource::BlocksAndRows).damaged.size(), 1U);
  // Of another survey, or another range.
  const auto cipher = *engine_->cipher(store::Space::of(tenant_));
  EXPECT_FALSE(open_block(*cipher, SurveyId::make(clock_.now()), place, sealed));
  BlockPlace other = place;
  other.last = previous_id(other.last);
  EXPECT_FALSE(open_block(*cipher, survey_, other, sealed));
  EXPECT_TRUE(open_block(*cipher, survey_, place, sealed));
  // A report tells the job.
  EXPECT_EQ(get(target_).status, 200);
  services_->block_notes.note_damaged({tenant_, survey_, place.last, place.token});
  EXPECT_EQ(run_blocks(*services_, clock_.now(), BlockScope::Noted), "made 1 blocks");
  EXPECT_EQ(rows_beside_blocks(), 0U);
}

/// Nothing that is built makes such blocks; what counts them does not rely on that.
TEST_P(Blocks, ThatDoNotComeToWhatIsStoredAreNotBelieved) {
  fill();
  ASSERT_EQ(make_all(), 1);
  const Scanned scanned = scan(ScanSource::BlocksAndRows, "", false, 5'999);
  EXPECT_TRUE(scanned.are_blocks_wrong);
  EXPECT_EQ(scanned.rows, 6'000U);
  EXPECT_EQ(scanned.damaged.size(), 1U);
}

TEST_P(Blocks, AreMadeOfSeveralWhereThereAreMany) {
  for (int hour = 0; hour < 7; ++hour) {
    for (int i = 0; i < 5; ++i)
      put(2'500);
    clock_.advance(Span::hours(1));
  }
  clock_.advance(k_block_settling);
  EXPECT_EQ(run_blocks(*services_, clock_.now(), BlockScope::All), "made 2 blocks");
  EXPECT_EQ(covered(), 87'500);
  const auto all = places();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_GE(all[0].responses, k_block_responses_max);
  EXPECT_LT(all[0].responses, k_block_responses_max + 256);
  EXPECT_EQ(previous_id(all[1].first), all[0].last);
  EXPECT_EQ(rows_beside_blocks(), 0U);
  EXPECT_EQ(run_blocks(*services_, clock_.now(), BlockScope::All), "made 0 blocks");
}

TEST_P(Blocks, AreNotMadeOfFew) {
  put(static_cast<int>(k_block_responses_min) - 1);
  clock_.advance(Span::hours(2));
  EXPECT_EQ(run_blocks(*services_, clock_.now(), BlockScope::All), "made 0 blocks");
  put(1);
  clock_.advance(Span::hours(2));
  EXPECT_EQ(run_blocks(*services_, clock_.now(), BlockScope::All), "made 1 blocks");
}

TEST_P(Blocks, OpenAfterARotationAndGoWithTheirSurvey) {
  fill();
  ASSERT_EQ(make_all(), 1);
  ASSERT_TRUE(engine_->rotate_sealing_key(store::Space::of(tenant_)));
  EXPECT_EQ(rows_beside_blocks(), 0U);
  EXPECT_EQ(send({.method = "DELETE", .target = "/api/v1/surveys/" + survey_.text()}).status, 204);
  for (jobs::Job& job : module_->jobs()) {
    if (job.name != "survey.sweep_all") continue;
    EXPECT_TRUE(job.run(clock_.now()));
  }
  EXPECT_TRUE(places().empty());
}

TEST(BlockIds, SettleWhenTheirHourIsOver) {
  const Instant noon = Instant::from_s(1'000'000LL * 3'600);
  const ResponseId before = last_settled_id(Mode::Anonymous, noon);
  EXPECT_LT(before, ResponseId(make_raw_hourly_id(noon - Span::hours(1))));
  const ResponseId after = last_settled_id(Mode::Anonymous, noon + k_block_settling);
  EXPECT_LT(ResponseId(make_raw_hourly_id(noon - Span::hours(1))), after);
  EXPECT_LT(after, ResponseId(make_raw_hourly_id(noon)));
  const ResponseId exact = last_settled_id(Mode::Confidential, noon);
  EXPECT_LT(exact, ResponseId(make_raw_id(noon - k_block_settling)));
  EXPECT_LT(ResponseId(make_raw_id(noon - k_block_settling - Span::millis(1))), exact);
}

}  // namespace
}  // namespace probity::survey
