#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "crypto/keys.hpp"
#include "store/migration_plan.hpp"
#include "store/owed_changes.hpp"
#include "store/sqlite_connection.hpp"

namespace probity::store {

/// Pages of the write-ahead log after which a checkpoint is asked for (8 MiB: the pages every
/// commit touches are then copied once for some hundred commits), and after which one stops the
/// writer for the moment it needs to start the log anew (32 MiB).
inline constexpr int k_checkpoint_pages = 2'048;
inline constexpr int k_restart_pages = 8'192;
/// Idle readers an open file keeps.
inline constexpr std::size_t k_idle_readers_max = 4;

/// Where a file lies and how it is read.
struct FileSource {
  std::filesystem::path path;
  crypto::Key key;
  const char* vfs = nullptr;
};

/// The schema steps to bring a file to.
struct Schema {
  std::span<const Migration> known;
  StepsOf which;
  const Clock& clock;
};

/// Makes an empty file (mode 0600), its schema in it, durable with its directory entry when this
/// returns. Conflict when the file exists.
[[nodiscard]] Result<void> create_file(const FileSource& source, const Schema& schema);

/// Brings the schema of an open file up to date, one transaction a step.
[[nodiscard]] Result<void> migrate_file(Connection& connection, const Schema& schema);

/// One encrypted file with its writer's connection and its pool of readers. Threads: any, except
/// where said.
class OpenFile {
 public:
  /// Called from the writer's thread when the log has grown to `pages`.
  using OnLogGrowth = std::function<void(int pages)>;

  /// Opens, recovers what a crash left (see below) and migrates.
  [[nodiscard]] static Result<std::shared_ptr<OpenFile>> open(FileSource source,
                                                              const Schema& schema);
  explicit OpenFile(FileSource source) : source_(std::move(source)) {}
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// A connection to read with; give it back, or let it go when it failed.
  [[nodiscard]] Result<std::unique_ptr<Connection>> borrow_reader();
  void give_back(std::unique_ptr<Connection> connection);

  /// Held while a group runs or the log is started anew. The writer's connection is its holder's.
  [[nodiscard]] std::mutex& writer_mutex() { return writer_mutex_; }
  [[nodiscard]] Connection& writer() { return *writer_; }
  void on_log_growth(OnLogGrowth call) { on_log_growth_ = std::move(call); }

  /// What the commit log has and the file has not. Holder of the writer's mutex only.
  [[nodiscard]] OwedChanges& owed() { return owed_; }
  void begin_debt() { owes_ = true; }
  /// Frees the file of its debts: they are committed, or were never acknowledged.
  void clear_debt() {
    owed_.clear();
    owes_ = false;
  }
  /// Whether there may be any. Threads: any; true before the first Change of it is acknowledged.
  [[nodiscard]] bool owes() const { return owes_; }
  /// While one lives, somebody waits for the file to be free of debts.
  class Awaited {
   public:
    explicit Awaited(OpenFile& file) : file_(file) { ++file_.awaited_; }
    ~Awaited() { --file_.awaited_; }
    Awaited(const Awaited&) = delete;
    Awaited& operator=(const Awaited&) = delete;

   private:
    OpenFile& file_;
  };
  [[nodiscard]] bool is_awaited() const { return awaited_ > 0; }
  /// Called by checkpoint(), with the writer's mutex held, to have no transaction open.
  void on_settle(std::function<Result<void>()> call) { on_settle_ = std::move(call); }

  /// A write or a sync failed: nothing more is committed until mend() succeeded. Holder of the
  /// writer's mutex only.
  void doubt() { is_in_doubt_ = true; }
  /// Makes sure that everything acknowledged is in the main file and durable, empties the log (with
  /// whatever a failed commit left in it) and opens a new connection. See README, "Failed syncs".
  [[nodiscard]] Result<void> mend();

  /// Copies what was committed into the main file; asks the writer to wait only when the log is
  /// longer than k_restart_pages.
  [[nodiscard]] Result<void> checkpoint();
  /// Empties the log. Holder of the writer's mutex only.
  [[nodiscard]] Result<void> truncate_log();

  [[nodiscard]] const std::filesystem::path& path() const { return source_.path; }
  [[nodiscard]] const FileSource& source() const { return source_; }
  void touch() { used_at_us_ = monotonic_now().us(); }
  [[nodiscard]] Span used_at() const { return Span::micros(used_at_us_.load()); }
  /// True for the first caller until checkpoint() has begun.
  [[nodiscard]] bool claim_checkpoint() { return !is_checkpoint_due_.exchange(true); }

 private:
  [[nodiscard]] Result<std::unique_ptr<Connection>> connect(Use use);
  void watch_log();

  FileSource source_;
  std::mutex writer_mutex_;
  std::unique_ptr<Connection> writer_;
  bool is_in_doubt_ = false;
  OwedChanges owed_;
  std::atomic<bool> owes_{false};
  std::atomic<int> awaited_{0};
  std::function<Result<void>()> on_settle_;
  OnLogGrowth on_log_growth_;
  std::atomic<int> log_pages_{0};
  std::atomic<bool> is_checkpoint_due_{false};
  std::atomic<std::int64_t> used_at_us_{0};
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
};

}  // namespace probity::store
