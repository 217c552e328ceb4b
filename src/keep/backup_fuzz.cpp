// A backup's outer form. Nothing comes out of a file that was not sealed here, and a file in which
// a byte was changed, or that was cut, never reads to its end.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/keys.hpp"
#include "keep/sealed_file.hpp"

namespace {

using namespace probity;
namespace fs = std::filesystem;

void require(bool holds) {
  if (!holds) std::abort();
}

/// A file in memory, named by its descriptor.
class Memory {
 public:
  explicit Memory(std::string_view content) : fd_(::memfd_create("backup", MFD_CLOEXEC)) {
    require(fd_ >= 0);
    require(::write(fd_, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  }
  ~Memory() { ::close(fd_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  [[nodiscard]] fs::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

/// Keys, and a backup sealed with them; the folder they were made in is gone again.
struct Sealed {
  crypto::MasterKeys master;
  std::string plain;
  std::string file;
};

Sealed make_sealed() {
  std::string folder = (fs::temp_directory_path() / "probity-fuzz-XXXXXX").string();
  require(::mkdtemp(folder.data()) != nullptr);
  auto master = crypto::MasterKeys::create(fs::path(folder) / "key");
  require(master.has_value());
  const std::string plain(3000, 'p');
  const fs::path file = fs::path(folder) / "backup";
  {
    auto writer = keep::SealedWriter::create(file, *master);
    require(writer && (*writer)->add(plain) && (*writer)->finish());
  }
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return {std::move(*master), plain, bytes};
}

/// What a file reads as; nothing unless it reads to its end.
std::optional<std::string> read_all(const crypto::MasterKeys& master, std::string_view content) {
  const Memory file(content);
  auto reader = keep::SealedReader::open(file.path(), master);
  if (!reader) return {};
  std::string out;
  for (;;) {
    const auto piece = (*reader)->read(1000);
    if (!piece) return {};
    out += *piece;
    if (piece->size() < 1000) return out;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Sealed k_sealed = make_sealed();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(!read_all(k_sealed.master, text));
  // The input lies over a place of the real file, and says where.
  if (size < 3) return 0;
  const std::size_t at = (data[0] | data[1] << 8U) % k_sealed.file.size();
  std::string changed = k_sealed.file;
  changed.replace(at, std::min(changed.size() - at, size - 2), text.substr(2));
  const auto got = read_all(k_sealed.master, changed);
  require(got.has_value() == (changed == k_sealed.file));
  require(!got || *got == k_sealed.plain);
  require(!read_all(k_sealed.master, k_sealed.file.substr(0, at)));
  return 0;
}
