#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "store/core.hpp"
#include "store/fault_vfs.hpp"
#include "store/file_writer.hpp"
#include "store/free_space.hpp"
#include "store/sqlite_file.hpp"
#include "store/writers.hpp"

namespace probity::store {

/// Readers lent at one time over all files; more are refused with Overloaded.
inline constexpr int k_readers_max = 256;
/// How often changes of other processes are looked for, and idle files closed.
inline constexpr int k_care_every_ms = 500;

/// The embedded engine: one encrypted file per tenant and one for the system. Threads: any.
class SqlcipherEngine final : public EngineCore {
 public:
  SqlcipherEngine(std::filesystem::path directory, EngineParts parts, const FaultPlan& faults);
  ~SqlcipherEngine() override;
  /// Opens (or makes) the system's file and starts the threads. Once.
  [[nodiscard]] Result<void> start();

  [[nodiscard]] std::string_view kind() const override { return "sqlcipher"; }
  [[nodiscard]] Result<std::unique_ptr<Snapshot>> snapshot(Space space, Grant grant,
                                                           Freshness freshness) override;
  void submit(Space space, Change change, Done done) override;
  [[nodiscard]] Result<bool> migrate_next() override;
  [[nodiscard]] Result<std::vector<std::string>> snapshot_to(
      const std::filesystem::path& directory) override;
  [[nodiscard]] Result<void> prepares(Space space, const Query& query) override;
  [[nodiscard]] EngineStats stats() const override;
  void stop(Span within) override;

 private:
  struct Slot {
    std::mutex opening;
    std::shared_ptr<OpenFile> file;
  };

  [[nodiscard]] Result<std::vector<NewKey>> make_space(const TenantId& id) override;
  void discard_space(const TenantId& id) override;
  void forget_space(const TenantId& id) override;
  [[nodiscard]] Result<int> rewrap_outside() override;

  // Files.
  [[nodiscard]] Result<crypto::Key> system_file_key();
  [[nodiscard]] Result<void> open_system();
  [[nodiscard]] Result<std::shared_ptr<OpenFile>> acquire(const Space& space);
  [[nodiscard]] std::shared_ptr<Slot> slot_of(const TenantId& id);
  [[nodiscard]] Result<std::shared_ptr<OpenFile>> open_tenant(const TenantId& id);
  [[nodiscard]] std::filesystem::path tenant_path(const TenantId& id) const;
  [[nodiscard]] Schema schema_of(StepsOf which) const;
  void close_unused(Span idle, std::size_t keep);
  [[nodiscard]] Result<void> copy_space(const Space& space, const std::filesystem::path& target);

  // Work.
  void run_group(const Space& space, std::span<Pending> group);
  [[nodiscard]] Result<void> open_commit_log();
  /// Writes what the last owner of the log left.
  [[nodiscard]] Result<void> recover(std::unique_ptr<CommitLog> log);
  void write_all_owed();
  void want_checkpoint(const std::shared_ptr<OpenFile>& file);
  void run_checkpoints();
  void run_care();
  /// Opens the next tenant that has not been migrated, ahead of its first use. The carer's thread.
  void sweep_migrations();

  std::filesystem::path directory_;
  FaultPlan faults_;
  std::unique_ptr<FaultVfs> vfs_;
  FreeSpace free_space_;
  std::shared_ptr<OpenFile> system_;
  std::mutex slots_mutex_;
  std::map<TenantId, std::shared_ptr<Slot>> slots_;
  std::map<TenantId, bool> migrated_;  // Guarded by slots_mutex_; seen at the newest step.
  std::shared_ptr<std::atomic<int>> readers_ = std::make_shared<std::atomic<int>>(0);

  FileWriter file_writer_;
  std::atomic<std::size_t> open_tenants_{0};

  std::mutex care_mutex_;
  std::condition_variable care_wakes_;
  std::deque<std::weak_ptr<OpenFile>> checkpoints_;
  bool is_stopping_ = false;
  bool is_sweeping_ = true;  // The carer's alone.
  std::jthread checkpointer_;
  std::jthread carer_;
  std::unique_ptr<Writers> writers_;
};

}  // namespace probity::store
