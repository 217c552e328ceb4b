#include "report/statistics.hpp"

#include <math.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace probity::report {
namespace {

constexpr int k_terms_max = 1'000;
constexpr double k_precision = 1e-15;
constexpr double k_tiny = 1e-300;

/// std::lgamma writes a global; this form does not.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

/// Lower regularised incomplete gamma function by its series (DLMF 8.11.4); good for x < a + 1.
double gamma_series(double a, double x) {
  double term = 1 / a;
  double sum = term;
  for (int i = 1; i < k_terms_max && std::abs(term) > std::abs(sum) * k_precision; ++i) {
    term *= x / (a + i);
    sum += term;
  }
  return sum * std::exp(-x + a * std::log(x) - log_gamma(a));
}

/// Upper regularised incomplete gamma function by its continued fraction (DLMF 8.9.2), evaluated as
/// Lentz does; good for x >= a + 1.
double gamma_fraction(double a, double x) {
  double b = x + 1 - a;
  double c = 1 / k_tiny;
  double d = 1 / b;
  double value = d;
  for (int i = 1; i < k_terms_max; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (std::abs(d) < k_tiny) d = k_tiny;
    c = b + an / c;
    if (std::abs(c) < k_tiny) c = k_tiny;
    d = 1 / d;
    value *= d * c;
    if (std::abs(d * c - 1) < k_precision) break;
  }
  return std::exp(-x + a * std::log(x) - log_gamma(a)) * value;
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated as Lentz does.
double beta_fraction(double x, double a, double b) {
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  if (std::abs(d) < k_tiny) d = k_tiny;
  d = 1 / d;
  double value = d;
  const auto step = [&](double factor) {
    d = 1 + factor * d;
    if (std::abs(d) < k_tiny) d = k_tiny;
    c = 1 + factor / c;
    if (std::abs(c) < k_tiny) c = k_tiny;
    d = 1 / d;
    value *= c * d;
    return std::abs(c * d - 1);
  };
  for (int m = 1; m < k_terms_max; ++m) {
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))) < k_precision) break;
  }
  return value;
}

/// Regularised incomplete beta function.
double beta(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) +
                                b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(1 - x, b, a) / b;
}

double sum(std::span<const double> counts) {
  return std::accumulate(counts.begin(), counts.end(), 0.0);
}

}  // namespace

Interval wilson_interval(double successes, double n) {
  const double p = successes / n;
  const double z2 = k_z95 * k_z95;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = k_z95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

AdjustedScore adjusted_score(double promoters, double detractors, double n) {
  const double up = (promoters + 1) / (n + 2);
  const double down = (detractors + 1) / (n + 2);
  const double score = up - down;
  return {score, std::max(0.0, up + down - score * score) / (n + 2)};
}

Interval promoter_interval(double promoters, double detractors, double n) {
  const AdjustedScore adjusted = adjusted_score(promoters, detractors, n);
  const double half = k_z95 * std::sqrt(adjusted.variance);
  return {std::max(-1.0, adjusted.score - half), std::min(1.0, adjusted.score + half)};
}

TestResult score_difference(const AdjustedScore& a, const AdjustedScore& b) {
  const double variance = a.variance + b.variance;
  if (variance <= 0) return {};
  const double z = (a.score - b.score) / std::sqrt(variance);
  return {z, 0, normal_p(z)};
}

Moments moments_of(std::span<const double> values, std::span<const double> counts) {
  Moments out;
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.n += counts[i];
    total += values[i] * counts[i];
  }
  if (out.n <= 0) return {};
  out.mean = total / out.n;
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    squares += counts[i] * (values[i] - out.mean) * (values[i] - out.mean);
  if (out.n > 1) out.deviation = std::sqrt(squares / (out.n - 1));
  return out;
}

double median_of(std::span<const double> values, std::span<const double> counts) {
  const double half = sum(counts) / 2;
  double below = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    below += counts[i];
    if (below < half || counts[i] <= 0) continue;
    if (below > half) return values[i];
    for (std::size_t next = i + 1; next < values.size(); ++next)
      if (counts[next] > 0) return (values[i] + values[next]) / 2;
    return values[i];
  }
  return 0;
}

TestResult welch_test(const Moments& a, const Moments& b) {
  if (a.n < 2 || b.n < 2) return {};
  const double va = a.deviation * a.deviation / a.n;
  const double vb = b.deviation * b.deviation / b.n;
  if (va + vb <= 0) return {};
  const double t = (a.mean - b.mean) / std::sqrt(va + vb);
  const double freedom = (va + vb) * (va + vb) / (va * va / (a.n - 1) + vb * vb / (b.n - 1));
  return {t, freedom, student_p(t, freedom)};
}

double least_expected(std::span<const double> a, std::span<const double> b) {
  const double total_a = sum(a);
  const double total_b = sum(b);
  double least = total_a + total_b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double column = a[i] + b[i];
    if (column <= 0) continue;
    least = std::min(least, column * std::min(total_a, total_b) / (total_a + total_b));
  }
  return least;
}

TestResult chi_square_test(std::span<const double> a, std::span<const double> b) {
  const double total_a = sum(a);
  const double total_b = sum(b);
  TestResult out;
  if (total_a <= 0 || total_b <= 0) return out;
  double columns = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double column = a[i] + b[i];
    if (column <= 0) continue;
    columns += 1;
    const double expected_a = column * total_a / (total_a + total_b);
    const double expected_b = column - expected_a;
    out.statistic += (a[i] - expected_a) * (a[i] - expected_a) / expected_a +
                     (b[i] - expected_b) * (b[i] - expected_b) / expected_b;
  }
  out.freedom = columns - 1;
  if (out.freedom >= 1) out.p = chi_square_p(out.statistic, out.freedom);
  return out;
}

double fisher_exact(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  const std::uint64_t row = a + b;
  const std::uint64_t column = a + c;
  const std::uint64_t all = a + b + c + d;
  const auto log_choose = [](std::uint64_t n, std::uint64_t k) {
    return log_gamma(static_cast<double>(n) + 1) - log_gamma(static_cast<double>(k) + 1) -
           log_gamma(static_cast<double>(n - k) + 1);
  };
  const auto log_p = [&](std::uint64_t x) {
    return log_choose(row, x) + log_choose(all - row, column - x) - log_choose(all, column);
  };
  const std::uint64_t least = row + column > all ? row + column - all : 0;
  const std::uint64_t most = std::min(row, column);
  // Tables as likely as the observed one count although rounding may make them a little likelier.
  const double bound = log_p(a) + 1e-7;
  double p = 0;
  for (std::uint64_t x = least; x <= most; ++x) {
    const double log_x = log_p(x);
    if (log_x <= bound) p += std::exp(log_x);
  }
  return std::min(1.0, p);
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> out(p.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    largest = std::max(largest, p[order[rank]] * static_cast<double>(p.size() - rank));
    out[order[rank]] = std::min(1.0, largest);
  }
  return out;
}

double effective_size(double sum, double sum_of_squares) {
  return sum_of_squares <= 0 ? 0 : sum * sum / sum_of_squares;
}

double normal_p(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

double chi_square_p(double statistic, double freedom) {
  if (statistic <= 0) return 1;
  const double a = freedom / 2;
  const double x = statistic / 2;
  return x < a + 1 ? 1 - gamma_series(a, x) : gamma_fraction(a, x);
}

double student_p(double t, double freedom) {
  return beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

}  // namespace probity::report
