#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// The numbers behind a report. Plain functions over counts; nothing here knows a questionnaire.
/// Every level of confidence is 95 %. Threads: any.
namespace probity::report {

/// 97.5 % of the normal distribution lie below it.
inline constexpr double k_z95 = 1.959963984540054;
/// What is called significant: p below it, after the correction for many questions.
inline constexpr double k_significance_level = 0.05;

struct Interval {
  double low = 0;
  double high = 0;
};

/// Mean and spread of some numbers.
struct Moments {
  double n = 0;  ///< How many; with weights, the effective size.
  double mean = 0;
  double deviation = 0;  ///< Standard deviation of the sample (n - 1); 0 below two numbers.
};

/// What a test came to.
struct TestResult {
  double statistic = 0;
  double freedom = 0;  ///< Degrees of freedom; 0 where there are none.
  double p = 1;
};

/// Wilson's score interval of a share, without continuity correction (Wilson 1927; method 3 of
/// Newcombe, Statistics in Medicine 17 (1998) 857-872). `n` > 0; both may be effective sizes.
[[nodiscard]] Interval wilson_interval(double successes, double n);

/// Interval of the difference of two shares of one multinomial, promoters minus detractors of `n`:
/// the adjusted Wald interval of Bonett and Price (Journal of Educational and Behavioral Statistics
/// 37 (2012) 479-488), one added to each of the two counts and two to n; the form recommended for
/// net promoter scores by Rocks (The American Statistician 70 (2016) 365-372). Within -1…1.
[[nodiscard]] Interval promoter_interval(double promoters, double detractors, double n);
/// Estimate and variance that interval is made of.
struct AdjustedScore {
  double score = 0;
  double variance = 0;
};
[[nodiscard]] AdjustedScore adjusted_score(double promoters, double detractors, double n);
/// Difference of two independent scores over the root of their adjusted variances, normal.
[[nodiscard]] TestResult score_difference(const AdjustedScore& a, const AdjustedScore& b);

/// Mean and deviation of `values` that occur `counts` times.
[[nodiscard]] Moments moments_of(std::span<const double> values, std::span<const double> counts);
/// The value in the middle (mean of the two in the middle); `values` ascending.
[[nodiscard]] double median_of(std::span<const double> values, std::span<const double> counts);

/// Welch's test of two means, two-sided, with Satterthwaite's degrees of freedom (Welch, Biometrika
/// 34 (1947) 28-35). p = 1 when a group has fewer than two or nothing varies.
[[nodiscard]] TestResult welch_test(const Moments& a, const Moments& b);

/// Pearson's chi-square of a table of two rows, without continuity correction; columns in which
/// both are 0 do not count. For two columns it is the test of two proportions (the square of z).
[[nodiscard]] TestResult chi_square_test(std::span<const double> a, std::span<const double> b);
/// The least count expected when rows and columns are independent.
[[nodiscard]] double least_expected(std::span<const double> a, std::span<const double> b);
/// Fisher's exact test of [[a, b], [c, d]], two-sided: the probability of all tables with these
/// margins that are no likelier (Fisher 1935, The Design of Experiments, chapter 2).
[[nodiscard]] double fisher_exact(std::uint64_t a, std::uint64_t b, std::uint64_t c,
                                  std::uint64_t d);

/// p values corrected for their number by Holm's method (Scandinavian Journal of Statistics 6
/// (1979) 65-70), in the same order.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

/// Kish's effective sample size (Survey Sampling, 1965): the square of the sum of weights over the
/// sum of their squares. 0 without weights.
[[nodiscard]] double effective_size(double sum, double sum_of_squares);

/// Two-sided p of a normal z. Upper tail of chi-square. Two-sided p of Student's t.
[[nodiscard]] double normal_p(double z);
[[nodiscard]] double chi_square_p(double statistic, double freedom);
[[nodiscard]] double student_p(double t, double freedom);

}  // namespace probity::report
