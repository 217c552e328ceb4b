#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

namespace probity::store {

/// Free bytes of the file system a directory lies on, asked at most once a second. Threads: any.
class FreeSpace {
 public:
  /// `pretended` other than 0 is answered instead (tests).
  FreeSpace(std::filesystem::path directory, std::uint64_t pretended)
      : directory_(std::move(directory)), pretended_(pretended) {}
  /// 0 when the file system does not answer: fails closed.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  std::filesystem::path directory_;
  std::uint64_t pretended_;
  mutable std::atomic<std::uint64_t> last_{0};
  mutable std::atomic<std::int64_t> asked_at_us_{-1};
};

}  // namespace probity::store
