#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "crypto/cipher.hpp"
#include "crypto/keys.hpp"
#include "store/change.hpp"
#include "store/migrate.hpp"
#include "store/tx.hpp"

namespace probity::store {

/// Named limits of the store, each with its reason.
inline constexpr int k_group_max = 256;  ///< Changes a commit may hold; bounds the wait.
inline constexpr int k_queue_per_space_max =
    4096;  ///< Changes waiting per tenant; then Overloaded.
/// Open files: a cold open costs 3.5 ms and a thousand busy ones about 200 MB.
inline constexpr int k_open_tenants_max = 1024;
/// Writer threads: most of a small group's time is waiting for its own file's fsync, so more
/// threads than cores keep many tenants writing at once.
inline constexpr std::size_t k_writer_threads = 16;
inline constexpr int k_open_idle_s = 60;  ///< After which an open tenant is closed.
inline constexpr std::uint64_t k_low_water_bytes = 512ULL * 1024 * 1024;  ///< Free space to keep.

/// How long a group acknowledged by the commit log stays open before it is written to its file:
/// what a start after a crash does again, and what its file may owe.
inline constexpr Span k_open_group_max = Span::seconds(1);

/// A tenant as the store knows it.
struct TenantRecord {
  TenantId id;
  std::string slug;    ///< Lower-case, 1–63 of a–z, 0–9 and '-'; unique after folding.
  std::string region;  ///< Free label; "local" when none was given.
  std::string state;   ///< "active", "closed" or "destroyed".
  Instant created_at;
};

/// Numbers for /metrics, probes and tests.
struct EngineStats {
  std::uint64_t groups_committed = 0;
  std::uint64_t changes_committed = 0;
  std::uint64_t groups_failed = 0;
  std::uint64_t changes_refused = 0;
  std::size_t open_tenants = 0;
  std::uint64_t free_bytes = 0;
};

/// What a snapshot must show. Acknowledged: everything that was acknowledged before it was taken.
/// Committed: perhaps without Changes of the last second that lie in the commit log alone; for what
/// submissions themselves read (settings, links), which such Changes never touch, as a reader of
/// the other kind makes the writer write first.
enum class Freshness : bool { Acknowledged, Committed };

/// The store: tenants, their keys, their snapshots and their writer. One interface, two engines
/// (SQLCipher files, PostgreSQL); the same request gives the same answer on both. Threads: any.
class Engine {
 public:
  virtual ~Engine() = default;

  /// "sqlcipher" or "postgres".
  [[nodiscard]] virtual std::string_view kind() const = 0;

  // Tenants and keys.
  /// Registers a tenant with fresh wrapped keys (file key and sealing key 1) and makes its schema.
  /// Conflict when the slug is taken. `region` empty means "local".
  [[nodiscard]] virtual Result<TenantRecord> create_tenant(std::string_view slug,
                                                           std::string_view region) = 0;
  /// As create_tenant with the id it had elsewhere, so that what names it (public links) holds on.
  /// Conflict when id or slug is taken.
  [[nodiscard]] virtual Result<TenantRecord> create_tenant_as(TenantId id, std::string_view slug,
                                                              std::string_view region) = 0;
  /// Another slug; Conflict when it is taken.
  [[nodiscard]] virtual Result<void> rename_tenant(TenantId id, std::string_view slug) = 0;
  /// Takes back a tenant that never came into use (an import that failed): keys, record and file.
  /// Its rows in PostgreSQL are the caller's to delete first.
  [[nodiscard]] virtual Result<void> discard_tenant(TenantId id) = 0;
  /// By slug or id; NotFound. Sees tenants another process added within 2 s.
  [[nodiscard]] virtual Result<TenantRecord> find_tenant(std::string_view slug) = 0;
  /// NotFound. What another process changed (the name) is seen within 2 s.
  [[nodiscard]] virtual Result<TenantRecord> tenant(TenantId id) = 0;
  /// As `tenant`, read anew: with the name it bears now.
  [[nodiscard]] virtual Result<TenantRecord> stored_tenant(TenantId id) = 0;
  [[nodiscard]] virtual Result<std::vector<TenantRecord>> tenants() = 0;
  /// The sealing keys of a space (nil tenant: the system's), loaded once and kept; the same object
  /// is updated in place by rotation and destruction. KeyUnavailable when destroyed.
  [[nodiscard]] virtual Result<std::shared_ptr<const crypto::Cipher>> cipher(Space space) = 0;
  /// New sealing key for the tenant; old ones still open. Visible to every node within 2 s.
  [[nodiscard]] virtual Result<std::uint32_t> rotate_sealing_key(Space space) = 0;
  /// Wraps every stored key under the newest master key again; returns how many.
  [[nodiscard]] virtual Result<int> rewrap_keys() = 0;
  /// Crypto-erasure: deletes the tenant's wrapped keys, forgets them in memory, marks it destroyed.
  [[nodiscard]] virtual Result<void> destroy_tenant(TenantId id) = 0;

