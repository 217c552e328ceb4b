#include "store/file_writer.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "store/store_fixture.hpp"

// Groups acknowledged by the commit log, on SQLCipher: what a reader, the next Change, a crash and
// a failing disk find of them.
namespace probity::store {
namespace {

constexpr std::string_view k_kind = "note";

struct Note {
  ResponseId id;
  std::int64_t place = 0;
};

Bytes content_of(const Note& note) {
  Bytes content = to_bytes(note.id.bytes());
  append_u64(content, static_cast<std::uint64_t>(note.place));
  return content;
}

class Notes final : public GroupPart {
 public:
  static Notes& of(Tx& tx) {
    return tx.part<Notes>([] { return std::make_unique<Notes>(); });
  }
  void begin_change() override { begun_ = notes_.size(); }
  void undo_change() override { notes_.resize(begun_); }
  [[nodiscard]] bool has_gathered() const override { return notes_.size() > begun_; }
  [[nodiscard]] Result<void> write(Tx& tx) override {
    for (const Note& note : notes_) {
      PROBITY_CHECK(
          tx.run(k_insert_note, {tx.space().tenant(), note.id, note.place, Bytes(600, 7)}));
    }
    notes_.clear();
    begun_ = 0;
    return {};
  }
  void add(const Note& note) { notes_.push_back(note); }

 private:
  std::vector<Note> notes_;
  std::size_t begun_ = 0;
};

class NoteRedoer final : public Redoer {
 public:
  [[nodiscard]] std::string_view kind() const override { return k_kind; }
  [[nodiscard]] Grant grant() const override { return k_grant_all; }
  [[nodiscard]] Result<void> redo(Tx& tx, BytesView content) override {
    if (fails) return fail(Code::Internal, "the redoer fails");
    ++redone;
    ByteReader reader(content);
    const auto id = ResponseId::from_bytes(reader.take(16));
    const auto place = static_cast<std::int64_t>(reader.u64());
    if (!id || !reader.is_whole()) return fail(Code::IntegrityError);
    Notes::of(tx).add({*id, place});
    return {};
  }
  std::atomic<bool> fails = false;
  std::atomic<int> redone = 0;
};

/// Keeps the actions it was given about notes, in order; may be shut.
class ListJournaler final : public Journaler {
 public:
  Result<void> append(Tx&, const std::vector<const JournalEntry*>& entries) override {
    const std::lock_guard lock(mutex_);
    if (is_shut) return fail(Code::StorageFailed, "the journal is shut");
    for (const JournalEntry* entry : entries)
      if (!entry->action.starts_with("tenant."))
        actions_.push_back(entry->action + "/" + entry->outcome);
    return {};
  }
  Result<void> ready(Tx&) override {
    return is_shut ? fail(Code::StorageFailed, "the journal is shut") : Result<void>();
  }
  Result<void> admit(const JournalEntry& entry) override {
    return entry.action == "unknown" ? fail(Code::Internal, "no such action") : Result<void>();
  }
  std::vector<std::string> actions() {
    const std::lock_guard lock(mutex_);
    return actions_;
  }
  std::atomic<bool> is_shut = false;

