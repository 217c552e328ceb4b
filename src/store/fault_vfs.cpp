#include "store/fault_vfs.hpp"

#include <sqlcipher/sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/core.h>

namespace probity::store {
namespace {

constexpr std::int64_t k_block = 4'096;

// What the process has written to one file but the disk does not hold: blocks as a kernel's page
// cache would have them. `is_dirty` is false after a sync that failed: still read, never written
// again unless touched anew, which is what Linux does.
struct Block {
  std::array<std::uint8_t, k_block> bytes{};
  bool is_dirty = false;
};

struct CachedFile {
  std::mutex mutex;
  std::map<std::int64_t, Block> blocks;
  std::int64_t size = -1;  // -1: as the real file.
};

// State behind one registered file system.
struct Disk {
  FaultPlan plan;
  sqlite3_vfs* real = nullptr;
  std::atomic<std::uint64_t> writes{0};
  std::atomic<std::uint64_t> syncs{0};
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<CachedFile>> files;

  std::shared_ptr<CachedFile> cached(const std::string& path) {
    const std::lock_guard lock(mutex);
    auto& file = files[path];
    if (!file) file = std::make_shared<CachedFile>();
    return file;
  }
};

// What SQLite allocates for a file: this, then the real file's own structure.
struct FaultFile {
  sqlite3_file base;
  Disk* disk;
  sqlite3_file* real;
  std::shared_ptr<CachedFile>* cache;  // Owned; a plain struct cannot hold a smart pointer.
  bool is_log;
};

FaultFile& of(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }

bool is_nth(std::atomic<std::uint64_t>& count, int every) {
  return every > 0 && (count.fetch_add(1) + 1) % static_cast<std::uint64_t>(every) == 0;
}

int real_size(FaultFile& file, std::int64_t& size) {
  sqlite3_int64 found = 0;
  const int code = file.real->pMethods->xFileSize(file.real, &found);
  size = found;
  return code;
}

// Caller holds the cache's mutex.
int ensure_size(FaultFile& file, CachedFile& cache) {
  return cache.size >= 0 ? SQLITE_OK : real_size(file, cache.size);
}

int read_block(FaultFile& file, std::int64_t index, Block& block) {
  const int code =
      file.real->pMethods->xRead(file.real, block.bytes.data(), k_block, index * k_block);
  return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

int cached_write(FaultFile& file, const std::uint8_t* data, std::int64_t size, std::int64_t at) {
  CachedFile& cache = **file.cache;
  const std::lock_guard lock(cache.mutex);
  if (const int code = ensure_size(file, cache); code != SQLITE_OK) return code;
  for (std::int64_t done = 0; done < size;) {
    const std::int64_t index = (at + done) / k_block;
    const std::int64_t within = (at + done) % k_block;
    const std::int64_t part = std::min(size - done, k_block - within);
    auto [entry, is_new] = cache.blocks.try_emplace(index);
    if (is_new) {
      if (const int code = read_block(file, index, entry->second); code != SQLITE_OK) return code;
    }
    std::memcpy(entry->second.bytes.data() + within, data + done, static_cast<std::size_t>(part));
    entry->second.is_dirty = true;
    done += part;
  }
  cache.size = std::max(cache.size, at + size);
  return SQLITE_OK;
}

int cached_read(FaultFile& file, std::uint8_t* data, std::int64_t size, std::int64_t at) {
  CachedFile& cache = **file.cache;
  const std::lock_guard lock(cache.mutex);
  if (const int code = ensure_size(file, cache); code != SQLITE_OK) return code;
  std::memset(data, 0, static_cast<std::size_t>(size));
  const std::int64_t there = std::clamp<std::int64_t>(cache.size - at, 0, size);
  for (std::int64_t done = 0; done < there;) {
    const std::int64_t index = (at + done) / k_block;
    const std::int64_t within = (at + done) % k_block;
    const std::int64_t part = std::min(there - done, k_block - within);
    Block fresh;
    const auto found = cache.blocks.find(index);
    if (found == cache.blocks.end()) {
      if (const int code = read_block(file, index, fresh); code != SQLITE_OK) return code;
    }
    const Block& block = found == cache.blocks.end() ? fresh : found->second;
    std::memcpy(data + done, block.bytes.data() + within, static_cast<std::size_t>(part));
    done += part;
  }
  return there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

// A sync that fails leaves the blocks readable and clean; one that succeeds writes the dirty ones.
int cached_sync(FaultFile& file, int flags, bool fails) {
  CachedFile& cache = **file.cache;
  const std::lock_guard lock(cache.mutex);
  for (auto& [index, block] : cache.blocks) {
    if (!block.is_dirty) continue;
    block.is_dirty = false;
    if (fails) continue;
    const std::int64_t at = index * k_block;
    const std::int64_t size = std::min(k_block, cache.size - at);
    if (size <= 0) continue;
    const int code =
        file.real->pMethods->xWrite(file.real, block.bytes.data(), static_cast<int>(size), at);
    if (code != SQLITE_OK) return code;
  }
  return fails ? SQLITE_IOERR_FSYNC : file.real->pMethods->xSync(file.real, flags);
}

int close_file(sqlite3_file* base) {
  FaultFile& file = of(base);
  // The cache belongs to the path and outlives every handle, as a kernel's does.
  std::unique_ptr<std::shared_ptr<CachedFile>> owned(file.cache);
  file.cache = nullptr;
  return file.real->pMethods == nullptr ? SQLITE_OK : file.real->pMethods->xClose(file.real);
}

int read_file(sqlite3_file* base, void* data, int size, sqlite3_int64 at) {
  FaultFile& file = of(base);
  if (file.cache != nullptr) return cached_read(file, static_cast<std::uint8_t*>(data), size, at);
  return file.real->pMethods->xRead(file.real, data, size, at);
}

int write_through(FaultFile& file, const void* data, int size, std::int64_t at) {
  if (file.cache != nullptr) {
    return cached_write(file, static_cast<const std::uint8_t*>(data), size, at);
  }
  return file.real->pMethods->xWrite(file.real, data, size, at);
}

int write_file(sqlite3_file* base, const void* data, int size, sqlite3_int64 at) {
  FaultFile& file = of(base);
  const int every = file.disk->plan.fail_every_kth_write;
  if (!is_nth(file.disk->writes, every)) return write_through(file, data, size, at);
  // Turn about: half of it and then a full disk, or nothing at all and an error.
  if (file.disk->writes / static_cast<std::uint64_t>(every) % 2 == 0) return SQLITE_IOERR_WRITE;
  const int written = write_through(file, data, size / 2, at);
  return written == SQLITE_OK ? SQLITE_FULL : written;
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
  FaultFile& file = of(base);
  if (file.cache != nullptr) {
    CachedFile& cache = **file.cache;
    const std::lock_guard lock(cache.mutex);
    cache.size = size;
    cache.blocks.erase(cache.blocks.lower_bound((size + k_block - 1) / k_block),
                       cache.blocks.end());
    if (const auto last = cache.blocks.find(size / k_block); last != cache.blocks.end()) {
      const auto keep = static_cast<std::size_t>(size % k_block);
      std::fill(last->second.bytes.begin() + static_cast<std::ptrdiff_t>(keep),
                last->second.bytes.end(), std::uint8_t{0});
    }
    std::int64_t there = 0;
    const int code = real_size(file, there);
    if (code != SQLITE_OK || there <= size) return code;
  }
  return file.real->pMethods->xTruncate(file.real, size);
}

int sync_file(sqlite3_file* base, int flags) {
  FaultFile& file = of(base);
  const FaultPlan& plan = file.disk->plan;
  if (plan.pretend_log_syncs && file.is_log) return SQLITE_OK;
  const bool fails = is_nth(file.disk->syncs, plan.fail_every_kth_sync);
  if (file.cache != nullptr) return cached_sync(file, flags, fails);
  return fails ? SQLITE_IOERR_FSYNC : file.real->pMethods->xSync(file.real, flags);
}

int size_of_file(sqlite3_file* base, sqlite3_int64* size) {
  FaultFile& file = of(base);
  if (file.cache == nullptr) return file.real->pMethods->xFileSize(file.real, size);
  CachedFile& cache = **file.cache;
  const std::lock_guard lock(cache.mutex);
  const int code = ensure_size(file, cache);
  *size = cache.size;
  return code;
}

// The rest is the real file's: locks and the shared index live in the kernel either way.
int lock_file(sqlite3_file* f, int level) { return of(f).real->pMethods->xLock(of(f).real, level); }
int unlock_file(sqlite3_file* f, int level) {
  return of(f).real->pMethods->xUnlock(of(f).real, level);
}
int check_lock(sqlite3_file* f, int* out) {
  return of(f).real->pMethods->xCheckReservedLock(of(f).real, out);
}
int control_file(sqlite3_file* f, int what, void* argument) {
  // Growing the file ahead and mapping it would go past the cache.
  if (of(f).cache != nullptr &&
      (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE)) {
    return SQLITE_OK;
  }
  return of(f).real->pMethods->xFileControl(of(f).real, what, argument);
}
int sector_size(sqlite3_file* f) { return of(f).real->pMethods->xSectorSize(of(f).real); }
int characteristics(sqlite3_file* f) {
  return of(f).real->pMethods->xDeviceCharacteristics(of(f).real);
}
int map_shared(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return of(f).real->pMethods->xShmMap(of(f).real, page, size, extend, out);
}
int lock_shared(sqlite3_file* f, int offset, int n, int flags) {
  return of(f).real->pMethods->xShmLock(of(f).real, offset, n, flags);
}
void barrier_shared(sqlite3_file* f) { of(f).real->pMethods->xShmBarrier(of(f).real); }
int unmap_shared(sqlite3_file* f, int remove) {
  return of(f).real->pMethods->xShmUnmap(of(f).real, remove);
}

const sqlite3_io_methods k_methods = {2,
                                      close_file,
                                      read_file,
                                      write_file,
                                      truncate_file,
                                      sync_file,
                                      size_of_file,
                                      lock_file,
                                      unlock_file,
                                      check_lock,
                                      control_file,
                                      sector_size,
                                      characteristics,
                                      map_shared,
                                      lock_shared,
                                      barrier_shared,
                                      unmap_shared,
                                      nullptr,
                                      nullptr};

Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* base, int flags, int* out) {
  Disk& disk = disk_of(vfs);
  FaultFile& file = of(base);
  file.base.pMethods = nullptr;
  file.disk = &disk;
  file.real =
      reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::uint8_t*>(base) + sizeof(FaultFile));
  file.cache = nullptr;
  file.is_log = (flags & SQLITE_OPEN_WAL) != 0;
  const int code = disk.real->xOpen(disk.real, name, file.real, flags, out);
  if (code != SQLITE_OK) return code;
  if (disk.plan.drop_unsynced_on_kill && name != nullptr) {
    file.cache = std::make_unique<std::shared_ptr<CachedFile>>(disk.cached(name)).release();
  }
  file.base.pMethods = &k_methods;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  Disk& disk = disk_of(vfs);
  {
    const std::lock_guard lock(disk.mutex);
    disk.files.erase(name);
  }
  return disk.real->xDelete(disk.real, name, sync_directory);
}

int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  return disk_of(vfs).real->xAccess(disk_of(vfs).real, name, flags, out);
}

int full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return disk_of(vfs).real->xFullPathname(disk_of(vfs).real, name, size, out);
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
  return disk_of(vfs).real->xRandomness(disk_of(vfs).real, size, out);
}

