#include "crypto/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "crypto/random.hpp"

namespace probity::crypto {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  bool close() {
    const bool is_closed = fd_ < 0 || ::close(fd_) == 0;
    fd_ = -1;
    return is_closed;
  }

 private:
  int fd_;
};

std::string reason(int error) { return std::generic_category().message(error); }

std::unexpected<Error> cannot_write(const fs::path& file, int error) {
  const Code code = error == ENOSPC || error == EDQUOT ? Code::StorageFull : Code::StorageFailed;
  return fail(code, "cannot write " + file.string() + ": " + reason(error));
}

Result<std::size_t> check_status(int fd, const fs::path& file, Privacy privacy, Code code) {
  struct stat status{};
  if (::fstat(fd, &status) != 0)
    return fail(code, "cannot examine " + file.string() + ": " + reason(errno));
  if (!S_ISREG(status.st_mode)) return fail(code, file.string() + " is not a regular file");
  if (privacy == Privacy::OwnerOnly) {
    if ((status.st_mode & 077) != 0)
      return fail(code, file.string() + " is open to more than its owner; chmod 600 it");
    const uid_t user = ::geteuid();
    if (status.st_uid != user && user != 0)
      return fail(code, file.string() + " belongs to another user than the one running this");
  }
  return static_cast<std::size_t>(status.st_size);
}

bool write_all(int fd, BytesView content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

/// 0 or the error.
int fill_new_file(const fs::path& path, BytesView content, mode_t mode) {
  Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd.is_open()) return errno;
  // The mode asked for, whatever the umask says.
  if (::fchmod(fd.get(), mode) != 0) return errno;
  if (!write_all(fd.get(), content)) return errno;
  if (::fsync(fd.get()) != 0) return errno;
  return fd.close() ? 0 : errno;
}

int put_in_place(const fs::path& from, const fs::path& to, Existing existing) {
  if (existing == Existing::Replace) return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
  // A link refuses an existing name in one step; a look before a rename would not.
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

int sync_folder(const fs::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return errno;
  return ::fsync(fd.get()) == 0 ? 0 : errno;
}

}  // namespace

Result<SecretBytes> read_whole_file(const fs::path& file, std::size_t bytes_max, Privacy privacy,
                                    Code code) {
  // Not blocking: a named pipe in its place must not hang the start.
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open()) return fail(code, "cannot open " + file.string() + ": " + reason(errno));
  PROBITY_TRY(size, check_status(fd.get(), file, privacy, code));
  if (size > bytes_max)
    return fail(code, file.string() + " is larger than " + std::to_string(bytes_max) + " bytes");
  Bytes content(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t n = ::read(fd.get(), content.data() + filled, size - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    filled += static_cast<std::size_t>(n);
  }
  SecretBytes whole(std::move(content));
  if (filled != size) return fail(code, "cannot read all of " + file.string());
  return whole;
}

Result<void> write_whole_file(const fs::path& file, BytesView content, mode_t mode,
                              Existing existing) {
  std::error_code ignored;
  // A symbolic link stays one: what it leads to is replaced.
  const fs::path resolved = fs::weakly_canonical(file, ignored);
  const fs::path target = ignored || resolved.empty() ? file : resolved;
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  fs::path fresh = target;
  fresh += ".new-" + to_hex(random_bytes(8));
  int error = fill_new_file(fresh, content, mode);
  if (error == 0) error = put_in_place(fresh, target, existing);
  if (error != 0) {
    ::unlink(fresh.c_str());
    if (error == EEXIST) return fail(Code::Conflict, file.string() + " exists already");
    return cannot_write(file, error);
  }
  if (const int failed = sync_folder(folder); failed != 0) return cannot_write(file, failed);
  return {};
}

}  // namespace probity::crypto