 private:
  std::mutex mutex_;
  std::vector<std::string> actions_;
};

JournalEntry entry_of(std::string action) {
  JournalEntry entry;
  entry.id = AuditId::make(Instant::from_s(1));
  entry.action = std::move(action);
  return entry;
}

Change gather(std::int64_t place, std::string action = "note.add",
              std::optional<Code> refusal = {}) {
  const Note note{ResponseId::make(Instant::from_s(place)), place};
  Change change = change_of([=](Tx& tx) -> Result<Journal> {
    Notes::of(tx).add(note);
    if (refusal) return fail(*refusal);
    return Journal{entry_of(action)};
  });
  change.redo = Redo{k_kind, content_of(note)};
  return change;
}

class Gathered : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> open() {
    auto engine = try_open({});
    EXPECT_TRUE(engine) << engine.error().detail;
    return engine ? std::move(*engine) : nullptr;
  }
  Result<std::unique_ptr<Engine>> try_open(const FaultPlan& faults = {}) {
    s_.journaler = &journaler_;
    EngineParts parts = s_.parts();
    parts.redoers = redoers_;
    parts.open_group_max = open_group_max_;
    parts.keeps_commit_log = keeps_commit_log_;
    return open_sqlcipher(s_.data(), parts, faults);
  }
  /// An engine of a command: it leaves the log to a server.
  std::unique_ptr<Engine> open_command() {
    keeps_commit_log_ = false;
    auto engine = open();
    keeps_commit_log_ = true;
    return engine;
  }
  /// Runs `act` on an engine of a process that is killed with its groups open.
  template <typename Act>
  void in_dying_process(Act act, const FaultPlan& faults = {}) {
    const pid_t child = ::fork();
    if (child == 0) {
      die_with_parent();
      open_group_max_ = Span::hours(1);
      auto engine = try_open(faults);
      if (!engine) ::_exit(3);
      act(**engine);
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
  }

  Surroundings s_;
  ListJournaler journaler_;
  NoteRedoer redoer_;
  std::array<Redoer*, 1> redoers_{&redoer_};
  Span open_group_max_ = k_open_group_max;
  bool keeps_commit_log_ = true;
};

TEST_F(Gathered, AreSeenByTheNextReaderAndTheNextChange) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  for (int place = 1; place <= 5; ++place)
    ASSERT_TRUE(engine->apply(Space::of(id), gather(place)));
  EXPECT_EQ(places_of(*engine, id).size(), 5U);
  ASSERT_TRUE(engine->apply(Space::of(id), gather(6)));
  std::int64_t seen = 0;
  ASSERT_TRUE(engine->apply(Space::of(id), change_of([&](Tx& tx) -> Result<Journal> {
                              PROBITY_TRY(count, tx.first(k_count_notes, {}, [](const Row& row) {
                                return row.integer(0);
                              }));
                              seen = count.value_or(-1);
                              return Journal{};
                            })));
  EXPECT_EQ(seen, 6);
  EXPECT_EQ(journaler_.actions().size(), 6U);
  EXPECT_EQ(redoer_.redone, 0);
}

TEST_F(Gathered, AreNotYetInACommittedSnapshotAndSoonWritten) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  ASSERT_TRUE(engine->apply(Space::of(id), gather(1)));
  const auto committed = [&] {
    auto reader = engine->snapshot(Space::of(id), k_grant_all, Freshness::Committed);
    auto count = (*reader)->first(k_count_notes, {}, [](const Row& row) { return row.integer(0); });
    return count->value_or(-1);
  };
  EXPECT_EQ(committed(), 0);
  EXPECT_TRUE(happens([&] { return committed() == 1; }, k_open_group_max + Span::seconds(5)));
}

TEST_F(Gathered, AreDoneAgainAfterADeathOnceAndInOrder) {
  TenantId one;
  TenantId two;
  {
    auto engine = open();
    one = make_tenant(*engine, "one");
    two = make_tenant(*engine, "two");
  }
  in_dying_process([&](Engine& engine) {
    for (int place = 1; place <= 300; ++place) {
      if (!engine.apply(Space::of(one), gather(place, "add" + std::to_string(place)))) ::_exit(1);
      if (place % 3 == 0 && !engine.apply(Space::of(two), gather(place, "other"))) ::_exit(1);
    }
  });
  {
    auto engine = open();
    EXPECT_EQ(places_of(*engine, one).size(), 300U);
    EXPECT_EQ(places_of(*engine, two).size(), 100U);
    EXPECT_GT(redoer_.redone, 0);
    // What had been written before the death is not in this journaler; the rest came in order.
    int last = 0;
    for (const std::string& action : journaler_.actions()) {
      if (!action.starts_with("add")) continue;
      const int number = std::stoi(action.substr(3));
      EXPECT_TRUE(last == 0 || number == last + 1) << action;
      last = number;
    }
    EXPECT_EQ(last, 300);
  }
  const int redone = redoer_.redone;
  auto engine = open();
  EXPECT_EQ(places_of(*engine, one).size(), 300U);
  EXPECT_EQ(redoer_.redone, redone);
}

TEST_F(Gathered, RefusedOnesLeaveTheirEntryAlone) {
  TenantId id;
  {
    auto engine = open();
    id = make_tenant(*engine);
  }
  in_dying_process([&](Engine& engine) {
    if (!engine.apply(Space::of(id), gather(1))) ::_exit(1);
    Change refused = gather(2, "note.add", Code::Conflict);
    refused.on_refusal = entry_of("note.refused");
    if (engine.apply(Space::of(id), std::move(refused))) ::_exit(1);
    if (!engine.apply(Space::of(id), gather(3))) ::_exit(1);
  });
  auto engine = open();
  EXPECT_EQ(places_of(*engine, id), (std::set<std::int64_t>{1, 3}));
  EXPECT_EQ(journaler_.actions(),
            (std::vector<std::string>{"note.add/done", "note.refused/refused:conflict",
                                      "note.add/done"}));
}

