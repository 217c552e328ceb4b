#pragma once

#include <cstdint>
#include <numeric>
#include <span>

namespace probity::survey {

/// Numbers that look thrown and are the same on every machine for one seed (SplitMix64): for
/// invented data alone, never for secrets.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  /// 0 to n - 1.
  int below(int n) { return static_cast<int>((next() >> 33U) % static_cast<std::uint64_t>(n)); }
  /// True in so many of a hundred throws.
  bool percent(int chance) { return below(100) < chance; }
  /// -spread to spread, those near 0 more often.
  int noise(int spread) { return below(spread + 1) + below(spread + 1) - spread; }
  /// A position, in proportion to its weight; weights are positive.
  int weighted(std::span<const int> weights) {
    int thrown = below(std::accumulate(weights.begin(), weights.end(), 0));
    int at = 0;
    for (const int weight : weights) {
      if (thrown < weight) return at;
      thrown -= weight;
      ++at;
    }
    return at - 1;
  }

 private:
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  std::uint64_t state_;
};

}  // namespace probity::survey
