#include "store/sqlcipher.hpp"

#include <pthread.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/core.h>

#include "sql/migrations.hpp"
#include "sql/store.hpp"
#include "store/durable_file.hpp"

namespace probity::store {
namespace {

/// Counts a lent reader for as long as it lives.
class Lent {
 public:
  /// Counted first and given back when it was one too many: many may ask at one time.
  [[nodiscard]] static Result<Lent> take(std::shared_ptr<std::atomic<int>> count) {
    const bool is_one_too_many = count->fetch_add(1) >= k_readers_max;
    Lent lent(std::move(count));
    if (is_one_too_many) return fail(Code::Overloaded, "too many readers at one time");
    return lent;
  }
  ~Lent() {
    if (count_) --*count_;
  }
  Lent(Lent&& other) noexcept = default;
  Lent& operator=(Lent&&) = delete;
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

 private:
  explicit Lent(std::shared_ptr<std::atomic<int>> count) : count_(std::move(count)) {}
  std::shared_ptr<std::atomic<int>> count_;
};

class SqliteSnapshot final : public Reader {
 public:
  SqliteSnapshot(Space space, Grant grant, std::shared_ptr<OpenFile> file, Lent lent)
      : space_(space), grant_(grant), file_(std::move(file)), lent_(std::move(lent)) {}
  ~SqliteSnapshot() override {
    if (!connection_) return;
    if (connection_->control("ROLLBACK")) file_->give_back(std::move(connection_));
  }
  SqliteSnapshot(const SqliteSnapshot&) = delete;
  SqliteSnapshot& operator=(const SqliteSnapshot&) = delete;

  [[nodiscard]] Result<void> begin() {
    PROBITY_TRY(connection, file_->borrow_reader());
    PROBITY_CHECK(connection->control("BEGIN"));
    // The first read fixes what the snapshot sees.
    PROBITY_CHECK(
        connection->fetch(sql::store::open_snapshot, {}, [](const Row&) { return false; }));
    connection_ = std::move(connection);
    return {};
  }
  [[nodiscard]] const Space& space() const override { return space_; }
  [[nodiscard]] Result<void> each(const Query& query, Values values, const OnRow& on_row) override {
    PROBITY_CHECK(admit(grant_, query, values.size(), Access::Read));
    return connection_->fetch(query, values, on_row);
  }

