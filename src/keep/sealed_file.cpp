#include "keep/sealed_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "store/durable_file.hpp"

namespace probity::keep {
namespace {

constexpr std::string_view k_head = "probity-backup 1\n";
constexpr std::string_view k_purpose = "keep.backup";
constexpr std::size_t k_wrapped_bytes = 64;
constexpr std::array<std::uint8_t, 16> k_owner{};
constexpr std::uint32_t k_key_number = 1;

// What each piece is bound to: its place, and whether the file ends with it.
Bytes place_of(std::uint64_t count, bool is_last) {
  Bytes place;
  append_u64(place, count);
  place.push_back(is_last ? 1 : 0);
  return place;
}

std::unexpected<Error> failed(std::string_view what) {
  return fail(errno == ENOSPC || errno == EDQUOT ? Code::StorageFull : Code::StorageFailed,
              fmt::format("{}: errno {}", what, errno));
}

// Up to `wanted` bytes; fewer at the end of the file.
Result<std::string> read_fd(int fd, std::size_t wanted) {
  std::string out(wanted, '\0');
  std::size_t got = 0;
  while (got < wanted) {
    const ssize_t count = ::read(fd, out.data() + got, wanted - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("reading the backup");
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  out.resize(got);
  return out;
}

}  // namespace

SealedWriter::SealedWriter(std::filesystem::path file, int fd)
    : file_(std::move(file)), fd_(fd), cipher_(k_owner) {}

SealedWriter::~SealedWriter() {
  ::close(fd_);
  if (is_finished_) return;
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

Result<std::unique_ptr<SealedWriter>> SealedWriter::create(const std::filesystem::path& file,
                                                           const crypto::MasterKeys& master) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && errno == EEXIST)
    return refuse(Code::Conflict,
                  fmt::format("{} exists; nothing was overwritten.", file.string()));
  if (fd < 0) return failed("making the backup");
  std::unique_ptr<SealedWriter> made(new SealedWriter(file, fd));
  crypto::Key key = crypto::Key::random();
  const Bytes wrapped = master.wrap(key, as_bytes(k_purpose));
  made->cipher_.add_key(k_key_number, std::move(key));
  PROBITY_CHECK(made->write(as_bytes(k_head)));
  PROBITY_CHECK(made->write(wrapped));
  return made;
}

Result<void> SealedWriter::write(BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failed("writing the backup");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> SealedWriter::seal_piece(std::string_view plain, bool is_last) {
  PROBITY_TRY(sealed, cipher_.seal(k_purpose, place_of(count_, is_last), as_bytes(plain)));
  ++count_;
  Bytes length;
  append_u32(length, static_cast<std::uint32_t>(sealed.size()));
  PROBITY_CHECK(write(length));
  return write(sealed);
}

Result<void> SealedWriter::add(std::string_view plain) {
  buffer_ += plain;
  // One piece stays behind: the last one must be known as such.
  std::size_t used = 0;
  for (; buffer_.size() - used > k_sealed_piece_bytes; used += k_sealed_piece_bytes)
    PROBITY_CHECK(seal_piece(std::string_view(buffer_).substr(used, k_sealed_piece_bytes), false));
  buffer_.erase(0, used);
  return {};
}

Result<void> SealedWriter::finish() {
  PROBITY_CHECK(seal_piece(buffer_, true));
  if (::fsync(fd_) != 0) return failed("syncing the backup");
  PROBITY_CHECK(store::sync_directory(std::filesystem::absolute(file_).parent_path()));
  is_finished_ = true;
  return {};
}

SealedReader::SealedReader(int fd) : fd_(fd), cipher_(k_owner) {}

SealedReader::~SealedReader() { ::close(fd_); }

Result<std::unique_ptr<SealedReader>> SealedReader::open(const std::filesystem::path& file,
                                                         const crypto::MasterKeys& master) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return refuse(Code::BadRequest, fmt::format("{} cannot be read.", file.string()));
  std::unique_ptr<SealedReader> made(new SealedReader(fd));
  PROBITY_TRY(head, read_fd(fd, k_head.size() + k_wrapped_bytes));
  if (!head.starts_with(k_head) || head.size() != k_head.size() + k_wrapped_bytes)
    return refuse(Code::BadRequest, fmt::format("{} is no backup of this program.", file.string()));
  PROBITY_TRY(key, master.unwrap(as_bytes(std::string_view(head).substr(k_head.size())),
                                 as_bytes(k_purpose)));
  made->cipher_.add_key(k_key_number, std::move(key));
  return made;
}

Result<void> SealedReader::fill() {
  constexpr std::size_t k_sealed_max = k_sealed_piece_bytes + crypto::k_sealed_overhead;
  PROBITY_TRY(length_text, read_fd(fd_, 4));
  if (length_text.size() != 4) return fail(Code::IntegrityError, "the backup is cut off");
  std::size_t length = 0;
  for (const char c : length_text)
    length = length << 8U | static_cast<unsigned char>(c);
  if (length > k_sealed_max) return fail(Code::IntegrityError, "a piece of the backup is damaged");
  PROBITY_TRY(sealed, read_fd(fd_, length));
  // The length is not sealed: one too large for the last piece would be of no consequence.
  if (sealed.size() != length) return fail(Code::IntegrityError, "the backup is cut off");
  auto plain = cipher_.open(k_purpose, place_of(count_, false), as_bytes(sealed));
  if (!plain) {
    plain = cipher_.open(k_purpose, place_of(count_, true), as_bytes(sealed));
    if (!plain) return fail(Code::IntegrityError, "a piece of the backup does not open");
    is_over_ = true;
    PROBITY_TRY(more, read_fd(fd_, 1));
    if (!more.empty()) return fail(Code::IntegrityError, "something follows the backup's end");
  }
  ++count_;
  buffer_.erase(0, used_);
  used_ = 0;
  buffer_ += as_text(*plain);
  return {};
}

Result<std::string> SealedReader::read(std::size_t wanted) {
  while (buffer_.size() - used_ < wanted && !is_over_)
    PROBITY_CHECK(fill());
  const std::size_t count = std::min(wanted, buffer_.size() - used_);
  std::string out = buffer_.substr(used_, count);
  used_ += count;
  return out;
}

}  // namespace probity::keep
