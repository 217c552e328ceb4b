#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

struct sqlite3_file;

namespace probity::store {

/// A file beside SQLite's own, through the same virtual file system, so that the faults of tests
/// reach it too. One thread at a time.
class VfsFile {
 public:
  /// Opens the file, made with mode 0600 when missing. `vfs` null: the default one.
  [[nodiscard]] static Result<std::unique_ptr<VfsFile>> open(const std::filesystem::path& path,
                                                             const char* vfs);
  /// Opens a file that is there, to read it as it lies on disk beside whoever else in this process
  /// has it open. POSIX ends all locks a process holds on a file when the process closes any
  /// descriptor of it (fcntl(2)), and a database without its locks is damaged by the next process
  /// that opens it; SQLite's file system closes a descriptor only when no connection holds a lock.
  /// NotFound when there is none; Internal for a `-shm` file, whose locks it does not keep so.
  [[nodiscard]] static Result<std::unique_ptr<VfsFile>> open_to_read(
      const std::filesystem::path& path);
  ~VfsFile();
  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;

  /// Its first `count` bytes; fewer when it is shorter.
  [[nodiscard]] Result<Bytes> read_first(std::int64_t count);
  /// Fills `into` (less than 128 KiB) from there on; how many bytes there were before the end.
  [[nodiscard]] Result<std::size_t> read_at(std::int64_t at, std::span<char> into);
  /// StorageFull or StorageFailed; part of it may then be written.
  [[nodiscard]] Result<void> write(std::int64_t at, BytesView content);
  /// What was written before is durable when it returns.
  [[nodiscard]] Result<void> sync();

 private:
  VfsFile(std::string name, int handle_bytes);
  [[nodiscard]] sqlite3_file* handle() { return reinterpret_cast<sqlite3_file*>(storage_.data()); }

  std::string name_;  // SQLite keeps its address.
  std::vector<std::max_align_t> storage_;
};

}  // namespace probity::store