TEST_F(Gathered, AreRefusedWhenTheirEntryCannotBeTakenOrTheJournalIsShut) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  ASSERT_TRUE(engine->apply(Space::of(id), gather(1)));
  journaler_.is_shut = false;
  EXPECT_EQ(places_of(*engine, id).size(), 1U);
  journaler_.is_shut = true;
  EXPECT_FALSE(engine->apply(Space::of(id), gather(2)));
  journaler_.is_shut = false;
  EXPECT_EQ(places_of(*engine, id), std::set<std::int64_t>{1});
}

TEST_F(Gathered, OnesThatCannotBeWrittenCloseTheirTenantAlone) {
  auto engine = open();
  const TenantId id = make_tenant(*engine, "one");
  const TenantId other = make_tenant(*engine, "two");
  ASSERT_TRUE(engine->apply(Space::of(id), gather(1)));
  ASSERT_TRUE(engine->apply(Space::of(other), gather(1)));
  EXPECT_EQ(places_of(*engine, other).size(), 1U);
  journaler_.is_shut = true;
  EXPECT_FALSE(engine->read(Space::of(id), k_grant_all));
  EXPECT_FALSE(engine->apply(Space::of(id), gather(2)));
  EXPECT_TRUE(engine->read(Space::of(other), k_grant_all));
  journaler_.is_shut = false;
  EXPECT_EQ(places_of(*engine, id), std::set<std::int64_t>{1});
  EXPECT_TRUE(engine->apply(Space::of(id), gather(3)));
  EXPECT_EQ(places_of(*engine, id), (std::set<std::int64_t>{1, 3}));
}

TEST_F(Gathered, OnesNobodyCanRedoKeepTheirTenantClosed) {
  TenantId id;
  TenantId other;
  {
    auto engine = open();
    id = make_tenant(*engine, "one");
    other = make_tenant(*engine, "two");
  }
  in_dying_process([&](Engine& engine) {
    if (!engine.apply(Space::of(id), gather(1))) ::_exit(1);
  });
  redoer_.fails = true;
  {
    auto engine = open();
    EXPECT_FALSE(engine->read(Space::of(id), k_grant_all));
    EXPECT_FALSE(engine->apply(Space::of(id), gather(2)));
    // The log cannot be begun anew while it holds something: groups go to their files.
    EXPECT_TRUE(engine->apply(Space::of(other), gather(1)));
  }
  redoer_.fails = false;
  auto engine = open();
  EXPECT_EQ(places_of(*engine, id), std::set<std::int64_t>{1});
  EXPECT_EQ(places_of(*engine, other), std::set<std::int64_t>{1});
}

TEST_F(Gathered, OnesOfADestroyedTenantAreForgotten) {
  auto engine = open();
  const TenantId id = make_tenant(*engine, "one");
  const TenantId other = make_tenant(*engine, "two");
  ASSERT_TRUE(engine->apply(Space::of(id), gather(1)));
  ASSERT_TRUE(engine->destroy_tenant(id));
  EXPECT_TRUE(engine->apply(Space::of(other), gather(1)));
  engine.reset();
  engine = open();
  EXPECT_EQ(places_of(*engine, other).size(), 1U);
}

TEST_F(Gathered, AreCommittedToTheirFileWhereAnotherProcessHasTheLog) {
  auto first = open();
  const TenantId id = make_tenant(*first);
  auto second = open_command();
  ASSERT_TRUE(second->apply(Space::of(id), gather(1)));
  EXPECT_EQ(places_of(*first, id).size(), 1U);
  ASSERT_TRUE(first->apply(Space::of(id), gather(2)));
  // The second waits until the first has written its group.
  ASSERT_TRUE(second->apply(Space::of(id), gather(3)));
  EXPECT_EQ(places_of(*second, id).size(), 3U);
}

TEST_F(Gathered, AreSeenByAnotherProcessThatReadsAllThatWasAcknowledged) {
  auto first = open();
  const TenantId id = make_tenant(*first);
  auto second = open_command();
  for (int place = 1; place <= 3; ++place) {
    ASSERT_TRUE(first->apply(Space::of(id), gather(place)));
    EXPECT_EQ(places_of(*second, id).size(), static_cast<std::size_t>(place));
  }
  // Also while groups follow one another without a pause.
  std::atomic<std::int64_t> last = 3;
  std::jthread busy([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (first->apply(Space::of(id), gather(last + 1))) ++last;
    }
  });
  for (int i = 0; i < 3; ++i) {
    const std::int64_t acknowledged = last;
    EXPECT_GE(places_of(*second, id).size(), static_cast<std::size_t>(acknowledged));
  }
}

