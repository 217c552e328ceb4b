#include "store/sqlite_file.hpp"

#include <fcntl.h>
#include <sqlcipher/sqlite3.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/core.h>

#include "sql/store.hpp"
#include "store/durable_file.hpp"

namespace probity::store {
namespace {

Result<void> run_checkpoint(Connection& connection, int mode, std::string_view what) {
  int log_frames = 0;
  int copied = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(connection.handle(), "main", mode, &log_frames, &copied);
  if (code == SQLITE_OK) return {};
  if (code == SQLITE_BUSY) return fail(Code::Locked, fmt::format("{}: busy", what));
  return fail(Code::StorageFailed, fmt::format("{}: sqlite {}", what, code));
}

Result<std::vector<AppliedStep>> applied_steps(Connection& connection) {
  std::vector<AppliedStep> steps;
  bool has_table = false;
  PROBITY_CHECK(connection.fetch(sql::store::has_schema_step, {}, [&](const Row& row) {
    has_table = row.integer(0) != 0;
    return false;
  }));
  if (!has_table) return steps;
  PROBITY_CHECK(connection.fetch(sql::store::schema_steps, {}, [&](const Row& row) {
    steps.push_back(
        {static_cast<int>(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))});
    return true;
  }));
  return steps;
}

Result<void> run_step(Connection& connection, const Migration& step, Instant now) {
  PROBITY_CHECK(connection.script(step.sqlite));
  PROBITY_CHECK(connection.change(sql::store::insert_schema_step,
                                  {step.number, step.name, step.sha256_hex, now}));
  return {};
}

Result<void> run_pending(Connection& connection, const Schema& schema) {
  PROBITY_CHECK(connection.change(sql::store::make_schema_step, {}));
  // Read again under the lock: another process may have done some of it.
  PROBITY_TRY(applied, applied_steps(connection));
  PROBITY_TRY(pending, plan_migrations(schema.known, applied, schema.which));
  for (const Migration* step : pending) {
    PROBITY_CHECK(run_step(connection, *step, schema.clock.now()));
  }
  return connection.control("COMMIT");
}

}  // namespace

Result<void> migrate_file(Connection& connection, const Schema& schema) {
  PROBITY_TRY(applied, applied_steps(connection));
  PROBITY_TRY(pending, plan_migrations(schema.known, applied, schema.which));
  if (pending.empty() && !applied.empty()) return {};
  PROBITY_CHECK(connection.control("BEGIN IMMEDIATE"));
  auto ran = run_pending(connection, schema);
  if (!ran && connection.is_in_transaction()) {
    [[maybe_unused]] const auto undone = connection.control("ROLLBACK");
  }
  return ran;
}

Result<void> create_file(const FileSource& source, const Schema& schema) {
  const int fd = ::open(source.path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    const Code code = errno == EEXIST ? Code::Conflict : Code::StorageFailed;
    return fail(code,
                fmt::format("cannot make {}: errno {}", source.path.filename().string(), errno));
  }
  ::close(fd);
  PROBITY_TRY(connection, Connection::open({source.path, source.key, source.vfs}, Use::Write));
  PROBITY_CHECK(migrate_file(*connection, schema));
  PROBITY_CHECK(run_checkpoint(*connection, SQLITE_CHECKPOINT_TRUNCATE, "first checkpoint"));
  connection.reset();
  return sync_directory(source.path.parent_path());
}

Result<std::shared_ptr<OpenFile>> OpenFile::open(FileSource source, const Schema& schema) {
  auto file = std::make_shared<OpenFile>(std::move(source));
  PROBITY_TRY(writer, file->connect(Use::Write));
  file->writer_ = std::move(writer);
  // What a crash left in the log was read from memory the kernel may hold only there (a sync may
  // have failed before the crash). Copying it into the main file and syncing that makes it durable
  // before anything is built on it. Busy means that another process has it open: no crash.
  std::error_code ignored;
  const auto log = std::filesystem::file_size(file->path().string() + "-wal", ignored);
  if (!ignored && log > 0) {
    if (auto emptied = file->truncate_log(); !emptied && emptied.error().code != Code::Locked) {
      return std::unexpected(std::move(emptied).error());
    }
  }
  PROBITY_CHECK(migrate_file(*file->writer_, schema));
  file->watch_log();
  file->touch();
  return file;
}

OpenFile::~OpenFile() {
  owed_.open.reset();
  // Readers first, so that the writer's connection is the last and empties the log.
  idle_readers_.clear();
  if (is_in_doubt_) {
    [[maybe_unused]] const auto mended = mend();
  }
}

Result<std::unique_ptr<Connection>> OpenFile::connect(Use use) {
  return Connection::open({source_.path, source_.key, source_.vfs}, use);
}

void OpenFile::watch_log() {
  sqlite3_wal_hook(
      writer_->handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        auto& file = *static_cast<OpenFile*>(self);
        file.log_pages_ = pages;
        if (pages >= k_checkpoint_pages && file.on_log_growth_) file.on_log_growth_(pages);
        return SQLITE_OK;
      },
      this);
}

Result<std::unique_ptr<Connection>> OpenFile::borrow_reader() {
  touch();
  {
    const std::lock_guard lock(readers_mutex_);
    if (!idle_readers_.empty()) {
      auto connection = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return connection;
    }
  }
  return connect(Use::Read);
}

void OpenFile::give_back(std::unique_ptr<Connection> connection) {
  touch();
  if (connection->is_in_transaction()) return;
  const std::lock_guard lock(readers_mutex_);
  if (idle_readers_.size() < k_idle_readers_max) idle_readers_.push_back(std::move(connection));
}

Result<void> OpenFile::truncate_log() {
  return run_checkpoint(*writer_, SQLITE_CHECKPOINT_TRUNCATE, "emptying the log");
}

Result<void> OpenFile::mend() {
  if (!is_in_doubt_) return {};
  if (writer_->is_in_transaction()) PROBITY_CHECK(writer_->control("ROLLBACK"));
  PROBITY_CHECK(truncate_log());
  // The new connection is there before the old one goes: were it the last, the next to open would
  // read the log from its file instead of from the shared index.
  PROBITY_TRY(fresh, connect(Use::Write));
  writer_ = std::move(fresh);
  watch_log();
  is_in_doubt_ = false;
  return {};
}

Result<void> OpenFile::checkpoint() {
  is_checkpoint_due_ = false;
  PROBITY_TRY(connection, borrow_reader());
  auto copied = run_checkpoint(*connection, SQLITE_CHECKPOINT_PASSIVE, "checkpoint");
  if (copied && log_pages_ >= k_restart_pages) {
    // Most of the log has just been copied without anybody waiting; the rest is short.
    copied = run_checkpoint(*connection, SQLITE_CHECKPOINT_PASSIVE, "checkpoint");
    const std::lock_guard lock(writer_mutex_);
    if (copied && owes_ && on_settle_) copied = on_settle_();
    if (copied) copied = run_checkpoint(*connection, SQLITE_CHECKPOINT_RESTART, "new log");
  }
  if (copied || copied.error().code == Code::Locked) give_back(std::move(connection));
  if (!copied && copied.error().code == Code::Locked) return {};
  return copied;
}

}  // namespace probity::store
