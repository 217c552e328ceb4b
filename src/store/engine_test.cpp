#include "store/engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <stdexcept>
#include <thread>

#include "store/postgres.hpp"
#include "store/sqlcipher.hpp"
#include "store/store_fixture.hpp"

namespace probity::store {
namespace {

JournalEntry entry(std::string action) {
  JournalEntry made;
  made.id = AuditId::make(Instant::from_s(1'767'225'600));
  made.action = std::move(action);
  return made;
}

struct FakeJournaler final : Journaler {
  Result<void> append(Tx&, const std::vector<const JournalEntry*>& entries) override {
    ++calls;
    for (const JournalEntry* e : entries)
      seen.push_back(e->action + "/" + e->outcome);
    if (fails) return fail(Code::StorageFailed, "the journal is shut");
    return {};
  }
  Result<void> ready(Tx& /*tx*/) override { return {}; }
  Result<void> admit(const JournalEntry& /*entry*/) override { return {}; }
  int calls = 0;
  bool fails = false;
  std::vector<std::string> seen;
};

TEST_P(BothEngines, KeepWhatTheyAcknowledgedAfterReopening) {
  TenantId id;
  {
    auto engine = open();
    id = make_tenant(*engine);
    ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, 1)));
    EXPECT_EQ(count_notes(*engine, id), 1);
  }
  auto engine = open();
  EXPECT_EQ(count_notes(*engine, id), 1);
  EXPECT_EQ(engine->kind(), GetParam());
}

TEST_P(BothEngines, FindATenantBySlugAndById) {
  auto engine = open();
  const TenantId id = make_tenant(*engine, "north-1");
  ASSERT_TRUE(engine->find_tenant("north-1"));
  EXPECT_EQ(engine->find_tenant("north-1")->id, id);
  EXPECT_EQ(engine->find_tenant(id.text())->slug, "north-1");
  EXPECT_EQ(engine->tenant(id)->region, "local");
  EXPECT_EQ(engine->tenant(id)->state, "active");
  EXPECT_EQ(engine->tenants()->size(), 1U);
  EXPECT_EQ(engine->find_tenant("south").error().code, Code::NotFound);
  EXPECT_EQ(engine->tenant(TenantId::make(s_.clock.now())).error().code, Code::NotFound);
  EXPECT_EQ(engine->read(Space::of(TenantId::make(s_.clock.now())), k_grant_all).error().code,
            Code::NotFound);
}

TEST_P(BothEngines, RefuseATakenOrMalformedSlug) {
  auto engine = open();
  (void)make_tenant(*engine, "main");
  EXPECT_EQ(engine->create_tenant("main", "").error().code, Code::Conflict);
  for (const char* slug : {"", "Main", "a b", "ä", "a/b"}) {
    EXPECT_EQ(engine->create_tenant(slug, "").error().code, Code::BadRequest) << slug;
  }
  EXPECT_TRUE(engine->create_tenant(std::string(63, 'a'), std::string(64, 'r')));
  EXPECT_EQ(engine->create_tenant(std::string(64, 'a'), "").error().code, Code::BadRequest);
  EXPECT_EQ(engine->create_tenant("b", std::string(65, 'r')).error().code, Code::BadRequest);
}

TEST_P(BothEngines, CommitWhatWaitsAsOneGroup) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  HeldWriter held(*engine, Space::of(id));
  const auto before = engine->stats().groups_committed;
  Submissions submissions;
  for (int i = 0; i < 50; ++i)
    submissions.submit(*engine, Space::of(id), insert_note(id, i));
  held.release();
  for (const auto& result : submissions.wait())
    EXPECT_TRUE(result) << result.error().detail;
  EXPECT_EQ(count_notes(*engine, id), 50);
  // The one that was held, and everything after it.
  EXPECT_EQ(engine->stats().groups_committed - before, 2U);
}

TEST_P(BothEngines, PutAtMostTheLimitIntoOneGroup) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  for (const int count : {k_group_max - 1, k_group_max, k_group_max + 1}) {
    HeldWriter held(*engine, Space::of(id));
    const auto before = engine->stats().groups_committed;
    Submissions submissions;
    for (int i = 0; i < count; ++i) {
      submissions.submit(*engine, Space::of(id),
                         change_of([](Tx&) -> Result<Journal> { return Journal{}; }));
    }
    held.release();
    for (const auto& result : submissions.wait())
      EXPECT_TRUE(result);
    EXPECT_EQ(engine->stats().groups_committed - before, count > k_group_max ? 3U : 2U) << count;
  }
}

