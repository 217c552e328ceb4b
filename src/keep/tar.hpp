#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/instant.hpp"

/// POSIX ustar archives (IEEE 1003.1, pax), written and read as a stream: what any `tar` unpacks.
namespace probity::keep {

inline constexpr std::size_t k_tar_block_bytes = 512;

/// Header and padding of a regular file, mode 0600. Names up to 100 bytes of plain ASCII. Sizes of
/// 8 GiB and more are written in base 256, as GNU tar does.
[[nodiscard]] std::string tar_header(std::string_view name, std::uint64_t size, Instant at);
/// The zeros after a file's content.
[[nodiscard]] std::string tar_padding(std::uint64_t size);
/// The two empty blocks at the end.
[[nodiscard]] std::string tar_end();

/// Up to `wanted` bytes of a stream; fewer only at its end.
using ReadSome = std::function<Result<std::string>(std::size_t wanted)>;

/// A file of an archive being read.
struct TarEntry {
  std::string name;
  std::uint64_t size = 0;
};

/// Walks an archive from front to back. BadRequest for what is no archive of ours: other kinds of
/// members than regular files, names with "..", a wrong check sum, a cut end.
class TarReader {
 public:
  explicit TarReader(ReadSome read) : read_(std::move(read)) {}
  /// The next member; false at the end of the archive. What was left of the last one is skipped.
  [[nodiscard]] Result<bool> next(TarEntry& entry);
  /// A piece of the present member (at most 64 KiB); empty at its end.
  [[nodiscard]] Result<std::string> piece();

 private:
  [[nodiscard]] Result<std::string> exactly(std::size_t size);

  ReadSome read_;
  std::uint64_t left_ = 0;
  std::uint64_t padding_ = 0;
};

}  // namespace probity::keep
