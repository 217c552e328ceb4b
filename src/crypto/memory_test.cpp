// Looks through the memory of this process for a key: what is destroyed must be gone from it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <latch>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "crypto/cipher.hpp"
#include "crypto/keys.hpp"

namespace probity::crypto {
namespace {

constexpr std::size_t k_region_max_bytes = 256U * 1024 * 1024;  // Sanitizers map terabytes.
constexpr std::uint8_t k_mask = 0xA5;

/// A key's bytes, never stored as they are, so that the search does not find itself.
class Needle {
 public:
  explicit Needle(BytesView bytes) {
    for (std::size_t i = 0; i < masked_.size(); ++i)
      masked_[i] = static_cast<std::uint8_t>(bytes[i] ^ k_mask);
  }
  [[nodiscard]] std::size_t count_in(BytesView memory) const {
    const auto is_same = [](std::uint8_t masked, std::uint8_t byte) {
      return masked == (byte ^ k_mask);
    };
    // By one byte with the library's fast search: a region may have hundreds of megabytes. Not by a
    // zero, of which most memory consists.
    const auto anchor = static_cast<std::size_t>(
        std::ranges::find_if(masked_, [](std::uint8_t byte) { return byte != k_mask; }) -
        masked_.begin());
    std::size_t count = 0;
    while (memory.size() >= masked_.size()) {
      const BytesView ahead = memory.subspan(anchor);
      const void* const found = std::memchr(ahead.data(), masked_[anchor] ^ k_mask, ahead.size());
      if (found == nullptr) return count;
      const auto* const at = static_cast<const std::uint8_t*>(found);
      memory = memory.subspan(static_cast<std::size_t>(at - ahead.data()));
      if (memory.size() < masked_.size()) return count;
      if (std::equal(masked_.begin(), masked_.end(), memory.begin(), is_same)) ++count;
      memory = memory.subspan(1);
    }
    return count;
  }

 private:
  std::array<std::uint8_t, k_key_bytes> masked_{};
};

struct Region {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

/// The readable regions of private memory, from /proc/self/maps.
std::vector<Region> regions() {
  std::vector<Region> out;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Region region;
    const char* const end = line.data() + line.size();
    const auto dash = std::from_chars(line.data(), end, region.from, 16);
    const auto space = std::from_chars(dash.ptr + 1, end, region.to, 16);
    const std::string_view rights(space.ptr + 1, 4);
    if (rights[0] != 'r' || rights[3] != 'p') continue;
    if (region.to - region.from <= k_region_max_bytes) out.push_back(region);
  }
  return out;
}

/// How often the needle lies in this process's memory.
std::size_t count_in_memory(const Needle& needle) {
  constexpr std::size_t k_size = k_region_max_bytes;
  void* const buffer = ::mmap(nullptr, k_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                              -1, 0);  // Shared: not searched itself.
  EXPECT_NE(buffer, MAP_FAILED);
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  EXPECT_GE(memory, 0);
  std::size_t count = 0;
  for (const Region& region : regions()) {
    const std::size_t size = region.to - region.from;
    const ssize_t n = ::pread(memory, buffer, size, static_cast<off_t>(region.from));
    if (n > 0)
      count += needle.count_in({static_cast<std::uint8_t*>(buffer), static_cast<std::size_t>(n)});
  }
  ::close(memory);
  ::munmap(buffer, k_size);
  return count;
}

TEST(Memory, SearchFindsAKeyAndNotOneThatIsGone) {
  std::optional<Key> key = Key::random();
  const Needle needle(key->expose());
  EXPECT_EQ(count_in_memory(needle), 1U);
  const Key copy = key->duplicate();
  EXPECT_EQ(count_in_memory(needle), 2U);
  key.reset();
  EXPECT_EQ(count_in_memory(needle), 1U);
}

TEST(Memory, DestroyLeavesNoKeyBehind) {
  Cipher cipher(Bytes(16, 1));
  std::optional<Key> key = Key::random();
  const Needle given(key->expose());
  const Needle seals(key->derive("cipher.seal").expose());
  const Needle looks_up(key->derive("cipher.lookup").expose());
  cipher.add_key(1, *std::move(key));
  key.reset();
  EXPECT_EQ(count_in_memory(given), 0U) << "Only the derived keys are kept.";

  std::latch has_used(3);
  std::latch may_end(1);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const auto sealed = cipher.seal("p", {}, as_bytes("text"));
      EXPECT_TRUE(sealed && cipher.open("p", {}, *sealed) && cipher.lookup_hash("p", {}));
      has_used.count_down();
      may_end.wait();  // Idle, as the worker of a tenant that is erased.
    });
  }
  has_used.wait();
  EXPECT_GT(count_in_memory(seals), 1U) << "The key itself and expanded ones in contexts.";
  EXPECT_GE(count_in_memory(looks_up), 1U);
  cipher.destroy();
  EXPECT_EQ(count_in_memory(seals), 0U);
  EXPECT_EQ(count_in_memory(looks_up), 0U);
  may_end.count_down();
}

}  // namespace
}  // namespace probity::crypto
