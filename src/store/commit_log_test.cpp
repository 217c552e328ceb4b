#include "store/commit_log.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "store/logged_change.hpp"
#include "store/store_fixture.hpp"

namespace probity::store {
namespace {

std::shared_ptr<crypto::Cipher> make_cipher() {
  auto cipher = std::make_shared<crypto::Cipher>(TenantId().bytes());
  cipher->add_key(1, crypto::Key::from_bytes(Bytes(32, 7)).value());
  return cipher;
}

/// A log in a folder of its own that can be opened again and again.
class CommitLogs : public ::testing::Test {
 protected:
  std::unique_ptr<CommitLog> open() {
    auto log = CommitLog::open(directory_.path(), nullptr, cipher_);
    EXPECT_TRUE(log) << log.error().detail;
    return std::move(*log);
  }
  std::vector<std::string> left_in(CommitLog& log) {
    auto left = log.recover();
    EXPECT_TRUE(left) << left.error().detail;
    std::vector<std::string> texts;
    for (const Bytes& batch : left->batches)
      texts.emplace_back(as_text(batch));
    return texts;
  }
  /// Appends and waits until it is durable.
  static CommitLog::Hold put(CommitLog& log, std::string_view text) {
    std::promise<std::string> failure;
    auto hold = log.append(to_bytes(as_bytes(text)), [&](const Result<void>& done) {
      failure.set_value(done ? "" : done.error().detail);
    });
    EXPECT_TRUE(hold);
    if (hold) {
      EXPECT_EQ(failure.get_future().get(), "");
    }
    return hold;
  }
  [[nodiscard]] std::filesystem::path path_of(int number) const {
    return directory_.path() / ("commit-" + std::to_string(number) + ".log");
  }
  [[nodiscard]] std::string content_of(int number) const {
    std::ifstream in(path_of(number), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void change_file(int number, const std::function<void(std::string&)>& change) const {
    std::string content = content_of(number);
    change(content);
    std::ofstream(path_of(number), std::ios::binary | std::ios::trunc) << content;
  }

  ScratchDirectory directory_;
  std::shared_ptr<crypto::Cipher> cipher_ = make_cipher();
};

using Texts = std::vector<std::string>;

TEST_F(CommitLogs, GiveBackWhatWasHeldInOrder) {
  {
    auto log = open();
    EXPECT_EQ(left_in(*log), Texts());
    const auto a = put(*log, "a");
    const auto b = put(*log, "bb");
    const auto c = put(*log, "ccc");
    EXPECT_EQ(a, b);
    // Let go only after the log, as a process that dies does.
    log.reset();
  }
  auto log = open();
  EXPECT_EQ(left_in(*log), (Texts{"a", "bb", "ccc"}));
}

TEST_F(CommitLogs, HoldNothingReadable) {
  {
    auto log = open();
    const auto hold = put(*log, "a secret sentence");
    log.reset();
  }
  change_file(0, [](std::string& content) {
    EXPECT_EQ(content.find("secret"), std::string::npos);
    EXPECT_EQ(content.size() % k_log_block_bytes, 0U);
  });
}

TEST_F(CommitLogs, BeginAnewOnceNobodyHoldsThem) {
  {
    auto log = open();
    put(*log, "let go");
    const auto kept = put(*log, "kept");
    log.reset();
  }
  auto log = open();
  EXPECT_EQ(left_in(*log), Texts{"kept"});
}

TEST_F(CommitLogs, KeepWhatWasLeftUntilItIsLetGo) {
  {
    auto log = open();
    const auto hold = put(*log, "old");
    log.reset();
  }
  auto log = open();
  auto left = log->recover();
  ASSERT_TRUE(left);
  Bytes records(3, 1);
  EXPECT_FALSE(log->append(std::move(records), [](const Result<void>&) { FAIL(); }));
  left->hold.reset();
  EXPECT_TRUE(put(*log, "new"));
}

TEST_F(CommitLogs, TakeASecondSegmentAndThenNoMore) {
  auto log = open();
  const std::string half(static_cast<std::size_t>(k_log_segment_bytes / 2 - 2 * k_log_block_bytes),
                         'x');
  const auto first = put(*log, half);
  EXPECT_EQ(put(*log, half), first);
  const auto second = put(*log, half);
  EXPECT_NE(second, first);
  const auto third = put(*log, half);
  EXPECT_EQ(third, second);
  bool is_called = false;
  EXPECT_FALSE(
      log->append(to_bytes(as_bytes(half)), [&](const Result<void>&) { is_called = true; }));
  EXPECT_FALSE(is_called);
}

TEST_F(CommitLogs, LastBatchMayBeTorn) {
  for (const std::int64_t cut : {1, 100, 4'000}) {
    {
      auto log = open();
      static_cast<void>(left_in(*log));
      const auto hold = put(*log, "whole");
      const auto torn = put(*log, std::string(5'000, 't'));
      log.reset();
    }
    // 5,000 bytes reach into a second block: its end is what is missing.
    change_file(0, [&](std::string& content) {
      content.resize(content.size() - static_cast<std::size_t>(k_log_block_bytes));
      content[content.size() - static_cast<std::size_t>(cut)] ^= 1;
    });
    auto log = open();
    EXPECT_EQ(left_in(*log), Texts{"whole"}) << cut;
  }
}

TEST_F(CommitLogs, DamageBeforeTheLastBatchIsTold) {
  {
    auto log = open();
    const auto first = put(*log, "one");
    const auto second = put(*log, "two");
    log.reset();
  }
  change_file(0, [](std::string& content) {
    content[static_cast<std::size_t>(k_log_block_bytes) + 60] ^= 1;
  });
  auto log = open();
  const auto left = log->recover();
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, Code::IntegrityError);
}

TEST_F(CommitLogs, LoseTheKeyOfWhatNobodyHolds) {
  for (const bool is_idle : {false, true}) {
    auto log = open();
    static_cast<void>(left_in(*log));
    static_cast<void>(put(*log, "written to its file"));
    const auto is_wiped = [&] {
      return content_of(0).find_first_not_of('\0') >= static_cast<std::size_t>(k_log_block_bytes);
    };
    if (is_idle) {
      EXPECT_TRUE(happens(is_wiped));
    } else {
      log->stop();
      EXPECT_TRUE(is_wiped());
    }
  }
}

TEST_F(CommitLogs, KeepWhatWasHeldAtTheirStopWhateverBecomesOfTheHold) {
  {
    auto log = open();
    auto hold = put(*log, "owed");
    log->stop();
    hold.reset();
    log->stop();
    log.reset();
  }
  auto log = open();
  EXPECT_EQ(left_in(*log), Texts{"owed"});
}

TEST_F(CommitLogs, KeepEverythingWhenTheyCannotBeRead) {
  {
    auto log = open();
    const auto first = put(*log, "one");
    const auto second = put(*log, "two");
    log.reset();
  }
  const auto damage = [](std::string& content) {
    content[static_cast<std::size_t>(k_log_block_bytes) + 60] ^= 1;
  };
  change_file(0, damage);
  const std::string before = content_of(0);
  {
    auto log = open();
    EXPECT_FALSE(log->recover());
    // Longer than the log waits before it looks for what it may overwrite.
    std::this_thread::sleep_for(std::chrono::microseconds(k_log_wipe_every.us() * 3 / 2));
    log->stop();
  }
  EXPECT_EQ(content_of(0), before);
  change_file(0, damage);
  auto log = open();
  EXPECT_EQ(left_in(*log), (Texts{"one", "two"}));
}

TEST_F(CommitLogs, ThatAreMissingEmptiedOrOlderAreTold) {
  const auto keep = directory_.path() / "older";
  {
    auto log = open();
    const auto hold = put(*log, "older");
    std::filesystem::copy_file(path_of(0), keep);
    log.reset();
  }
  {
    auto log = open();
    EXPECT_EQ(left_in(*log), Texts{"older"});
    const auto hold = put(*log, "newer");
    log.reset();
  }
  const std::string newer = content_of(0);
  const auto refused = [&] {
    auto log = open();
    const auto left = log->recover();
    return !left && left.error().code == Code::IntegrityError;
  };
  std::filesystem::copy_file(keep, path_of(0), std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(refused());
  change_file(0, [](std::string& content) { content.clear(); });
  EXPECT_TRUE(refused());
  change_file(0, [](std::string& content) { content.assign(4'096, '\0'); });
  EXPECT_TRUE(refused());
  std::filesystem::remove(path_of(0));
  EXPECT_TRUE(refused());
  change_file(0, [&](std::string& content) { content = newer; });
  auto log = open();
  EXPECT_EQ(left_in(*log), Texts{"newer"});
}

TEST_F(CommitLogs, GoOnWithoutWhatIsMissingOnceTheMarkIsRemoved) {
  {
    auto log = open();
    const auto hold = put(*log, "held");
    log.reset();
  }
  std::filesystem::remove(path_of(0));
  EXPECT_TRUE(CommitLog::may_hold(directory_.path()));
  std::filesystem::remove(directory_.path() / "commit.mark");
  EXPECT_FALSE(CommitLog::may_hold(directory_.path()));
  auto log = open();
  EXPECT_EQ(left_in(*log), Texts{});
  static_cast<void>(put(*log, "new"));
  log->stop();
  EXPECT_FALSE(CommitLog::may_hold(directory_.path()));
}

TEST_F(CommitLogs, FirstBlockThatIsNoneOfOursIsDamage) {
  {
    auto log = open();
    const auto hold = put(*log, "held");
    log.reset();
  }
  for (const std::size_t at : {0U, 12U, 30U, 60U}) {
    change_file(0, [&](std::string& content) { content[at] ^= 1; });
    auto log = open();
    const auto left = log->recover();
    ASSERT_FALSE(left) << at;
    EXPECT_TRUE(left.error().code == Code::IntegrityError ||
                left.error().code == Code::KeyUnavailable);
    log.reset();
    change_file(0, [&](std::string& content) { content[at] ^= 1; });
  }
}

TEST_F(CommitLogs, TellWhetherTheyHaveAnOwner) {
  EXPECT_FALSE(CommitLock::is_owned(directory_.path()));
  auto log = open();
  EXPECT_TRUE(CommitLock::is_owned(directory_.path()));
  EXPECT_TRUE(CommitLock::is_recovering(directory_.path()));
  log->recovered();
  EXPECT_FALSE(CommitLock::is_recovering(directory_.path()));
  EXPECT_FALSE(log->is_awaited());
  {
    const CommitLock::Waiting one(directory_.path());
    const CommitLock::Waiting other(directory_.path());
    EXPECT_TRUE(log->is_awaited());
  }
  EXPECT_FALSE(log->is_awaited());
  log.reset();
  EXPECT_FALSE(CommitLock::is_owned(directory_.path()));
}

TEST_F(CommitLogs, BelongToOneProcess) {
  const auto log = open();
  const auto second = CommitLog::open(directory_.path(), nullptr, cipher_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::Locked);
}

TEST_F(CommitLogs, DoNotOpenUnderAnotherKey) {
  {
    auto log = open();
    const auto hold = put(*log, "sealed");
    log.reset();
  }
  cipher_ = std::make_shared<crypto::Cipher>(TenantId().bytes());
  cipher_->add_key(2, crypto::Key::from_bytes(Bytes(32, 9)).value());
  auto log = open();
  const auto left = log->recover();
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, Code::KeyUnavailable);
}

TEST(LoggedChanges, ReadWhatWasWrittenAndRefuseEveryCut) {
  LoggedChange change;
  change.tenant = TenantId::make(Instant::from_s(1));
  change.epoch = make_raw_id(Instant::from_s(2));
  change.position = 7;
  change.kind = "note";
  change.content = {1, 2, 3};
  JournalEntry entry;
  entry.id = AuditId::make(Instant::from_s(3));
  entry.at = Instant::from_s(4);
  entry.action = "note.add";
  entry.actor = "anonymous";
  entry.object = "sur_x";
  entry.detail = {9};
  change.entries.push_back(entry);
  Bytes records;
  append_record(records, change);
  append_record(records, change);
  const auto read = read_records(records);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  const LoggedChange& back = (*read)[1];
  EXPECT_EQ(back.tenant, change.tenant);
  EXPECT_EQ(back.epoch, change.epoch);
  EXPECT_EQ(back.position, 7U);
  EXPECT_EQ(back.kind, "note");
  EXPECT_EQ(back.content, change.content);
  ASSERT_EQ(back.entries.size(), 1U);
  EXPECT_EQ(back.entries[0].action, "note.add");
  EXPECT_EQ(back.entries[0].detail, entry.detail);
  for (std::size_t size = 1; size < records.size() / 2; ++size)
    EXPECT_FALSE(read_records(BytesView(records).first(size))) << size;
}

}  // namespace
}  // namespace probity::store