TEST_F(Gathered, ACommandDoesAgainWhatIsLeftAndLetsGoOfTheLog) {
  TenantId id;
  {
    auto engine = open();
    id = make_tenant(*engine);
  }
  in_dying_process([&](Engine& engine) {
    if (!engine.apply(Space::of(id), gather(1))) ::_exit(1);
  });
  auto command = open_command();
  EXPECT_EQ(redoer_.redone, 1);
  ASSERT_TRUE(command->apply(Space::of(id), gather(2)));
  auto server = open();
  EXPECT_TRUE(CommitLock::is_owned(s_.data()));
  ASSERT_TRUE(server->apply(Space::of(id), gather(3)));
  EXPECT_EQ(places_of(*command, id), (std::set<std::int64_t>{1, 2, 3}));
}

TEST_F(Gathered, ACommandThatCannotWriteWhatIsLeftReadsNothingWithoutItAndLosesNothing) {
  TenantId id;
  {
    auto engine = open();
    id = make_tenant(*engine);
  }
  in_dying_process([&](Engine& engine) {
    if (!engine.apply(Space::of(id), gather(1))) ::_exit(1);
  });
  redoer_.fails = true;
  {
    auto command = open_command();
    EXPECT_FALSE(command->read(Space::of(id), k_grant_all));
    EXPECT_FALSE(command->apply(Space::of(id), gather(2)));
  }
  redoer_.fails = false;
  auto server = open();
  EXPECT_EQ(places_of(*server, id), std::set<std::int64_t>{1});
}

TEST_F(Gathered, WhatIsLeftForAFileThatIsAwayStaysInTheLog) {
  TenantId id;
  {
    auto engine = open();
    id = make_tenant(*engine);
  }
  in_dying_process([&](Engine& engine) {
    if (!engine.apply(Space::of(id), gather(1))) ::_exit(1);
  });
  const auto file = s_.data() / "tenants" / (id.text() + ".db");
  const auto away = s_.directory.path() / "away.db";
  std::filesystem::rename(file, away);
  for (const bool is_server : {true, false, true}) {
    auto engine = is_server ? open() : open_command();
    EXPECT_FALSE(engine->read(Space::of(id), k_grant_all));
  }
  std::filesystem::rename(away, file);
  auto engine = open();
  EXPECT_EQ(places_of(*engine, id), std::set<std::int64_t>{1});
}

TEST_F(Gathered, AServerWaitsForACommandThatHasTheLog) {
  TenantId id;
  {
    auto engine = open();
    id = make_tenant(*engine);
  }
  in_dying_process([&](Engine& engine) {
    if (!engine.apply(Space::of(id), gather(1))) ::_exit(1);
  });
  auto held = CommitLock::take(s_.data());
  ASSERT_TRUE(held);
  std::optional<CommitLock> lock(std::move(*held));
  std::jthread letting_go([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    lock.reset();
  });
  auto server = open();
  EXPECT_EQ(places_of(*server, id), std::set<std::int64_t>{1});
}

TEST_F(Gathered, AServerDoesNotStartWithoutItsLog) {
  {
    auto engine = open();
    static_cast<void>(make_tenant(*engine));
  }
  const auto held = CommitLock::take(s_.data());
  ASSERT_TRUE(held);
  const auto server = try_open();
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Code::Locked);
}

// The refusal comes before the Change runs: what has gathered then is the Change before it.
TEST_F(Gathered, WhatWasRefusedForLackOfSpaceIsNotDoneAgain) {
  TenantId id;
  {
    auto engine = open();
    id = make_tenant(*engine);
  }
  FaultPlan nearly_full;
  nearly_full.pretend_free_bytes = k_low_water_bytes - 1;
  const auto act = [&](Engine& engine) {
    Change essential = gather(1);
    essential.growth = Growth::Essential;
    Submissions group;
    {
      const HeldWriter held(engine, Space::of(id));
      group.submit(engine, Space::of(id), std::move(essential));
      group.submit(engine, Space::of(id), gather(2));
    }
    const auto ends = group.wait();
    if (!ends[0] || ends[1] || ends[1].error().code != Code::StorageFull) ::_exit(1);
  };
  in_dying_process(act, nearly_full);
  auto engine = open();
  EXPECT_GT(redoer_.redone, 0);
  EXPECT_EQ(places_of(*engine, id), std::set<std::int64_t>{1});
}