TEST_P(BothEngines, RefuseWhenAQueueIsFull) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  HeldWriter held(*engine, Space::of(id));
  Submissions submissions;
  for (int i = 0; i < k_queue_per_space_max; ++i) {
    submissions.submit(*engine, Space::of(id),
                       change_of([](Tx&) -> Result<Journal> { return Journal{}; }));
  }
  Submissions above;
  above.submit(*engine, Space::of(id), change_of([](Tx&) -> Result<Journal> { return Journal{}; }));
  const auto refused = above.wait();
  ASSERT_FALSE(refused.front());
  EXPECT_EQ(refused.front().error().code, Code::Overloaded);
  EXPECT_GT(refused.front().error().retry_after_s, 0);
  held.release();
  for (const auto& result : submissions.wait())
    EXPECT_TRUE(result);
}

TEST_P(BothEngines, RollBackARefusedChangeAlone) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  HeldWriter held(*engine, Space::of(id));
  Submissions submissions;
  for (int i = 0; i < 10; ++i) {
    submissions.submit(*engine, Space::of(id), change_of([id, i](Tx& tx) -> Result<Journal> {
      const auto note = ResponseId::make(Instant::from_s(1 + i));
      PROBITY_CHECK(tx.run(k_insert_note, {id, note, i, Bytes{}}));
      if (i % 3 == 0) return fail(Code::SurveyClosed, "closed");
      return Journal{};
    }));
  }
  held.release();
  const auto results = submissions.wait();
  for (int i = 0; i < 10; ++i) {
    const auto& result = results[static_cast<std::size_t>(i)];
    ASSERT_EQ(result.has_value(), i % 3 != 0) << i;
    if (i % 3 == 0) {
      EXPECT_EQ(result.error().code, Code::SurveyClosed);
    }
  }
  EXPECT_EQ(count_notes(*engine, id), 6);
  EXPECT_EQ(engine->stats().changes_refused, 4U);
}

TEST_P(BothEngines, RollBackARefusedChangeThatIsAlone) {
  FakeJournaler journaler;
  s_.journaler = &journaler;
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  journaler = FakeJournaler();  // Making the tenant was journaled too.
  Change change = change_of([id](Tx& tx) -> Result<Journal> {
    PROBITY_CHECK(tx.run(k_insert_note, {id, ResponseId::make(Instant()), 1, Bytes{}}));
    return fail(Code::Forbidden, "no");
  });
  change.on_refusal = entry("note.insert");
  EXPECT_EQ(engine->apply(Space::of(id), std::move(change)).error().code, Code::Forbidden);
  EXPECT_EQ(count_notes(*engine, id), 0);
  EXPECT_EQ(journaler.seen, std::vector<std::string>{"note.insert/refused:forbidden"});
}

TEST_P(BothEngines, JournalAGroupOnceAndInOrder) {
  FakeJournaler journaler;
  s_.journaler = &journaler;
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  journaler = FakeJournaler();  // Making the tenant was journaled too.
  HeldWriter held(*engine, Space::of(id));
  Submissions submissions;
  for (int i = 0; i < 4; ++i) {
    Change change = change_of([i](Tx&) -> Result<Journal> {
      if (i == 2) return fail(Code::Gone, "late");
      Journal journal;
      journal.push_back(entry("a" + std::to_string(i)));
      return journal;
    });
    change.on_refusal = entry("r" + std::to_string(i));
    submissions.submit(*engine, Space::of(id), std::move(change));
  }
  held.release();
  (void)submissions.wait();
  EXPECT_EQ(journaler.calls, 1);
  EXPECT_EQ(journaler.seen,
            (std::vector<std::string>{"a0/done", "a1/done", "r2/refused:gone", "a3/done"}));
}

