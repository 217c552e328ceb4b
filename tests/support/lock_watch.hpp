#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

namespace probity::support {

/// Sees whether anybody, this process too, holds a lock on a file. It must outlive those who do:
/// when it closes the file, this process's own locks on it end (fcntl(2)).
class LockWatch {
 public:
  explicit LockWatch(const std::filesystem::path& file)
      : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~LockWatch() {
    if (fd_ >= 0) ::close(fd_);
  }
  LockWatch(const LockWatch&) = delete;
  LockWatch& operator=(const LockWatch&) = delete;

  [[nodiscard]] bool sees_one() const {
    struct flock asked{};
    asked.l_type = F_WRLCK;
    asked.l_whence = SEEK_SET;
    return ::fcntl(fd_, F_OFD_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
  }

 private:
  int fd_;
};

}  // namespace probity::support
