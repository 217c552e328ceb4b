#include "report/statistics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

namespace probity::report {
namespace {

/// Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
TEST(Wilson, GivesNewcombesIntervals) {
  struct Row {
    double r, n, low, high;
  };
  for (const Row& row : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605},
                         Row{0, 20, 0.0000, 0.1611}, Row{1, 29, 0.0061, 0.1718}}) {
    const Interval interval = wilson_interval(row.r, row.n);
    EXPECT_NEAR(interval.low, row.low, 5e-5);
    EXPECT_NEAR(interval.high, row.high, 5e-5);
  }
}

/// A second way: the bounds are the shares p at which the score test just reaches its limit.
TEST(Wilson, IsTheInversionOfTheScoreTest) {
  for (const auto& [r, n] : {std::pair{3.0, 17.0}, {40.0, 50.0}, {500.0, 1000.0}}) {
    const Interval interval = wilson_interval(r, n);
    for (const double p : {interval.low, interval.high})
      EXPECT_NEAR(std::abs(r / n - p) / std::sqrt(p * (1 - p) / n), k_z95, 1e-9);
  }
}

/// Agresti, Categorical Data Analysis (2002), section 10.1: approval of a prime minister, 150
/// against 86 of 1,600 changed their mind; the difference of 0.04 has the interval 0.021…0.059.
TEST(PromoterInterval, GivesAgrestisInterval) {
  const Interval interval = promoter_interval(150, 86, 1600);
  EXPECT_NEAR(interval.low, 0.021, 5e-4);
  EXPECT_NEAR(interval.high, 0.059, 5e-4);
}

/// A second way: the variance of the score -1, 0, 1 of n + 2 answers, one more of either kind.
TEST(PromoterInterval, IsTheIntervalOfAMeanOfAdjustedAnswers) {
  const double promoters = 43;
  const double detractors = 21;
  const double n = 90;
  const double m = n + 2;
  double mean = 0;
  double square = 0;
  for (int i = 0; i < static_cast<int>(m); ++i) {
    const double x = i < 44 ? 1 : i < 44 + 22 ? -1 : 0;
    mean += x / m;
    square += x * x / m;
  }
  const double half = k_z95 * std::sqrt((square - mean * mean) / m);
  const Interval interval = promoter_interval(promoters, detractors, n);
  EXPECT_NEAR(interval.low, mean - half, 1e-12);
  EXPECT_NEAR(interval.high, mean + half, 1e-12);
}

/// The share of samples whose interval holds the truth; the method promises about 95 %.
TEST(PromoterInterval, HoldsTheTruthAsOftenAsItSays) {
  std::mt19937 random(7);
  for (const auto& [up, down, n] :
       {std::tuple{0.5, 0.2, 30}, {0.8, 0.05, 20}, {0.1, 0.6, 100}, {0.3, 0.3, 15}}) {
    std::discrete_distribution<int> answer({up, down, 1 - up - down});
    int held = 0;
    constexpr int k_samples = 4'000;
    for (int sample = 0; sample < k_samples; ++sample) {
      std::array<double, 3> counts{};
      for (int i = 0; i < n; ++i)
        ++counts[static_cast<std::size_t>(answer(random))];
      const Interval interval = promoter_interval(counts[0], counts[1], n);
      held += interval.low <= up - down && up - down <= interval.high ? 1 : 0;
    }
    EXPECT_GT(held, k_samples * 93 / 100) << up << ' ' << down << ' ' << n;
    EXPECT_LT(held, k_samples * 985 / 1000) << up << ' ' << down << ' ' << n;
  }
}

