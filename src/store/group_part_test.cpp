#include <gtest/gtest.h>

#include <vector>

#include "store/store_fixture.hpp"

namespace probity::store {
namespace {

/// Gathers numbers of notes and writes them as rows.
class Notes final : public GroupPart {
 public:
  void begin_change() override { begun_ = places_.size(); }
  void undo_change() override { places_.resize(begun_); }
  [[nodiscard]] bool has_gathered() const override { return places_.size() > begun_; }
  [[nodiscard]] Result<void> write(Tx& tx) override {
    for (const int place : places_) {
      const ResponseId id = ResponseId::make(Instant::from_s(place));
      PROBITY_CHECK(tx.run(k_insert_note, {tx.space().tenant(), id, place, nullptr}));
    }
    if (!places_.empty()) ++writes;
    places_.clear();
    begun_ = 0;
    return {};
  }
  void add(int place) { places_.push_back(place); }
  /// Reads as a part does: without having what was gathered written.
  [[nodiscard]] static Result<void> look(Tx& tx) {
    const PartStatements scope(tx);
    PROBITY_CHECK(tx.first(k_count_notes, {}, [](const Row&) { return 0; }));
    return {};
  }
  /// Writes a row at once, as a part may.
  [[nodiscard]] static Result<void> put(Tx& tx, int place) {
    const PartStatements scope(tx);
    const ResponseId id = ResponseId::make(Instant::from_s(place));
    PROBITY_CHECK(tx.run(k_insert_note, {tx.space().tenant(), id, place, nullptr}));
    return {};
  }

  inline static int writes = 0;

 private:
  std::vector<int> places_;
  std::size_t begun_ = 0;
};

Change gather(int place, std::optional<Code> refusal = {}) {
  return {k_grant_all,
          [=](Tx& tx) -> Result<Journal> {
            tx.part<Notes>([] { return std::make_unique<Notes>(); }).add(place);
            if (refusal) return fail(*refusal);
            return Journal{};
          },
          {},
          Growth::Grows};
}

class GroupParts : public BothEngines {
 protected:
  /// Runs these as one group; how each ended.
  std::vector<std::optional<Code>> run(Engine& engine, TenantId id, std::vector<Change> changes) {
    Submissions submissions;
    {
      HeldWriter held(engine, Space::of(id));
      for (Change& change : changes)
        submissions.submit(engine, Space::of(id), std::move(change));
    }
    std::vector<std::optional<Code>> ends;
    for (const Result<void>& end : submissions.wait())
      ends.push_back(end ? std::optional<Code>() : end.error().code);
    return ends;
  }
};

TEST_P(GroupParts, AreWrittenOnceForAllThatGathered) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  Notes::writes = 0;
  std::vector<Change> changes;
  for (int i = 1; i <= 20; ++i)
    changes.push_back(gather(i));
  for (const auto& end : run(*engine, id, std::move(changes)))
    EXPECT_FALSE(end);
  EXPECT_EQ(count_notes(*engine, id), 20);
  EXPECT_EQ(Notes::writes, 1);
}

TEST_P(GroupParts, RefusedChangeLeavesNothingAndAloneToo) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  std::vector<Change> changes;
  changes.push_back(gather(1));
  changes.push_back(gather(2, Code::Conflict));
  changes.push_back(gather(3));
  const auto ends = run(*engine, id, std::move(changes));
  EXPECT_FALSE(ends[0]);
  EXPECT_EQ(ends[1], Code::Conflict);
  EXPECT_FALSE(ends[2]);
  EXPECT_EQ(count_notes(*engine, id), 2);
  EXPECT_FALSE(engine->apply(Space::of(id), gather(4, Code::Conflict)));
  EXPECT_EQ(count_notes(*engine, id), 2);
}