TEST_P(BothEngines, FailTheWholeGroupWhenTheJournalFails) {
  FakeJournaler journaler;
  s_.journaler = &journaler;
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  journaler.fails = true;
  HeldWriter held(*engine, Space::of(id));
  Submissions submissions;
  submissions.submit(*engine, Space::of(id), insert_note(id, 1));
  submissions.submit(*engine, Space::of(id), change_of([](Tx&) -> Result<Journal> {
    Journal journal;
    journal.push_back(entry("a"));
    return journal;
  }));
  submissions.submit(*engine, Space::of(id), change_of([](Tx&) -> Result<Journal> {
    return fail(Code::Conflict, "its own reason");
  }));
  held.release();
  const auto results = submissions.wait();
  EXPECT_EQ(results[0].error().code, Code::StorageFailed);
  EXPECT_EQ(results[1].error().code, Code::StorageFailed);
  EXPECT_EQ(results[2].error().code, Code::Conflict);
  EXPECT_EQ(count_notes(*engine, id), 0);
  journaler.fails = false;
  EXPECT_TRUE(engine->apply(Space::of(id), insert_note(id, 1)));
}

TEST_P(BothEngines, RefuseToForgetAJournalEntryWithoutAJournaler) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  Change change = change_of([id](Tx& tx) -> Result<Journal> {
    PROBITY_CHECK(tx.run(k_insert_note, {id, ResponseId::make(Instant()), 1, Bytes{}}));
    Journal journal;
    journal.push_back(entry("a"));
    return journal;
  });
  EXPECT_FALSE(engine->apply(Space::of(id), std::move(change)));
  EXPECT_EQ(count_notes(*engine, id), 0);
}

TEST_P(BothEngines, AnswerAThrowingChangeWithInternal) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  HeldWriter held(*engine, Space::of(id));
  Submissions submissions;
  submissions.submit(*engine, Space::of(id), insert_note(id, 1));
  submissions.submit(*engine, Space::of(id), change_of([id](Tx& tx) -> Result<Journal> {
    PROBITY_CHECK(tx.run(k_insert_note, {id, ResponseId::make(Instant()), 2, Bytes{}}));
    throw std::runtime_error("a bug");
  }));
  submissions.submit(*engine, Space::of(id), insert_note(id, 3));
  held.release();
  const auto results = submissions.wait();
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(results[1].error().code, Code::Internal);
  EXPECT_TRUE(results[2]);
  EXPECT_EQ(count_notes(*engine, id), 2);
}

TEST_P(BothEngines, AnswerUniqueAndForeignKeysWithConflict) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, 7)));
  EXPECT_EQ(engine->apply(Space::of(id), insert_note(id, 7)).error().code, Code::Conflict);
  const auto orphan =
      engine->apply(Space::of(id), change_of([id](Tx& tx) -> Result<Journal> {
                      PROBITY_CHECK(tx.run(k_insert_line, {id, ResponseId::make(Instant()), 1}));
                      return Journal{};
                    }));
  EXPECT_EQ(orphan.error().code, Code::Conflict) << orphan.error().detail;
}

TEST_P(BothEngines, LetAFailedStatementStickForItsChange) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, 7)));
  HeldWriter held(*engine, Space::of(id));
  Submissions submissions;
  submissions.submit(*engine, Space::of(id), insert_note(id, 8));
  submissions.submit(*engine, Space::of(id), change_of([id](Tx& tx) -> Result<Journal> {
    const auto note = ResponseId::make(Instant());
    EXPECT_FALSE(tx.run(k_insert_note, {id, note, 7, Bytes{}}));
    // It carries on regardless; the engines must not differ.
    EXPECT_FALSE(tx.run(k_insert_note, {id, note, 9, Bytes{}}));
    return Journal{};
  }));
  submissions.submit(*engine, Space::of(id), insert_note(id, 10));
  held.release();
  const auto results = submissions.wait();
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(results[1].error().code, Code::Conflict);
  EXPECT_TRUE(results[2]);
  EXPECT_EQ(count_notes(*engine, id), 3);
}

TEST_P(BothEngines, ReadASnapshotThatStandsStill) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, 1)));
  auto reader = engine->read(Space::of(id), k_grant_all);
  ASSERT_TRUE(reader);
  ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, 2)));
  const auto count = [](Reader& r) {
    return **r.first(k_count_notes, {}, [](const Row& row) { return row.integer(0); });
  };
  EXPECT_EQ(count(**reader), 1);
  EXPECT_EQ(count(**reader), 1);
  EXPECT_EQ(count_notes(*engine, id), 2);
}

