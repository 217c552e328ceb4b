#include "feature/survey/response_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "feature/survey/crowd.hpp"
#include "feature/survey/intake.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

/// Responses in rows, written as a commit group of submissions writes them.
class Rows : public SurveyRoom {
 protected:
  void SetUp() override {
    SurveyRoom::SetUp();
    if (IsSkipped()) return;
    survey_ = *SurveyId::parse(make(std::string(k_simple_questionnaire)).id);
  }

  /// `count` anonymous responses as if so many were in flight.
  std::vector<NewResponse> responses_of(int count, int in_flight) {
    std::vector<NewResponse> made;
    const auto cipher = engine_->cipher(store::Space::of(tenant_));
    for (int i = 0; i < count; ++i) {
      NewResponse response;
      response.survey = survey_;
      response.id = crowds_.place(survey_, clock_.now(), 20, in_flight);
      response.received_at = clock_.now().hour();
      response.version = 1;
      const std::string answers = fmt::format(R"({{"food":"Soup","why":"{}"}})", next_++);
      response.answers =
          *(*cipher)->seal(k_answers_purpose, response.id.bytes(), as_bytes(answers));
      made.push_back(std::move(response));
    }
    return made;
  }
  Result<void> change(std::move_only_function<Result<void>(store::Tx&)> apply) {
    store::Change change{survey_grant(), {}, {}, store::Growth::Grows};
    change.apply = [&](store::Tx& tx) -> Result<store::Journal> {
      PROBITY_CHECK(apply(tx));
      return store::Journal{};
    };
    return engine_->apply(store::Space::of(tenant_), std::move(change));
  }
  void put(const std::vector<NewResponse>& responses) {
    std::vector<const NewResponse*> pointers;
    for (const NewResponse& response : responses)
      pointers.push_back(&response);
    ASSERT_TRUE(change([&](store::Tx& tx) { return store_responses(tx, pointers); }));
  }
  std::int64_t rows_stored() {
    auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
    std::int64_t rows = 0;
    EXPECT_TRUE((*reader)->each(sql::survey::response_rows,
                                {tenant_, survey_, ResponseId(), 1'000'000},
                                [&](const store::Row&) -> Result<bool> {
                                  ++rows;
                                  return true;
                                }));
    return rows;
  }
  /// Ids in the order they are read, each opened so that id and answers are known to belong
  /// together.
  std::vector<ResponseId> read_in_order(const ResponseId& after = {},
                                        std::size_t limit = SIZE_MAX) {
    std::vector<ResponseId> ids;
    auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
    const auto cipher = engine_->cipher(store::Space::of(tenant_));
    const auto read = each_response_in_order(
        **reader, survey_, after, [&](const StoredResponse& response) -> Result<bool> {
          if (ids.size() == limit) return false;
          PROBITY_CHECK((*cipher)->open(k_answers_purpose, response.id.bytes(), response.answers));
          ids.push_back(response.id);
          return true;
        });
    EXPECT_TRUE(read) << read.error().detail;
    return ids;
  }
  static std::vector<ResponseId> sorted_ids(const std::vector<NewResponse>& responses) {
    std::vector<ResponseId> ids;
    for (const NewResponse& response : responses)
      ids.push_back(response.id);
    std::ranges::sort(ids);
    return ids;
  }

  SurveyId survey_;
  Crowds crowds_;
  int next_ = 0;
};

TEST_P(Rows, CrowdOfACommitIsOneRowAndFewAreAlone) {
  put(responses_of(40, k_crowd_min));
  EXPECT_EQ(rows_stored(), 1);
  put(responses_of(k_crowd_min - 1, k_crowd_min - 1));
  EXPECT_EQ(rows_stored(), k_crowd_min);
}

TEST_P(Rows, AreReadInIdOrderHoweverTheyLie) {
  std::vector<NewResponse> all;
  for (const int count : {40, 1, 300, 7, 64}) {
    for (const int in_flight : {1, 64}) {
      const auto some = responses_of(count, in_flight);
      put(some);
      all.insert(all.end(), some.begin(), some.end());
    }
    clock_.advance(Span::minutes(31));
  }
  const auto expected = sorted_ids(all);
  EXPECT_EQ(read_in_order(), expected);
  // From any point on, as the pages of a list ask.
  std::vector<ResponseId> paged;
  while (true) {
    const auto page = read_in_order(paged.empty() ? ResponseId() : paged.back(), 7);
    paged.insert(paged.end(), page.begin(), page.end());
    if (page.size() < 7) break;
  }
  EXPECT_EQ(paged, expected);
  std::size_t count = 0;
  auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
  ASSERT_TRUE(each_response(**reader, survey_, [&](const StoredResponse&) -> Result<bool> {
    ++count;
    return true;
  }));
  EXPECT_EQ(count, expected.size());
}

TEST_P(Rows, ErasingOneLeavesTheOthersOfItsRow) {
  const auto some = responses_of(20, k_crowd_min);
  put(some);
  auto left = sorted_ids(some);
  while (!left.empty()) {
    // First, last and one in between take turns.
    const auto victim =
        left.begin() + static_cast<std::ptrdiff_t>(left.size() * (left.size() % 3) / 3);
    const ResponseId id = *victim;
    left.erase(victim);
    bool was_stored = false;
    ASSERT_TRUE(change([&](store::Tx& tx) -> Result<void> {
      PROBITY_TRY(erased, erase_response(tx, survey_, id));
      was_stored = erased;
      return {};
    }));
    EXPECT_TRUE(was_stored);
    EXPECT_EQ(read_in_order(), left);
    auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
    EXPECT_FALSE(*find_response(**reader, survey_, id));
    if (!left.empty()) {
      EXPECT_EQ(*find_response(**reader, survey_, left.front()), clock_.now().hour());
    }
  }
  EXPECT_EQ(rows_stored(), 0);
}

