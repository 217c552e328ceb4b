#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
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
  ~VfsFile();
  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;

  /// Its first `count` bytes; fewer when it is shorter.
  [[nodiscard]] Result<Bytes> read_first(std::int64_t count);
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
