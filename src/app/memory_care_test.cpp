#include "app/memory_care.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <vector>

namespace probity::app {
namespace {

constexpr std::size_t k_mib = std::size_t{1} << 20;

/// Bytes of this process that lie in the machine's memory.
std::size_t resident_bytes() {
  std::ifstream told("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  told >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// 96 MiB in small pieces, freed but for one in 4,096: none of it lies at the heap's end.
std::vector<std::unique_ptr<std::vector<char>>> scattered() {
  constexpr std::size_t k_piece = 1024;
  std::vector<std::unique_ptr<std::vector<char>>> pieces(96 * k_mib / k_piece);
  for (auto& piece : pieces)
    piece = std::make_unique<std::vector<char>>(k_piece, 'x');
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i % 4096 != 4095) pieces[i].reset();
  }
  return pieces;
}

// A sanitizer has an allocator of its own, which gives nothing back on request.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool k_is_sanitized = true;
#else
constexpr bool k_is_sanitized = false;
#endif

class MemoryCare : public ::testing::Test {
 protected:
  void SetUp() override {
    if (k_is_sanitized) GTEST_SKIP() << "the allocator is the sanitizer's";
  }
};

TEST_F(MemoryCare, WhatIsFreedBetweenWhatIsInUseGoesBackToTheMachine) {
  const auto pieces = scattered();
  ASSERT_GE(unused_bytes(), 90 * k_mib);
  const std::size_t before = resident_bytes();
  EXPECT_TRUE(give_back_unused(32 * k_mib));
  EXPECT_LE(resident_bytes() + 80 * k_mib, before);
}

TEST_F(MemoryCare, LittleIsKept) {
  const auto pieces = scattered();
  const std::size_t before = resident_bytes();
  EXPECT_FALSE(give_back_unused(unused_bytes()));
  EXPECT_GE(resident_bytes() + k_mib, before);
}

}  // namespace
}  // namespace probity::app