TEST_P(Rows, ErasingByAgeCountsResponsesNotRows) {
  put(responses_of(30, k_crowd_min));
  put(responses_of(2, 1));
  clock_.advance(Span::hours(1));
  put(responses_of(20, k_crowd_min));
  RawId border;
  const auto ms = static_cast<std::uint64_t>(clock_.now().hour().us() / 1000);
  for (std::size_t i = 0; i < 6; ++i)
    border.bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  Erased erased;
  ASSERT_TRUE(change([&](store::Tx& tx) -> Result<void> {
    PROBITY_TRY(gone, erase_responses_before(tx, survey_, ResponseId(border), 10));
    erased = gone;
    return {};
  }));
  EXPECT_EQ(erased.rows, 3);
  EXPECT_EQ(erased.responses, 32);
  EXPECT_EQ(read_in_order().size(), 20U);
}

TEST_P(Rows, RowStaysBelowItsBytes) {
  auto some = responses_of(5, k_crowd_min);
  for (NewResponse& response : some)
    response.answers.assign(k_row_max_bytes / 2, std::uint8_t{7});
  put(some);
  EXPECT_EQ(rows_stored(), 3);
}

TEST_P(Rows, DamagedRowIsAnErrorAndNotFewerResponses) {
  put(responses_of(20, k_crowd_min));
  auto row = responses_of(1, k_crowd_min).front();
  for (const std::size_t size : {std::size_t{0}, std::size_t{19}, std::size_t{20}}) {
    const Bytes members(size, std::uint8_t{1});
    ASSERT_TRUE(change([&](store::Tx& tx) -> Result<void> {
      PROBITY_CHECK(tx.run(sql::survey::erase_row, {tenant_, survey_, row.id}));
      PROBITY_CHECK(
          tx.run(sql::survey::insert_response, {tenant_, survey_, row.id, row.received_at, 1,
                                                row.answers, nullptr, BytesView(members)}));
      return {};
    }));
    auto reader = engine_->read(store::Space::of(tenant_), survey_grant());
    const auto read = each_response(**reader, survey_,
                                    [](const StoredResponse&) -> Result<bool> { return true; });
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, Code::IntegrityError);
  }
}

TEST_P(Rows, CapHoldsWithinAGroupAndRefusedOnesCostNothing) {
  ASSERT_TRUE(change([&](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(sql::survey::set_window, {tenant_, survey_, nullptr, nullptr, 10}));
    return {};
  }));
  Services services(*engine_, clock_, log_);
  const auto some = responses_of(15, k_crowd_min);
  std::vector<Code> codes;
  // One Change that acts as a group would: each is admitted against those before it.
  ASSERT_TRUE(change([&](store::Tx& tx) -> Result<void> {
    Intake& intake = Intake::of(tx, services.ledger);
    for (const NewResponse& response : some) {
      PROBITY_TRY(is_admitted, intake.admits(tx, survey_, clock_.now()));
      codes.push_back(is_admitted ? Code::Internal : Code::SurveyClosed);
      if (is_admitted) intake.take(std::make_shared<const NewResponse>(response));
    }
    return {};
  }));
  EXPECT_EQ(std::ranges::count(codes, Code::Internal), 10);
  EXPECT_EQ(read_in_order().size(), 10U);
  EXPECT_EQ(get("/api/v1/surveys/" + survey_.text()).at("/responses"), "10");
}

TEST(Crowds, FewInFlightShareNothing) {
  Crowds crowds;
  const SurveyId survey = SurveyId::make(Instant::from_s(1'767'225'600));
  std::set<std::string> prefixes;
  for (int i = 0; i < 100; ++i) {
    const ResponseId id = crowds.place(survey, Instant::from_s(1'767'225'600), 10, k_crowd_min - 1);
    prefixes.insert(to_hex(id.bytes().first(k_crowd_bytes)));
  }
  EXPECT_GT(prefixes.size(), 90U);
}

TEST(Crowds, EndAtTheirSizeTheirBytesAndTheHour) {
  const SurveyId survey = SurveyId::make(Instant::from_s(1'767'225'600));
  const auto sizes_of = [&](int count, std::size_t bytes, Span apart) {
    Crowds crowds;
    Instant now = Instant::from_s(1'767'225'600);
    std::map<std::string, std::size_t> sizes;
    for (int i = 0; i < count; ++i, now = now + apart)
      ++sizes[to_hex(crowds.place(survey, now, bytes, k_crowd_min).bytes().first(k_crowd_bytes))];
    return sizes;
  };
  EXPECT_EQ(sizes_of(static_cast<int>(k_crowd_max), 10, Span()).size(), 1U);
  EXPECT_EQ(sizes_of(static_cast<int>(k_crowd_max) + 1, 10, Span()).size(), 2U);
  EXPECT_EQ(sizes_of(4, k_crowd_max_bytes / 4, Span()).size(), 1U);
  EXPECT_EQ(sizes_of(5, k_crowd_max_bytes / 4, Span()).size(), 2U);
  EXPECT_EQ(sizes_of(4, 10, Span::minutes(20)).size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Engines, Rows, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
