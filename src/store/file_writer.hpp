#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "store/commit_log.hpp"
#include "store/engine.hpp"
#include "store/free_space.hpp"
#include "store/group.hpp"
#include "store/left_changes.hpp"
#include "store/owed_writer.hpp"
#include "store/sqlite_file.hpp"

namespace probity::store {

/// How often a group is tried when another process holds the file's write lock.
inline constexpr int k_group_attempts_max = 4;
/// How long a reader waits for another process to write what it owes.
inline constexpr Span k_other_owner_wait = Span::seconds(10);

/// Runs groups on SQLCipher files. A group is committed with a sync of its own file, or, when each
/// of its Changes brings a Redo, gathered: it is acknowledged once it lies in the commit log, which
/// all tenants share, and its rows are written to the file with those of the groups after it. What
/// is owed to a file is written before anybody else reads or changes it. Threads: any.
class FileWriter {
 public:
  explicit FileWriter(const EngineParts& parts, const FreeSpace& free_space)
      : parts_(parts), free_space_(free_space), owed_writer_(parts) {}
  ~FileWriter() { stop(); }
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  /// From now on groups may be gathered. `left` is what the last process left in the log: it waits
  /// for attach(). IntegrityError when it does not hold together.
  [[nodiscard]] Result<void> use_log(std::unique_ptr<CommitLog> log, CommitLog::Recovered left);
  /// What was left is in its files, or owed by files of this process.
  void recovered() { log_->recovered(); }
  /// Lets go of the log, where nothing is left and no file owes anything. Before the first group.
  void give_up_log(std::filesystem::path directory);
  /// Another process has the log of this directory, or may take it: it may owe something to any
  /// file of a tenant.
  void expect_other_owner(std::filesystem::path directory) {
    directory_ = std::move(directory);
    has_other_owner_ = true;
  }
  /// Tenants for which something was left.
  [[nodiscard]] std::vector<TenantId> left_tenants() { return left_.tenants(); }
  /// Hands a file that was just opened what was left for it.
  void attach(const TenantId& tenant, const std::shared_ptr<OpenFile>& file);
  /// Drops what was left for a tenant that is no more.
  void forget(const TenantId& tenant) { left_.forget(tenant); }

  /// Runs a group and answers each Change: now, or when the log has it.
  void run(const std::shared_ptr<OpenFile>& file, const Space& space, std::span<Pending> group);
  /// Everything acknowledged is committed to the file when it returns. Where another process owns
  /// the log: once that has written what it owed when this was called; Locked when it does not, or
  /// ends meanwhile.
  [[nodiscard]] Result<void> write_owed(OpenFile& file, const Space& space);
  /// As write_owed(), for the holder of the writer's mutex.
  [[nodiscard]] Result<void> write_owed_held(OpenFile& file) { return owed_writer_.write(file); }

  /// Closes the log; files that still owe something keep it there for the next start.
  void stop();

  [[nodiscard]] EngineStats stats() const { return counts_.stats(); }

 private:
  struct Due {
    Span since;
    std::weak_ptr<OpenFile> file;
  };
  struct Answer {
    Done done;
    Result<void> result;
  };

  [[nodiscard]] std::optional<GroupOutcome> run_held(const std::shared_ptr<OpenFile>& file,
                                                     const Space& space, std::span<Pending> group);
  [[nodiscard]] GroupRules rules() const;
  [[nodiscard]] GroupOutcome commit(OpenFile& file, const Space& space, std::span<Pending> group);
  void report(OpenFile& file, std::size_t changes, const GroupOutcome& outcome);

  // Gathering; the file's writer mutex is held.
  [[nodiscard]] bool may_gather(std::span<const Pending> group) const;
  [[nodiscard]] bool gather(const std::shared_ptr<OpenFile>& file, const Space& space,
                            std::span<Pending> group);
  [[nodiscard]] bool open_group(const std::shared_ptr<OpenFile>& file, const Space& space);
  [[nodiscard]] bool run_in_open_group(OpenFile& file, std::span<Pending> group);
  [[nodiscard]] Bytes take_records(OwedChanges& owed, const Space& space, std::span<Pending> group);
  [[nodiscard]] bool log_group(const std::shared_ptr<OpenFile>& file, Bytes records,
                               std::span<Pending> group);
  /// Answers a group once the log has it, or the file where the log failed. The log's thread.
  void finish_logged(OpenFile& file, std::uint64_t position, std::vector<Answer>& answers,
                     const Result<void>& logged);

  [[nodiscard]] Result<void> wait_for_other_owner(OpenFile& file, const Space& space);

  void note_due(const std::shared_ptr<OpenFile>& file);
  void write_when_due();

  const EngineParts& parts_;
  const FreeSpace& free_space_;
  std::unique_ptr<CommitLog> log_;
  OwedWriter owed_writer_;
  LeftChanges left_;
  bool has_other_owner_ = false;
  std::filesystem::path directory_;

  GroupCounts counts_;

  std::mutex due_mutex_;
  std::condition_variable due_wakes_;
  std::deque<Due> due_;
  bool is_stopping_ = false;
  std::jthread closer_;
};

}  // namespace probity::store
