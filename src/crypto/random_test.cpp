#include "crypto/random.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cmath>
#include <set>
#include <thread>
#include <vector>

namespace probity::crypto {
namespace {

TEST(Random, GivesAsManyBytesAsAsked) {
  for (const std::size_t size : {0U, 1U, 64U, 255U, 256U, 257U, 70000U})
    EXPECT_EQ(random_bytes(size).size(), size);
}

TEST(Random, HasAsManyOnesAsZeros) {
  constexpr std::size_t k_bytes = 1U << 20U;
  std::size_t ones = 0;
  for (const std::uint8_t byte : random_bytes(k_bytes))
    ones += static_cast<std::size_t>(std::popcount(byte));
  // Eight standard deviations of a fair coin: it never fails by chance, and a stuck bit does.
  const double deviation = std::sqrt(k_bytes * 8.0) / 2;
  EXPECT_NEAR(static_cast<double>(ones), k_bytes * 4.0, 8 * deviation);
}

TEST(Random, NeverRepeatsUnderHeavyDemand) {
  constexpr std::size_t k_each = 5000;
  std::vector<std::vector<Bytes>> drawn(8);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : drawn)
      threads.emplace_back([&mine] {
        for (std::size_t i = 0; i < k_each; ++i)
          mine.push_back(random_bytes(16));
      });
  }
  std::set<Bytes> seen;
  for (const auto& mine : drawn)
    seen.insert(mine.begin(), mine.end());
  EXPECT_EQ(seen.size(), k_each * drawn.size());
}

TEST(Random, FillsMemoryInPlace) {
  std::array<std::uint8_t, 32> bytes{};
  fill_random(bytes);
  EXPECT_NE(bytes, (std::array<std::uint8_t, 32>{}));
}

TEST(ForkCount, GrowsInTheChildOnly) {
  const std::uint32_t before = fork_count();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(fork_count() == before + 1 ? 0 : 1);
  ASSERT_GT(child, 0);
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(fork_count(), before);
}

}  // namespace
}  // namespace probity::crypto