TEST_F(Gathered, ManyTenantsShareSyncs) {
  auto engine = open();
  std::vector<TenantId> tenants;
  for (int i = 0; i < 20; ++i)
    tenants.push_back(make_tenant(*engine, "tenant" + std::to_string(i)));
  const std::uint64_t before = engine->stats().changes_committed;
  Submissions submissions;
  for (int place = 1; place <= 50; ++place) {
    for (const TenantId& id : tenants)
      submissions.submit(*engine, Space::of(id), gather(place));
  }
  for (const Result<void>& end : submissions.wait())
    EXPECT_TRUE(end);
  for (const TenantId& id : tenants)
    EXPECT_EQ(places_of(*engine, id).size(), 50U);
  EXPECT_EQ(engine->stats().changes_committed - before, 20U * 50U);
}

// --- Deaths and disks ----------------------------------------------------------------------------

constexpr std::size_t k_acknowledged_wanted = 60;
constexpr int k_writers = 3;

class DyingWriters : public Gathered {
 protected:
  [[noreturn]] void write_until_killed(const std::vector<TenantId>& tenants, const FaultPlan& plan,
                                       int pipe) {
    auto engine = try_open(plan);
    if (!engine) ::_exit(3);
    std::atomic<std::int64_t> next{0};
    const auto work = [&](TenantId id) {
      while (true) {
        const std::int64_t place = next++;
        if (!(*engine)->apply(Space::of(id), gather(place))) continue;
        tell(pipe, place);
      }
    };
    std::vector<std::jthread> threads;
    for (const TenantId& id : tenants)
      threads.emplace_back(work, id);
    threads.clear();
    ::_exit(5);
  }

  /// Kills a process that writes to several tenants; how many acknowledged rows are then missing.
  std::size_t lost_after_kill(const FaultPlan& plan) {
    std::vector<TenantId> tenants;
    {
      auto engine = open();
      for (int i = 0; i < k_writers; ++i)
        tenants.push_back(make_tenant(*engine, "t" + std::to_string(round_++)));
    }
    const auto acknowledged = told_until_killed(
        k_acknowledged_wanted, [&](int pipe) { write_until_killed(tenants, plan, pipe); });
    auto engine = open();
    std::set<std::int64_t> found;
    for (const TenantId& id : tenants)
      found.merge(places_of(*engine, id));
    return missing(acknowledged, found);
  }

 private:
  int round_ = 0;
};

TEST_F(DyingWriters, LoseNothingAcknowledged) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(lost_after_kill({}), 0U);
}

TEST_F(DyingWriters, LoseNothingAcknowledgedWhenUnsyncedWritesAreLost) {
  FaultPlan plan;
  plan.drop_unsynced_on_kill = true;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(lost_after_kill(plan), 0U);
  plan.fail_every_kth_sync = 5;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(lost_after_kill(plan), 0U);
}

// The control of the two above.
TEST_F(DyingWriters, AreSeenToLoseRowsWhenTheLogIsNotSynced) {
  FaultPlan plan;
  plan.drop_unsynced_on_kill = true;
  plan.pretend_log_syncs = true;
  EXPECT_GT(lost_after_kill(plan), 0U);
}

class GatheredOnBadDisks : public Gathered, public ::testing::WithParamInterface<int> {
 protected:
  /// What is acknowledged is there, once, now and after opening again. What was answered with an
  /// error may be there as well: it lies in the log, and is written once the disk lets it.
  void expect_truth(const FaultPlan& plan) {
    TenantId id;
    {
      auto engine = open();
      id = make_tenant(*engine);
    }
    std::set<std::int64_t> acknowledged;
    {
      auto engine = try_open(plan);
      if (!engine) return;
      for (std::int64_t place = 0; place < 60; ++place) {
        auto stored = (*engine)->apply(Space::of(id), gather(place));
        if (stored) {
          acknowledged.insert(place);
        } else {
          EXPECT_TRUE(stored.error().code == Code::StorageFailed ||
                      stored.error().code == Code::StorageFull)
              << stored.error().detail;
        }
        if (place % 7 == 6) [[maybe_unused]]
          const auto read = (*engine)->read(Space::of(id), k_grant_all);
      }
    }
    auto engine = open();
    const auto found = places_of(*engine, id);
    EXPECT_TRUE(std::ranges::includes(found, acknowledged));
  }
};
INSTANTIATE_TEST_SUITE_P(EveryKth, GatheredOnBadDisks, ::testing::Values(2, 3, 5, 7, 11, 13, 23));

TEST_P(GatheredOnBadDisks, AreThereWhenAcknowledgedThoughWritesFail) {
  FaultPlan plan;
  plan.fail_every_kth_write = GetParam();
  expect_truth(plan);
}

TEST_P(GatheredOnBadDisks, AreThereWhenAcknowledgedThoughSyncsFail) {
  FaultPlan plan;
  plan.fail_every_kth_sync = GetParam();
  expect_truth(plan);
}

}  // namespace
}  // namespace probity::store