/// Student's sleep data (Biometrika 6 (1908) 1-25), as R's manual of t.test works them:
/// t = -1.8608, df = 17.776, p = 0.07939.
TEST(Welch, GivesStudentsSleep) {
  const std::array ones{1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
  const std::array a{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
  const std::array b{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  const TestResult result = welch_test(moments_of(a, ones), moments_of(b, ones));
  EXPECT_NEAR(result.statistic, -1.8608, 5e-5);
  EXPECT_NEAR(result.freedom, 17.776, 5e-4);
  EXPECT_NEAR(result.p, 0.07939, 5e-6);
}

/// Agresti, An Introduction to Categorical Data Analysis (2007), page 39: party by gender,
/// X² = 30.07, df = 2, p = 2.954e-07.
TEST(ChiSquare, GivesAgrestisPartyByGender) {
  const std::array women{762.0, 327.0, 468.0};
  const std::array men{484.0, 239.0, 477.0};
  const TestResult result = chi_square_test(women, men);
  EXPECT_NEAR(result.statistic, 30.07, 5e-3);
  EXPECT_EQ(result.freedom, 2);
  EXPECT_NEAR(result.p, 2.954e-7, 5e-11);
}

/// With two columns it is the square of the z of two pooled proportions.
TEST(ChiSquare, IsTheTestOfTwoProportions) {
  const std::array a{30.0, 70.0};
  const std::array b{45.0, 55.0};
  const double pooled = 75.0 / 200;
  const double z = (0.30 - 0.45) / std::sqrt(pooled * (1 - pooled) * (2.0 / 100));
  const TestResult result = chi_square_test(a, b);
  EXPECT_NEAR(result.statistic, z * z, 1e-12);
  EXPECT_NEAR(result.p, normal_p(z), 1e-12);
}

/// Fisher's tea (1935): 34/70. Fisher's convicted twins (1935): 0.0005367 two-sided.
TEST(Fisher, GivesTeaAndTwins) {
  EXPECT_NEAR(fisher_exact(3, 1, 1, 3), 34.0 / 70, 1e-12);
  EXPECT_NEAR(fisher_exact(2, 10, 15, 3), 0.0005367, 5e-8);
  EXPECT_NEAR(fisher_exact(0, 0, 5, 5), 1, 1e-12);
}

/// A second way: all arrangements of small tables, counted.
TEST(Fisher, CountsArrangements) {
  const int n = 9;
  for (int a = 0; a <= 4; ++a) {
    const int column = 4;
    const int row = 5;
    std::array<int, 6> seen{};
    int all = 0;
    for (unsigned mask = 0; mask < 1U << n; ++mask) {
      if (__builtin_popcount(mask) != column) continue;
      ++seen[static_cast<std::size_t>(__builtin_popcount(mask & 0x1FU))];
      ++all;
    }
    double p = 0;
    for (const int count : seen)
      if (count <= seen[static_cast<std::size_t>(a)]) p += static_cast<double>(count) / all;
    const auto u = [](int x) { return static_cast<std::uint64_t>(x); };
    EXPECT_NEAR(fisher_exact(u(a), u(row - a), u(column - a), u(n - row - column + a)), p, 1e-12);
  }
}

/// The example of four p values that textbooks work: 0.01, 0.04, 0.03, 0.005.
TEST(Holm, CorrectsInSteps) {
  const std::array p{0.01, 0.04, 0.03, 0.005};
  const auto corrected = holm(p);
  EXPECT_NEAR(corrected[0], 0.03, 1e-12);
  EXPECT_NEAR(corrected[1], 0.06, 1e-12);
  EXPECT_NEAR(corrected[2], 0.06, 1e-12);
  EXPECT_NEAR(corrected[3], 0.02, 1e-12);
  EXPECT_TRUE(holm({}).empty());
}

/// Tables of the t and the chi-square distribution (NIST/SEMATECH e-Handbook, 1.3.6.7.2 and .4).
TEST(Distributions, GiveTheTables) {
  EXPECT_NEAR(student_p(12.706, 1), 0.05, 1e-5);
  EXPECT_NEAR(student_p(2.228, 10), 0.05, 1e-4);
  EXPECT_NEAR(student_p(2.626, 100), 0.01, 1e-4);
  EXPECT_NEAR(student_p(0, 5), 1, 1e-12);
  EXPECT_NEAR(chi_square_p(3.841, 1), 0.05, 1e-4);
  EXPECT_NEAR(chi_square_p(18.307, 10), 0.05, 1e-5);
  EXPECT_NEAR(chi_square_p(124.342, 100), 0.05, 1e-5);
  EXPECT_NEAR(chi_square_p(0.103, 2), 0.95, 1e-3);
  EXPECT_NEAR(normal_p(k_z95), 0.05, 1e-12);
}

/// Kish: equal weights lose nothing, a few heavy ones much.
TEST(Kish, CountsWhatWeightsLeave) {
  EXPECT_DOUBLE_EQ(effective_size(100 * 2.5, 100 * 2.5 * 2.5), 100);
  EXPECT_NEAR(effective_size(9 + 3, 9 + 9), 8, 1e-12);
  EXPECT_EQ(effective_size(0, 0), 0);
}

TEST(Moments, MeanDeviationAndMedian) {
  const std::array values{1.0, 2.0, 4.0, 9.0};
  const std::array counts{2.0, 0.0, 1.0, 1.0};
  const Moments moments = moments_of(values, counts);
  EXPECT_DOUBLE_EQ(moments.mean, 15.0 / 4);
  EXPECT_NEAR(moments.deviation, std::sqrt((2 * 2.75 * 2.75 + 0.25 * 0.25 + 5.25 * 5.25) / 3),
              1e-12);
  EXPECT_DOUBLE_EQ(median_of(values, counts), 2.5);
  const std::array odd{1.0, 1.0, 1.0, 0.0};
  EXPECT_DOUBLE_EQ(median_of(values, odd), 2);
  EXPECT_EQ(moments_of({}, {}).n, 0);
}

}  // namespace
}  // namespace probity::report