TEST_P(GroupParts, AreThereForTheNextStatement) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  std::int64_t seen = -1;
  std::vector<Change> changes;
  changes.push_back(gather(1));
  changes.push_back({k_grant_all,
                     [&](Tx& tx) -> Result<Journal> {
                       PROBITY_TRY(count, tx.first(k_count_notes, {},
                                                   [](const Row& row) { return row.integer(0); }));
                       seen = count.value_or(-1);
                       return fail(Code::Conflict);
                     },
                     {},
                     Growth::Grows});
  changes.push_back(gather(2));
  const auto ends = run(*engine, id, std::move(changes));
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(ends[1], Code::Conflict);
  EXPECT_EQ(count_notes(*engine, id), 2);
}

TEST_P(GroupParts, SurviveAChangeThatLookedRanAStatementAndWasRefused) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  std::vector<Change> changes;
  changes.push_back(gather(1));
  changes.push_back({k_grant_all,
                     [](Tx& tx) -> Result<Journal> {
                       PROBITY_CHECK(Notes::look(tx));
                       PROBITY_CHECK(tx.first(k_count_notes, {}, [](const Row&) { return 0; }));
                       return fail(Code::Conflict);
                     },
                     {},
                     Growth::Grows});
  changes.push_back(gather(2));
  const auto ends = run(*engine, id, std::move(changes));
  EXPECT_FALSE(ends[0]);
  EXPECT_EQ(ends[1], Code::Conflict);
  EXPECT_FALSE(ends[2]);
  EXPECT_EQ(count_notes(*engine, id), 2);
}

TEST_P(GroupParts, ChangeWhosePartChangesRowsAndThatThenRunsAStatementIsRefusedWhole) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  std::vector<Change> changes;
  changes.push_back(gather(1));
  for (const bool looks_first : {false, true}) {
    changes.push_back({k_grant_all,
                       [=](Tx& tx) -> Result<Journal> {
                         if (looks_first) PROBITY_CHECK(Notes::look(tx));
                         PROBITY_CHECK(Notes::put(tx, looks_first ? 3 : 2));
                         PROBITY_CHECK(tx.first(k_count_notes, {}, [](const Row&) { return 0; }));
                         return Journal{};
                       },
                       {},
                       Growth::Grows});
  }
  const auto ends = run(*engine, id, std::move(changes));
  EXPECT_FALSE(ends[0]);
  EXPECT_EQ(ends[1], Code::Internal);
  EXPECT_EQ(ends[2], Code::Internal);
  EXPECT_EQ(count_notes(*engine, id), 1);
}

TEST_P(GroupParts, ChangeThatGathersAndThenRunsAStatementIsRefusedWhole) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  std::vector<Change> changes;
  changes.push_back(gather(1));
  changes.push_back({k_grant_all,
                     [](Tx& tx) -> Result<Journal> {
                       tx.part<Notes>([] { return std::make_unique<Notes>(); }).add(2);
                       PROBITY_CHECK(tx.first(k_count_notes, {}, [](const Row&) { return 0; }));
                       return Journal{};
                     },
                     {},
                     Growth::Grows});
  const auto ends = run(*engine, id, std::move(changes));
  EXPECT_FALSE(ends[0]);
  EXPECT_EQ(ends[1], Code::Internal);
  EXPECT_EQ(count_notes(*engine, id), 1);
}

TEST_P(GroupParts, WhatCannotBeWrittenFailsTheWholeGroupAndTheNextIsFine) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  ASSERT_TRUE(engine->apply(Space::of(id), gather(1)));
  std::vector<Change> changes;
  changes.push_back(gather(2));
  changes.push_back(gather(1));  // Its place is taken.
  for (const auto& end : run(*engine, id, std::move(changes)))
    EXPECT_EQ(end, Code::StorageFailed);
  EXPECT_EQ(count_notes(*engine, id), 1);
  EXPECT_TRUE(engine->apply(Space::of(id), gather(3)));
  EXPECT_EQ(count_notes(*engine, id), 2);
}

INSTANTIATE_TEST_SUITE_P(Engines, GroupParts, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::store
