#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"
#include "store/durable_file.hpp"
#include "store/engine.hpp"

namespace probity::store {
namespace {

Error locked_by(const std::filesystem::path& file) {
  std::string pid = "unknown";
  if (const auto content = read_small_file(file)) {
    if (const auto number = parse_int(trim(as_text(*content)))) pid = std::to_string(*number);
  }
  Error error{Code::Locked, {}, {}, {}, 0};
  error.detail = fmt::format("the data directory is in use by process {}", pid);
  error.hint = error.detail;
  return error;
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory) {
  PROBITY_CHECK(make_private_directory(directory));
  const auto file = directory / "serve.lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return fail(Code::StorageFailed, fmt::format("cannot open {}: errno {}", file.string(), errno));
  }
  DirectoryLock lock(fd);
  // The lock goes with the process, however it ends; the file and its number stay behind.
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return std::unexpected(locked_by(file));
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return fail(Code::StorageFailed,
                fmt::format("cannot write {}: errno {}", file.string(), errno));
  }
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace probity::store
