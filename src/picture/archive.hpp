#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace probity::picture {

/// A ZIP archive made in memory: deflated files, no times, no attributes, so equal contents give
/// equal bytes. Names are ours and ASCII; fewer than 65,536 files, below 4 GiB.
class ZipArchive {
 public:
  void add(std::string_view name, std::string_view content);
  [[nodiscard]] std::string finish() &&;

 private:
  struct Entry {
    std::string name;
    std::uint32_t check = 0;
    std::uint32_t packed = 0;
    std::uint32_t plain = 0;
    std::uint32_t offset = 0;
  };
  std::string out_;
  std::vector<Entry> entries_;
};

}  // namespace probity::picture
