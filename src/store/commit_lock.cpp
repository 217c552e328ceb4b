#include "store/commit_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/core.h>

namespace probity::store {
namespace {

constexpr off_t k_owner = 0;
constexpr off_t k_recovering = 1;
constexpr off_t k_waiting = 2;

int open_lock(const std::filesystem::path& directory, int flags) {
  return ::open((directory / "commit.lock").c_str(), flags | O_CLOEXEC, 0600);
}

struct flock bytes_from(off_t first, off_t count, short type) {
  struct flock bytes{};
  bytes.l_type = type;
  bytes.l_whence = SEEK_SET;
  bytes.l_start = first;
  bytes.l_len = count;
  return bytes;
}

bool set(int fd, struct flock bytes) { return ::fcntl(fd, F_OFD_SETLK, &bytes) == 0; }

// In doubt (the file cannot be read) somebody has it.
bool is_taken(int fd, off_t byte) {
  struct flock asked = bytes_from(byte, 1, F_WRLCK);
  return ::fcntl(fd, F_OFD_GETLK, &asked) != 0 || asked.l_type != F_UNLCK;
}

bool is_taken(const std::filesystem::path& directory, off_t byte) {
  const int fd = open_lock(directory, O_RDONLY);
  if (fd < 0) return errno != ENOENT;
  const bool taken = is_taken(fd, byte);
  ::close(fd);
  return taken;
}

}  // namespace

Result<CommitLock> CommitLock::take(const std::filesystem::path& directory) {
  const int fd = open_lock(directory, O_RDWR | O_CREAT);
  if (fd < 0) return fail(Code::StorageFailed, fmt::format("commit.lock: errno {}", errno));
  CommitLock lock(fd);
  if (!set(fd, bytes_from(k_owner, 2, F_WRLCK)))
    return fail(Code::Locked, "another process has the commit log");
  return lock;
}

CommitLock::CommitLock(CommitLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

CommitLock::~CommitLock() {
  if (fd_ >= 0) ::close(fd_);
}

void CommitLock::recovered() {
  [[maybe_unused]] const bool is_set = set(fd_, bytes_from(k_recovering, 1, F_UNLCK));
}

bool CommitLock::is_awaited() const { return is_taken(fd_, k_waiting); }

bool CommitLock::is_owned(const std::filesystem::path& directory) {
  return is_taken(directory, k_owner);
}

bool CommitLock::is_recovering(const std::filesystem::path& directory) {
  return is_taken(directory, k_recovering);
}

CommitLock::Waiting::Waiting(const std::filesystem::path& directory)
    : fd_(open_lock(directory, O_RDONLY)) {
  if (fd_ < 0) return;
  [[maybe_unused]] const bool is_set = set(fd_, bytes_from(k_waiting, 1, F_RDLCK));
}

CommitLock::Waiting::~Waiting() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace probity::store