  // Reading and writing.
  /// Reads of one consistent snapshot. NotFound for an unknown tenant. `Acknowledged` waits until
  /// what was acknowledged of the tenant and lies in the commit log alone is written: for a group,
  /// at most.
  [[nodiscard]] virtual Result<std::unique_ptr<Snapshot>> snapshot(Space space, Grant grant,
                                                                   Freshness freshness) = 0;
  /// The snapshot that shows everything acknowledged.
  [[nodiscard]] Result<std::unique_ptr<Snapshot>> read(Space space, Grant grant) {
    return snapshot(space, grant, Freshness::Acknowledged);
  }
  /// Queues a Change for the tenant's writer; `done` is called once, from a thread of the store,
  /// after it is on disk (or with the error): committed, or in the commit log. Overloaded (through
  /// `done`, at once) when the queue is full.
  virtual void submit(Space space, Change change, Done done) = 0;
  /// As submit, and waits. For jobs, commands and tests; never on an I/O thread.
  [[nodiscard]] Result<void> apply(Space space, Change change);

  // Care.
  /// Applies the pending migrations of one more tenant ahead of its next use; false when none was
  /// left.
  [[nodiscard]] virtual Result<bool> migrate_next() = 0;
  /// Copies every file (or dumps every row) of a consistent moment into `directory`, still
  /// encrypted, and returns the relative names. See keep/backup.
  [[nodiscard]] virtual Result<std::vector<std::string>> snapshot_to(
      const std::filesystem::path& directory) = 0;
  /// Whether a statement can be prepared in a space: what the test of all statements asks.
  [[nodiscard]] virtual Result<void> prepares(Space space, const Query& query) = 0;
  [[nodiscard]] virtual EngineStats stats() const = 0;
  /// Takes no more Changes, finishes what is queued (at most `within`), closes files.
  virtual void stop(Span within) = 0;
};

/// What an engine is built from. All references must outlive it.
struct EngineParts {
  const Clock& clock;
  Log& log;
  const crypto::MasterKeys& master;
  Journaler* journaler = nullptr;  ///< Null only for tools that write nothing.
  /// Empty: the steps built in. Tests bring tables of their own.
  std::span<const Migration> migrations = {};
  int open_tenants_max = k_open_tenants_max;  ///< Tests try the bound with fewer.
  /// Who does logged Changes again after a crash; none: every group is committed to its file.
  std::span<Redoer* const> redoers = {};
  /// A server's; a command does again what is left in the commit log and lets go of it.
  bool keeps_commit_log = true;
  Span open_group_max = k_open_group_max;  ///< Tests let groups stay open for longer.
};

/// How the engine's files behave under test; never set outside test mode.
struct FaultPlan {
  int fail_every_kth_write = 0;  ///< 0: never. Short writes and errors alternate.
  int fail_every_kth_sync = 0;
  bool drop_unsynced_on_kill = false;  ///< Writes reach the file only at sync.
  /// Sabotage: syncs of the write-ahead log answer success and do nothing, so acknowledgements come
  /// before durability. For proving that the kill test notices.
  bool pretend_log_syncs = false;
  std::uint64_t pretend_free_bytes = 0;  ///< 0: ask the file system.
};

/// SQLCipher below `directory` (made when missing): system.db and tenants/<id>.db, each with its
/// own raw 32-byte key (SW-16). Many processes may open the same directory (init beside serve).
[[nodiscard]] Result<std::unique_ptr<Engine>> open_sqlcipher(const std::filesystem::path& directory,
                                                             EngineParts parts,
                                                             FaultPlan faults = {});

/// PostgreSQL 15. `url` is a libpq connection URL of the application role, which must own nothing
/// and be unable to bypass row-level security; Config otherwise. The URL never reaches the log: it
/// may hold a password. `as_role` (for `init`, which knows the owner's URL only) is
/// taken on with SET ROLE before anything else; a server leaves it empty.
[[nodiscard]] Result<std::unique_ptr<Engine>> open_postgres(const std::string& url,
                                                            EngineParts parts,
                                                            const std::string& as_role = {});

/// Makes or upgrades the PostgreSQL schema with an owner's URL and grants the application role
/// (created with LOGIN when missing and permitted; "probity_app" when `app_role` is empty). Does
/// nothing with the application role's own URL when nothing is left to do. Returns the role to give
/// to open_postgres as `as_role` when the same URL is used further: empty in that case. Config
/// names the remedy. `migrations` empty: the steps built in.
[[nodiscard]] Result<std::string> prepare_postgres(const std::string& owner_url,
                                                   const std::string& app_role, Log& log,
                                                   std::span<const Migration> migrations = {});

/// The exclusive lock a server holds on its data directory. Locked names the first one's pid.
class DirectoryLock {
 public:
  [[nodiscard]] static Result<DirectoryLock> take(const std::filesystem::path& directory);
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace probity::store
