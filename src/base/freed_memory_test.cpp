#include "base/freed_memory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

namespace probity {
namespace {

TEST(FreedMemory, KeepsTheContentOfABlockThatGrowsOrShrinks) {
  auto* block = static_cast<char*>(wiping_realloc(nullptr, 5));
  std::memcpy(block, "abcd", 5);
  block = static_cast<char*>(wiping_realloc(block, 100'000));
  EXPECT_STREQ(block, "abcd");
  block = static_cast<char*>(wiping_realloc(block, 3));
  EXPECT_EQ(std::memcmp(block, "abc", 3), 0);
  wipe_and_free(block);
}

TEST(FreedMemory, TakesNothing) { wipe_and_free(nullptr); }

}  // namespace
}  // namespace probity