TEST_P(BothEngines, PutANewKeyAndItsEntryIntoOneChange) {
  FakeJournaler journaler;
  s_.journaler = &journaler;
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  journaler = FakeJournaler();
  EXPECT_EQ(*engine->rotate_sealing_key(Space::of(id)), 2U);
  ASSERT_TRUE(s_.master->add_key(s_.key_file()));
  ASSERT_TRUE(engine->rewrap_keys());
  EXPECT_EQ(journaler.seen, (std::vector<std::string>{"key.rotate/done", "key.rewrap/done"}));
  // No entry, no key.
  journaler.fails = true;
  EXPECT_FALSE(engine->rotate_sealing_key(Space::of(id)));
  EXPECT_EQ((*engine->cipher(Space::of(id)))->newest_key(), 2U);
  journaler.fails = false;
  EXPECT_EQ(*engine->rotate_sealing_key(Space::of(id)), 3U);
}

TEST_P(BothEngines, LendABoundedNumberOfReadersHoweverManyAskAtOnce) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  const std::size_t most = engine->kind() == "sqlcipher" ? k_readers_max : k_pg_readers_max;
  constexpr std::size_t k_askers = 4;
  for (int round = 0; round < 2; ++round) {
    std::array<std::vector<std::unique_ptr<Snapshot>>, k_askers> held;
    std::vector<std::jthread> askers;
    for (auto& mine : held) {
      askers.emplace_back([&] {
        for (int refused = 0; refused < 1;) {
          auto reader = engine->read(Space::of(id), k_grant_all);
          if (reader) {
            mine.push_back(std::move(*reader));
          } else {
            EXPECT_EQ(reader.error().code, Code::Overloaded);
            ++refused;
          }
        }
      });
    }
    askers.clear();
    std::size_t lent = 0;
    for (const auto& mine : held)
      lent += mine.size();
    EXPECT_EQ(lent, most);
  }
  EXPECT_TRUE(engine->read(Space::of(id), k_grant_all));
}

TEST_P(BothEngines, SeeEarlierChangesOfTheSameGroup) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  HeldWriter held(*engine, Space::of(id));
  Submissions submissions;
  std::vector<std::int64_t> seen;
  for (int i = 0; i < 3; ++i) {
    submissions.submit(*engine, Space::of(id), change_of([&, i](Tx& tx) -> Result<Journal> {
      PROBITY_TRY(count,
                  tx.first(k_count_notes, {}, [](const Row& row) { return row.integer(0); }));
      seen.push_back(count.value_or(-1));
      const auto note = ResponseId::make(Instant());
      PROBITY_CHECK(tx.run(k_insert_note, {id, note, i, Bytes{}}));
      return Journal{};
    }));
  }
  held.release();
  (void)submissions.wait();
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 1, 2}));
}

TEST_P(BothEngines, KeepValuesAsTheyAre) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  const Bytes zeros{0, 1, 0, 255};
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  ASSERT_TRUE(engine->apply(Space::of(id), change_of([&](Tx& tx) -> Result<Journal> {
                              const auto at = [](int s) {
                                return ResponseId::make(Instant::from_s(s));
                              };
                              PROBITY_CHECK(tx.run(k_insert_note, {id, at(10), least, zeros}));
                              PROBITY_CHECK(tx.run(k_insert_note, {id, at(20), 1, Bytes{}}));
                              PROBITY_CHECK(tx.run(k_insert_note, {id, at(30), 5, nullptr}));
                              return Journal{};
                            })));
  auto reader = engine->read(Space::of(id), k_grant_all);
  std::vector<std::int64_t> places;
  std::vector<std::optional<Bytes>> bodies;
  ASSERT_TRUE((*reader)->each(k_notes, {}, [&](const Row& row) {
    EXPECT_FALSE(row.id<ResponseId>(0).is_nil());
    places.push_back(row.integer(1));
    bodies.push_back(row.is_null(2) ? std::optional<Bytes>() : to_bytes(row.bytes(2)));
    return true;
  }));
  EXPECT_EQ(places, (std::vector<std::int64_t>{least, 1, 5}));
  EXPECT_EQ(bodies, (std::vector<std::optional<Bytes>>{zeros, Bytes{}, std::nullopt}));
  ASSERT_TRUE((*reader)->each(k_types, {41, 1.25, "grün\n'"}, [&](const Row& row) {
    EXPECT_EQ(row.integer(0), 41);
    EXPECT_DOUBLE_EQ(row.real(1), 1.75);
    EXPECT_EQ(row.text(2), "grün\n'");
    EXPECT_EQ(row.integer(3), least + 6);
    return true;
  }));
}

