#include "store/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/core.h>

namespace probity::store {
namespace {

constexpr std::size_t k_small_file_max = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> failed(std::string_view what, const std::filesystem::path& path) {
  const Code code = errno == ENOSPC ? Code::StorageFull : Code::StorageFailed;
  return fail(code, fmt::format("{} {}: errno {}", what, path.filename().string(), errno));
}

Result<void> write_all(int fd, BytesView content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("write", path);
    content = content.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return failed("sync", path);
  return {};
}

}  // namespace

Result<void> sync_directory(const std::filesystem::path& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return failed("sync directory", directory);
  return {};
}

Result<void> write_durably(const std::filesystem::path& path, BytesView content) {
  auto beside = path;
  beside += fmt::format(".{}", ::getpid());
  {
    const Descriptor fd(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd.get() < 0) return failed("make", beside);
    PROBITY_CHECK(write_all(fd.get(), content, beside));
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return failed("rename", beside);
  return sync_directory(path.parent_path());
}

Result<Bytes> read_small_file(const std::filesystem::path& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0 && errno == ENOENT) return fail(Code::NotFound, "no such file");
  if (fd.get() < 0) return failed("open", path);
  Bytes content(k_small_file_max);
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(fd.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return content;
}

Result<void> make_private_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::is_directory(directory, error)) return {};
  if (directory.has_parent_path() && directory.parent_path() != directory &&
      !std::filesystem::exists(directory.parent_path(), error)) {
    std::filesystem::create_directories(directory.parent_path(), error);
    if (error) return fail(Code::StorageFailed, "cannot make the data directory");
  }
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", directory);
  if (std::filesystem::exists(directory, error) && !std::filesystem::is_directory(directory, error))
    return refuse(Code::StorageFailed,
                  fmt::format("{} is not a directory. Name another one.", directory.string()));
  return {};
}

}  // namespace probity::store
