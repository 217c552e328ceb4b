#include "app/machine_memory.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace probity::app {
namespace {

constexpr auto k_guest_devices =
    std::to_array<const char*>({"/dev/sev-guest", "/dev/tdx_guest", "/dev/tdx-guest"});
constexpr auto k_guest_flags = std::to_array<std::string_view>({"tdx_guest", "sev_guest"});
constexpr auto k_host_flags = std::to_array<std::string_view>({"sme", "tme"});

// One of the words in the first line of flags; every processor has the same.
template <typename Words>
bool has_flag(std::string_view cpuinfo, const Words& words) {
  const std::size_t start = cpuinfo.find("\nflags");
  if (start == std::string_view::npos) return false;
  std::string_view line = cpuinfo.substr(start + 1);
  line = line.substr(0, line.find('\n'));
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    if (std::ranges::find(words, word) != words.end()) return true;
    line.remove_prefix(std::min(line.size(), word.size() + 1));
  }
  return false;
}

}  // namespace

std::string_view memory_encryption_text(MemoryEncryption found) {
  switch (found) {
    case MemoryEncryption::Guest: return "guest";
    case MemoryEncryption::Available: return "available";
    case MemoryEncryption::NotSeen: return "not_seen";
  }
  return "";
}

MemoryEncryption judge_memory(std::string_view cpuinfo, GuestDevice device) {
  if (device == GuestDevice::Present || has_flag(cpuinfo, k_guest_flags))
    return MemoryEncryption::Guest;
  if (has_flag(cpuinfo, k_host_flags)) return MemoryEncryption::Available;
  return MemoryEncryption::NotSeen;
}

MemoryEncryption find_memory_encryption() {
  std::ifstream in("/proc/cpuinfo");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const bool is_guest = std::ranges::any_of(k_guest_devices, [](const char* path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
  });
  return judge_memory(text, is_guest ? GuestDevice::Present : GuestDevice::Absent);
}

}  // namespace probity::app