TEST_P(BothEngines, RunAStatementInsideItsOwnRows) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, i)));
  auto reader = engine->read(Space::of(id), k_grant_all);
  int inner = 0;
  int outer = 0;
  ASSERT_TRUE((*reader)->each(k_notes, {}, [&](const Row&) -> Result<bool> {
    ++outer;
    PROBITY_CHECK((*reader)->each(k_notes, {}, [&](const Row&) {
      ++inner;
      return inner % 5 != 3;
    }));
    return true;
  }));
  EXPECT_EQ(outer, 5);
  // 3 rows, then 5 and 5 and so on: every inner read ends at its own count.
  EXPECT_GT(inner, 5);
  EXPECT_EQ(**(*reader)->first(k_count_notes, {}, [](const Row& row) { return row.integer(0); }),
            5);
}

TEST_P(BothEngines, TellHowManyRowsChanged) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  const auto note = ResponseId::make(Instant::from_s(5));
  ASSERT_TRUE(engine->apply(Space::of(id), change_of([&](Tx& tx) -> Result<Journal> {
                              EXPECT_EQ(*tx.run(k_insert_note, {id, note, 1, Bytes{}}), 1);
                              EXPECT_EQ(*tx.run(k_move_note, {note, 2}), 1);
                              EXPECT_EQ(*tx.run(k_move_note, {ResponseId::make(Instant()), 2}), 0);
                              return Journal{};
                            })));
}

TEST_P(BothEngines, RunNoStatementOutsideTheGrant) {
  static constexpr std::array<std::string_view, 1> k_notes_only{"note"};
  static constexpr std::array<std::string_view, 1> k_others{"other"};
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  const Grant reads{"reads", k_notes_only, {}};
  const Grant none{"none", k_others, k_others};
  const auto write = [&](const Grant& grant) {
    Change change = insert_note(id, 1);
    change.grant = grant;
    return engine->apply(Space::of(id), std::move(change));
  };
  EXPECT_EQ(write(reads).error().code, Code::Internal);
  EXPECT_EQ(write(none).error().code, Code::Internal);
  EXPECT_TRUE(write(Grant{"writes", {}, k_notes_only}));
  const auto read = [&](const Grant& grant, const Query& query) {
    return (*engine->read(Space::of(id), grant))->each(query, {}, [](const Row&) { return true; });
  };
  EXPECT_TRUE(read(reads, k_count_notes));
  EXPECT_EQ(read(none, k_count_notes).error().code, Code::Internal);
  // A snapshot runs nothing that writes, whatever the grant.
  auto reader = engine->read(Space::of(id), k_grant_all);
  EXPECT_EQ((*reader)->each(k_move_note, {1, 2}, [](const Row&) { return true; }).error().code,
            Code::Internal);
  EXPECT_EQ(count_notes(*engine, id), 1);
}

TEST_P(BothEngines, TakeNothingAfterTheyStopped) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  Submissions submissions;
  for (int i = 0; i < 20; ++i)
    submissions.submit(*engine, Space::of(id), insert_note(id, i));
  engine->stop(Span::seconds(10));
  for (const auto& result : submissions.wait())
    EXPECT_TRUE(result);
  EXPECT_EQ(engine->apply(Space::of(id), insert_note(id, 99)).error().code, Code::Overloaded);
}

TEST_P(BothEngines, WriteManyTenantsFromManyThreads) {
  auto engine = open();
  std::vector<TenantId> tenants;
  for (int i = 0; i < 4; ++i)
    tenants.push_back(make_tenant(*engine, "t" + std::to_string(i)));
  std::vector<std::jthread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        const TenantId id = tenants[static_cast<std::size_t>((t + i) % 4)];
        if (!engine->apply(Space::of(id), insert_note(id, t * 1'000 + i))) ++failures;
        if (count_notes(*engine, id) < 1) ++failures;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(failures, 0);
  std::int64_t total = 0;
  for (const TenantId& id : tenants)
    total += count_notes(*engine, id);
  EXPECT_EQ(total, 240);
}

}  // namespace
}  // namespace probity::store