 private:
  Space space_;
  Grant grant_;
  std::shared_ptr<OpenFile> file_;
  Lent lent_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

SqlcipherEngine::SqlcipherEngine(std::filesystem::path directory, EngineParts parts,
                                 const FaultPlan& faults)
    : EngineCore(parts),
      directory_(std::move(directory)),
      faults_(faults),
      free_space_(directory_, faults.pretend_free_bytes),
      file_writer_(parts_, free_space_) {
  if (parts_.migrations.empty()) parts_.migrations = sql::migrations();
}

SqlcipherEngine::~SqlcipherEngine() { stop(Span::seconds(10)); }

Result<void> SqlcipherEngine::start() {
  PROBITY_CHECK(make_private_directory(directory_));
  PROBITY_CHECK(make_private_directory(directory_ / "tenants"));
  if (faults_.fail_every_kth_write != 0 || faults_.fail_every_kth_sync != 0 ||
      faults_.drop_unsynced_on_kill || faults_.pretend_log_syncs) {
    PROBITY_TRY(vfs, FaultVfs::install(faults_));
    vfs_ = std::move(vfs);
  }
  PROBITY_CHECK(open_system());
  writers_ = std::make_unique<Writers>(
      writer_threads(), [this](const Space& space, std::span<Pending> group, std::size_t) {
        run_group(space, group);
      });
  PROBITY_CHECK(ensure_system_key());
  poll_changes();
  PROBITY_CHECK(open_commit_log());
  checkpointer_ = std::jthread([this] { run_checkpoints(); });
  carer_ = std::jthread([this] { run_care(); });
  return {};
}

Schema SqlcipherEngine::schema_of(StepsOf which) const {
  return {parts_.migrations, which, parts_.clock};
}

std::filesystem::path SqlcipherEngine::tenant_path(const TenantId& id) const {
  return directory_ / "tenants" / (id.text() + ".db");
}

// A command beside a server commits every group to its file. A server waits for a command that has
// the log for a moment: without the log it would serve what is not all that was acknowledged.
Result<void> SqlcipherEngine::open_commit_log() {
  constexpr std::chrono::milliseconds k_pause(20);
  if (parts_.redoers.empty()) return {};
  PROBITY_TRY(system_cipher, cipher(Space::system()));
  const char* const vfs = vfs_ ? vfs_->name() : nullptr;
  for (const Span begin = monotonic_now();;) {
    auto log = CommitLog::open(directory_, vfs, system_cipher);
    if (log) return recover(std::move(*log));
    if (log.error().code != Code::Locked) return std::unexpected(std::move(log).error());
    if (!parts_.keeps_commit_log) break;
    if (monotonic_now() - begin >= k_other_owner_wait) {
      return fail(Code::Locked,
                  "another process has the commit log of this directory; start again "
                  "when it has ended");
    }
    std::this_thread::sleep_for(k_pause);
  }
  file_writer_.expect_other_owner(directory_);
  return {};
}

Result<void> SqlcipherEngine::recover(std::unique_ptr<CommitLog> log) {
  PROBITY_TRY(left, log->recover());
  PROBITY_CHECK(file_writer_.use_log(std::move(log), std::move(left)));
  bool is_all_written = true;
  for (const TenantId& id : file_writer_.left_tenants()) {
    const auto record = tenant(id);
    const bool is_gone =
        record ? record->state == "destroyed" : record.error().code == Code::NotFound;
    if (is_gone) {
      file_writer_.forget(id);
      continue;
    }
    // One that cannot be opened, or written to, stays closed; the others do not wait for it.
    const auto file = acquire(Space::of(id));
    if (file && file_writer_.write_owed(**file, Space::of(id))) continue;
    is_all_written = false;
    parts_.log.failure("commit_log_held", {{"tenant", id}});
  }
  file_writer_.recovered();
  // While something is owed the log stays with this process, so that it reads nothing without that.
  if (!parts_.keeps_commit_log && is_all_written) file_writer_.give_up_log(directory_);
  return {};
}

Result<std::unique_ptr<Snapshot>> SqlcipherEngine::snapshot(Space space, Grant grant,
                                                            Freshness freshness) {
  PROBITY_TRY(lent, Lent::take(readers_));
  PROBITY_TRY(file, acquire(space));
  if (freshness == Freshness::Acknowledged) PROBITY_CHECK(file_writer_.write_owed(*file, space));
  auto snapshot = std::make_unique<SqliteSnapshot>(space, grant, std::move(file), std::move(lent));
  PROBITY_CHECK(snapshot->begin());
  return snapshot;
}

void SqlcipherEngine::submit(Space space, Change change, Done done) {
  writers_->submit(space, std::move(change), std::move(done));
}

void SqlcipherEngine::run_group(const Space& space, std::span<Pending> group) {
  auto file = acquire(space);
  if (!file) return answer_group(group, {GroupEnd::Failed, std::move(file).error()});
  (*file)->touch();
  file_writer_.run(*file, space, group);
}

void SqlcipherEngine::want_checkpoint(const std::shared_ptr<OpenFile>& file) {
  {
    const std::lock_guard lock(care_mutex_);
    checkpoints_.push_back(file);
  }
  care_wakes_.notify_all();
}

void SqlcipherEngine::run_checkpoints() {
  pthread_setname_np(pthread_self(), "store-checkpt");
  std::unique_lock lock(care_mutex_);
  while (true) {
    care_wakes_.wait(lock, [this] { return is_stopping_ || !checkpoints_.empty(); });
    if (is_stopping_) return;
    const auto file = checkpoints_.front().lock();
    checkpoints_.pop_front();
    lock.unlock();
    if (file) {
      if (auto done = file->checkpoint(); !done) {
        parts_.log.failure("checkpoint_failed", {{"file", file->path().filename().string()},
                                                 {"detail", done.error().detail}});
      }
    }
    lock.lock();
  }
}

void SqlcipherEngine::run_care() {
  pthread_setname_np(pthread_self(), "store-care");
  while (true) {
    {
      std::unique_lock lock(care_mutex_);
      care_wakes_.wait_for(lock, std::chrono::milliseconds(k_care_every_ms),
                           [this] { return is_stopping_; });
      if (is_stopping_) return;
    }
    poll_changes();
    sweep_migrations();
    close_unused(Span::seconds(k_open_idle_s), static_cast<std::size_t>(parts_.open_tenants_max));
  }
}

void SqlcipherEngine::sweep_migrations() {
  if (!is_sweeping_) return;
  auto had_one = migrate_next();
  if (had_one) {
    is_sweeping_ = *had_one;
    return;
  }
  // The rest is still migrated file by file, at the first use.
  parts_.log.failure("migration_sweep_stopped", {{"detail", had_one.error().detail}});
  is_sweeping_ = false;
}

Result<void> SqlcipherEngine::prepares(Space space, const Query& query) {
  PROBITY_TRY(file, acquire(space));
  PROBITY_TRY(connection, file->borrow_reader());
  auto prepared = connection->prepares(query);
  file->give_back(std::move(connection));
  return prepared;
}

EngineStats SqlcipherEngine::stats() const {
  EngineStats stats = file_writer_.stats();
  stats.open_tenants = open_tenants_;
  stats.free_bytes = free_space_.bytes();
  return stats;
}

void SqlcipherEngine::stop(Span within) {
  if (writers_) writers_->stop(within);
  write_all_owed();
  file_writer_.stop();
  {
    const std::lock_guard lock(care_mutex_);
    is_stopping_ = true;
  }
  care_wakes_.notify_all();
  if (checkpointer_.joinable()) checkpointer_.join();
  if (carer_.joinable()) carer_.join();
  close_unused(Span(), 0);
}

void SqlcipherEngine::write_all_owed() {
  std::vector<std::pair<TenantId, std::shared_ptr<OpenFile>>> files;
  {
    const std::lock_guard lock(slots_mutex_);
    for (const auto& [id, slot] : slots_) {
      const std::unique_lock opening(slot->opening, std::try_to_lock);
      if (opening && slot->file && slot->file->owes()) files.emplace_back(id, slot->file);
    }
  }
  for (const auto& [id, file] : files) [[maybe_unused]]
    const auto written = file_writer_.write_owed(*file, Space::of(id));
}

Result<bool> SqlcipherEngine::migrate_next() {
  PROBITY_TRY(list, tenants());
  for (const TenantRecord& record : list) {
    if (record.state == "destroyed") continue;
    {
      const std::lock_guard lock(slots_mutex_);
      if (migrated_.contains(record.id)) continue;
    }
    PROBITY_CHECK(acquire(Space::of(record.id)));
    return true;
  }
  return false;
}

Result<std::unique_ptr<Engine>> open_sqlcipher(const std::filesystem::path& directory,
                                               EngineParts parts, FaultPlan faults) {
  auto engine = std::make_unique<SqlcipherEngine>(directory, parts, faults);
  PROBITY_CHECK(engine->start());
  return engine;
}

}  // namespace probity::store
