#include "report/exact_sum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace probity::report {
namespace {

TEST(ExactSum, IsTheSameInEveryOrder) {
  std::mt19937_64 random(43);
  std::vector<double> weights;
  for (int i = 0; i < 100'000; ++i)
    weights.push_back(std::exp2(static_cast<double>(random() % 30) - 15.0) *
                      static_cast<double>(random() >> 11));
  ExactSum expected;
  for (const double weight : weights)
    expected += weight;
  for (int round = 0; round < 5; ++round) {
    std::ranges::shuffle(weights, random);
    ExactSum first;
    ExactSum second;
    for (std::size_t i = 0; i < weights.size(); ++i)
      (i < random() % weights.size() ? first : second) += weights[i];
    first += second;
    EXPECT_EQ(first.value(), expected.value());
  }
}

TEST(ExactSum, KeepsWhatADoubleLoses) {
  ExactSum sum;
  sum += 1e16;
  for (int i = 0; i < 10; ++i)
    sum += 0.25;
  EXPECT_EQ(sum.value(), 1e16 + 2);
  ExactSum tenths;
  for (int i = 0; i < 10; ++i)
    tenths += 0.1;
  EXPECT_EQ(tenths.value(), 1.0);
}

}  // namespace
}  // namespace probity::report