int sleep_us(sqlite3_vfs* vfs, int us) { return disk_of(vfs).real->xSleep(disk_of(vfs).real, us); }

int current_time(sqlite3_vfs* vfs, double* out) {
  return disk_of(vfs).real->xCurrentTime(disk_of(vfs).real, out);
}

int last_error(sqlite3_vfs* vfs, int size, char* out) {
  return disk_of(vfs).real->xGetLastError(disk_of(vfs).real, size, out);
}

class Registered final : public FaultVfs {
 public:
  explicit Registered(const FaultPlan& plan) {
    static std::atomic<int> count{0};
    name_ = fmt::format("probity-fault-{}", ++count);
    disk_.plan = plan;
    disk_.real = sqlite3_vfs_find(nullptr);
    vfs_.iVersion = 1;
    vfs_.szOsFile = static_cast<int>(sizeof(FaultFile)) + disk_.real->szOsFile;
    vfs_.mxPathname = disk_.real->mxPathname;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = &disk_;
    vfs_.xOpen = open_file;
    vfs_.xDelete = remove_file;
    vfs_.xAccess = access_file;
    vfs_.xFullPathname = full_path;
    vfs_.xRandomness = randomness;
    vfs_.xSleep = sleep_us;
    vfs_.xCurrentTime = current_time;
    vfs_.xGetLastError = last_error;
  }
  ~Registered() override { sqlite3_vfs_unregister(&vfs_); }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
  [[nodiscard]] int enroll() { return sqlite3_vfs_register(&vfs_, 0); }
  [[nodiscard]] const char* name() const override { return name_.c_str(); }

 private:
  std::string name_;
  Disk disk_;
  sqlite3_vfs vfs_{};
};

}  // namespace

Result<std::unique_ptr<FaultVfs>> FaultVfs::install(const FaultPlan& plan) {
  if (sqlite3_initialize() != SQLITE_OK) return fail(Code::Internal, "SQLite does not start");
  auto vfs = std::make_unique<Registered>(plan);
  if (vfs->enroll() != SQLITE_OK) return fail(Code::Internal, "cannot register a file system");
  return vfs;
}

}  // namespace probity::store
