#include <fcntl.h>
#include <sqlcipher/sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "sql/store.hpp"
#include "store/durable_file.hpp"
#include "store/sqlcipher.hpp"

namespace probity::store {
namespace {

constexpr std::string_view k_system_key_file = "system.key";
constexpr std::string_view k_system_file = "system.db";
constexpr std::uint32_t k_file_key_number = 1;
// Copied at a time; the snapshot stays the same between the steps.
constexpr int k_copy_step_pages = 1'024;
constexpr int k_copy_attempts_max = 5;

// Held while the system's file is made, so that two first starts do not make two.
class FirstStart {
 public:
  explicit FirstStart(const std::filesystem::path& directory)
      : fd_(::open((directory / "first.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    is_held_ = fd_ >= 0 && ::flock(fd_, LOCK_EX) == 0;
  }
  [[nodiscard]] bool is_held() const { return is_held_; }
  ~FirstStart() {
    if (fd_ >= 0) ::close(fd_);
  }
  FirstStart(const FirstStart&) = delete;
  FirstStart& operator=(const FirstStart&) = delete;

 private:
  int fd_;
  bool is_held_ = false;
};

void remove_with_logs(const std::filesystem::path& file) {
  std::error_code ignored;
  for (const char* ending : {"", "-wal", "-shm"}) {
    auto path = file;
    path += ending;
    std::filesystem::remove(path, ignored);
  }
}

bool has_files(const std::filesystem::path& directory) {
  std::error_code ignored;
  return !std::filesystem::is_empty(directory, ignored) && !ignored;
}

}  // namespace

Result<crypto::Key> SqlcipherEngine::system_file_key() {
  const auto file = directory_ / k_system_key_file;
  const Bytes bound = key_binding(KeyKind::File, TenantId(), k_file_key_number);
  auto stored = read_small_file(file);
  if (stored) return parts_.master.unwrap(*stored, bound);
  if (stored.error().code != Code::NotFound) return std::unexpected(std::move(stored).error());
  std::error_code ignored;
  if (std::filesystem::exists(directory_ / k_system_file, ignored)) {
    return fail(Code::KeyUnavailable, "system.key is missing; restore it from a backup");
  }
  crypto::Key key = crypto::Key::random();
  PROBITY_CHECK(write_durably(file, parts_.master.wrap(key, bound)));
  return key;
}

Result<void> SqlcipherEngine::open_system() {
  const FirstStart only_one(directory_);
  if (!only_one.is_held()) return fail(Code::StorageFailed, "first.lock cannot be taken");
  PROBITY_TRY(key, system_file_key());
  FileSource source{directory_ / k_system_file, std::move(key), vfs_ ? vfs_->name() : nullptr};
  std::error_code ignored;
  if (!std::filesystem::exists(source.path, ignored)) {
    if (has_files(directory_ / "tenants")) {
      return fail(Code::IntegrityError,
                  "system.db is missing but there are tenants; restore it from a backup");
    }
    PROBITY_CHECK(create_file(source, schema_of(StepsOf::System)));
  }
  PROBITY_TRY(file, OpenFile::open(std::move(source), schema_of(StepsOf::System)));
  system_ = file;
  file->on_log_growth([this](int) {
    if (system_->claim_checkpoint()) want_checkpoint(system_);
  });
  return {};
}

std::shared_ptr<SqlcipherEngine::Slot> SqlcipherEngine::slot_of(const TenantId& id) {
  const std::lock_guard lock(slots_mutex_);
  auto& entry = slots_[id];
  if (!entry) entry = std::make_shared<Slot>();
  return entry;
}

Result<std::shared_ptr<OpenFile>> SqlcipherEngine::acquire(const Space& space) {
  if (space.is_system()) return system_;
  const TenantId& id = space.tenant();
  PROBITY_CHECK(require_readable(id));
  std::shared_ptr<OpenFile> file;
  while (!file) {
    const auto slot = slot_of(id);
    // Order of the two locks: the slot's, then that of the slots.
    const std::lock_guard opening(slot->opening);
    // It may have been swept away while this waited for it, and another one made.
    if (slot != slot_of(id)) continue;
    if (slot->file) {
      slot->file->touch();
      return slot->file;
    }
    PROBITY_TRY(opened, open_tenant(id));
    file = opened;
    slot->file = file;
    ++open_tenants_;
    const std::lock_guard lock(slots_mutex_);
    migrated_[id] = true;
  }
  const auto open_max = static_cast<std::size_t>(parts_.open_tenants_max);
  if (open_tenants_ > open_max) close_unused(Span::days(1), open_max);
  return file;
}

Result<std::shared_ptr<OpenFile>> SqlcipherEngine::open_tenant(const TenantId& id) {
  auto keys = load_keys(id, KeyKind::File);
  if (!keys) {
    Error error = std::move(keys).error();
    if (error.code == Code::NotFound) error.code = Code::KeyUnavailable;
    return std::unexpected(std::move(error));
  }
  FileSource source{tenant_path(id), std::move(keys->back().second), vfs_ ? vfs_->name() : nullptr};
  PROBITY_TRY(file, OpenFile::open(std::move(source), schema_of(StepsOf::Tenant)));
  const std::weak_ptr<OpenFile> weak = file;
  file->on_log_growth([this, weak](int) {
    if (const auto grown = weak.lock(); grown && grown->claim_checkpoint()) want_checkpoint(grown);
  });
  file->on_settle([this, raw = file.get()] { return file_writer_.write_owed_held(*raw); });
  file_writer_.attach(id, file);
  return file;
}

void SqlcipherEngine::close_unused(Span idle, std::size_t keep) {
  std::vector<std::shared_ptr<OpenFile>> closing;  // Closed after the lock is released.
  const std::lock_guard lock(slots_mutex_);
  std::vector<std::pair<Span, TenantId>> by_use;
  const Span now = monotonic_now();
  for (auto& [id, slot] : slots_) {
    const std::unique_lock opening(slot->opening, std::try_to_lock);
    if (opening && slot->file) by_use.emplace_back(slot->file->used_at(), id);
  }
  std::ranges::sort(by_use);
  std::size_t open = by_use.size();
  for (const auto& [used_at, id] : by_use) {
    if (now - used_at < idle && open <= keep) break;
    const auto slot = slots_.at(id);
    const std::unique_lock opening(slot->opening, std::try_to_lock);
    // A file in use has another holder; nobody becomes one while the slot is held.
    if (!opening || !slot->file || slot->file.use_count() > 1 || slot->file->owes()) continue;
    closing.push_back(std::move(slot->file));
    slots_.erase(id);
    --open_tenants_;
    --open;
  }
}

Result<std::vector<NewKey>> SqlcipherEngine::make_space(const TenantId& id) {
  FileSource source{tenant_path(id), crypto::Key::random(), vfs_ ? vfs_->name() : nullptr};
  PROBITY_CHECK(create_file(source, schema_of(StepsOf::Tenant)));
  std::vector<NewKey> keys;
  keys.push_back(
      {KeyKind::File, k_file_key_number, wrap(KeyKind::File, id, k_file_key_number, source.key)});
  return keys;
}

void SqlcipherEngine::discard_space(const TenantId& id) {
  file_writer_.forget(id);
  remove_with_logs(tenant_path(id));
}

void SqlcipherEngine::forget_space(const TenantId& id) {
  file_writer_.forget(id);
  {
    const auto slot = slot_of(id);
    const std::lock_guard opening(slot->opening);
    if (slot->file) --open_tenants_;
    slot->file.reset();
    const std::lock_guard lock(slots_mutex_);
    slots_.erase(id);
  }
  remove_with_logs(tenant_path(id));
  // The deleted keys' pages leave the log too; secure_delete has zeroed them in the file.
  const std::lock_guard writing(system_->writer_mutex());
  if (auto emptied = system_->truncate_log(); !emptied) {
    parts_.log.warn("system_log_not_emptied", {{"detail", emptied.error().detail}});
  }
}

Result<int> SqlcipherEngine::rewrap_outside() {
  const auto file = directory_ / k_system_key_file;
  PROBITY_TRY(stored, read_small_file(file));
  if (crypto::MasterKeys::number_of(stored) == parts_.master.newest()) return 0;
  const Bytes bound = key_binding(KeyKind::File, TenantId(), k_file_key_number);
  PROBITY_TRY(key, parts_.master.unwrap(stored, bound));
  PROBITY_CHECK(write_durably(file, parts_.master.wrap(key, bound)));
  return 1;
}

Result<void> SqlcipherEngine::copy_space(const Space& space, const std::filesystem::path& target) {
  PROBITY_TRY(file, acquire(space));
  PROBITY_CHECK(file_writer_.write_owed(*file, space));
  PROBITY_TRY(reader, file->borrow_reader());
  remove_with_logs(target);
  const int fd = ::open(target.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Code::StorageFailed, "cannot make the copy");
  ::close(fd);
  {
    PROBITY_TRY(copy, Connection::open({target, file->source().key, nullptr}, Use::Write));
    PROBITY_CHECK(reader->control("BEGIN"));
    sqlite3_backup* backup = sqlite3_backup_init(copy->handle(), "main", reader->handle(), "main");
    if (backup == nullptr) return fail(Code::StorageFailed, "cannot begin the copy");
    int code = SQLITE_OK;
    while (code == SQLITE_OK)
      code = sqlite3_backup_step(backup, k_copy_step_pages);
    const int finished = sqlite3_backup_finish(backup);
    PROBITY_CHECK(reader->control("ROLLBACK"));
    if (code != SQLITE_DONE || finished != SQLITE_OK) {
      return fail(code == SQLITE_FULL ? Code::StorageFull : Code::StorageFailed,
                  fmt::format("copying failed: sqlite {}", code));
    }
  }
  file->give_back(std::move(reader));
  return {};
}

Result<std::vector<std::string>> SqlcipherEngine::snapshot_to(
    const std::filesystem::path& directory) {
  PROBITY_CHECK(make_private_directory(directory));
  PROBITY_CHECK(make_private_directory(directory / "tenants"));
  std::vector<std::string> names{std::string(k_system_key_file), std::string(k_system_file)};
  // Tenants first, the system's keys after them: a key the copied rows were sealed with is then in
  // the copy. A tenant made in between stands in the system's copy without its file, so the whole
  // is done again until no tenant and no key has changed meanwhile.
  for (int attempt = 0;; ++attempt) {
    PROBITY_TRY(before, key_generation());
    PROBITY_TRY(list, tenants());
    names.resize(2);
    bool is_whole = true;
    for (const TenantRecord& record : list) {
      if (record.state == "destroyed") continue;
      const std::string name = "tenants/" + record.id.text() + ".db";
      const auto copied = copy_space(Space::of(record.id), directory / name);
      // Destroyed or moved away meanwhile: all is done again.
      const bool is_gone = !copied && (copied.error().code == Code::KeyUnavailable ||
                                       copied.error().code == Code::NotFound);
      if (is_gone && attempt < k_copy_attempts_max) {
        remove_with_logs(directory / name);
        is_whole = false;
        continue;
      }
      PROBITY_CHECK(copied);
      names.push_back(name);
    }
    PROBITY_CHECK(copy_space(Space::system(), directory / k_system_file));
    PROBITY_TRY(after, key_generation());
    if (before == after && is_whole) break;
    if (attempt >= k_copy_attempts_max) {
      return fail(Code::Conflict, "tenants or keys kept changing during the copy; try again");
    }
  }
  PROBITY_TRY(key, read_small_file(directory_ / k_system_key_file));
  PROBITY_CHECK(write_durably(directory / k_system_key_file, key));
  PROBITY_CHECK(sync_directory(directory / "tenants"));
  return names;
}

}  // namespace probity::store
