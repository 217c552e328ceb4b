#include "store/vfs_file.hpp"

#include <fcntl.h>
#include <sqlcipher/sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include <fmt/core.h>

#include "store/durable_file.hpp"

namespace probity::store {
namespace {

/// SQLite's file systems are made for pages: one call moves less than 128 KiB.
constexpr std::size_t k_piece_bytes = 64UL * 1024;

std::unexpected<Error> failed(std::string_view what, int code) {
  return fail(code == SQLITE_FULL ? Code::StorageFull : Code::StorageFailed,
              fmt::format("{}: sqlite {}", what, code));
}

/// SQLite would choose the mode by itself, and would not make the directory's entry durable.
Result<void> make_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return {};
  if (fd < 0) return fail(Code::StorageFailed, fmt::format("cannot make a file: errno {}", errno));
  ::close(fd);
  return sync_directory(path.parent_path());
}

}  // namespace

VfsFile::VfsFile(std::string name, int handle_bytes)
    : name_(std::move(name)),
      storage_(static_cast<std::size_t>(handle_bytes) / sizeof(std::max_align_t) + 1) {
  // A file name of SQLite's ends with the (here empty) list of its parameters.
  name_.append(4, '\0');
}

Result<std::unique_ptr<VfsFile>> VfsFile::open(const std::filesystem::path& path, const char* vfs) {
  PROBITY_CHECK(make_file(path));
  sqlite3_vfs* system = sqlite3_vfs_find(vfs);
  if (system == nullptr) return fail(Code::Internal, "no such file system");
  std::unique_ptr<VfsFile> file(
      new VfsFile(std::filesystem::absolute(path).string(), system->szOsFile));
  // As a write-ahead log, which is what faults of log syncs are aimed at.
  const int code = system->xOpen(system, file->name_.c_str(), file->handle(),
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, nullptr);
  if (code != SQLITE_OK) return failed("opening a file", code);
  return file;
}

Result<std::unique_ptr<VfsFile>> VfsFile::open_to_read(const std::filesystem::path& path) {
  if (path.filename().string().ends_with("-shm"))
    return fail(Code::Internal, "reading it would end the locks on it");
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return fail(Code::NotFound);
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  if (system == nullptr) return fail(Code::Internal, "no file system");
  std::unique_ptr<VfsFile> file(
      new VfsFile(std::filesystem::absolute(path).string(), system->szOsFile));
  // As a database, the only kind whose descriptors wait for the locks of others.
  const int code = system->xOpen(system, file->name_.c_str(), file->handle(),
                                 SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, nullptr);
  if (code == SQLITE_OK) return file;
  if (!std::filesystem::exists(path, error) && !error) return fail(Code::NotFound);
  return failed("opening a file", code);
}

VfsFile::~VfsFile() {
  if (handle()->pMethods != nullptr) handle()->pMethods->xClose(handle());
}

Result<Bytes> VfsFile::read_first(std::int64_t count) {
  sqlite3_int64 size = 0;
  if (const int code = handle()->pMethods->xFileSize(handle(), &size); code != SQLITE_OK)
    return failed("size of a file", code);
  Bytes content(static_cast<std::size_t>(std::min<std::int64_t>(size, count)));
  for (std::size_t done = 0; done < content.size();) {
    const std::size_t piece = std::min(content.size() - done, k_piece_bytes);
    const int code = handle()->pMethods->xRead(
        handle(), content.data() + done, static_cast<int>(piece), static_cast<sqlite3_int64>(done));
    if (code != SQLITE_OK) return failed("reading a file", code);
    done += piece;
  }
  return content;
}

Result<std::size_t> VfsFile::read_at(std::int64_t at, std::span<char> into) {
  sqlite3_int64 size = 0;
  if (const int code = handle()->pMethods->xFileSize(handle(), &size); code != SQLITE_OK)
    return failed("size of a file", code);
  const auto left = static_cast<std::size_t>(std::max<std::int64_t>(size - at, 0));
  const std::size_t count = std::min(left, into.size());
  if (count == 0) return count;
  const int code = handle()->pMethods->xRead(handle(), into.data(), static_cast<int>(count), at);
  // It may have become shorter meanwhile; SQLite fills up with zeros.
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return failed("reading a file", code);
  return count;
}

Result<void> VfsFile::write(std::int64_t at, BytesView content) {
  while (!content.empty()) {
    const BytesView piece = content.first(std::min(content.size(), k_piece_bytes));
    const int code =
        handle()->pMethods->xWrite(handle(), piece.data(), static_cast<int>(piece.size()), at);
    if (code != SQLITE_OK) return failed("writing a file", code);
    content = content.subspan(piece.size());
    at += static_cast<std::int64_t>(piece.size());
  }
  return {};
}

Result<void> VfsFile::sync() {
  // Only what is needed to read the content back: times of a file may be lost.
  const int code = handle()->pMethods->xSync(handle(), SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  if (code != SQLITE_OK) return failed("syncing a file", code);
  return {};
}

}  // namespace probity::store
