#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/report.hpp"

namespace probity::report {

/// One test of two groups.
struct Comparison {
  std::string question;
  std::string part;         ///< Row, item or option; empty for the whole question.
  std::string_view method;  ///< "chi-square", "fisher", "welch" or "nps".
  double statistic = 0;     ///< Chi-square, t or z; 0 for Fisher's test.
  double freedom = 0;
  double difference = 0;  ///< First minus second: of shares, means, or scores in percent.
  double p = 1;
  double p_corrected = 1;  ///< Holm, over all tests of the answer.
  /// Chi-square with an expected count below 5 in a table too large for Fisher's test.
  bool is_approximate = false;

  [[nodiscard]] bool is_significant() const { return p_corrected < k_significance_level; }
};

/// Compares two reports of one questionnaire about people who are in one of them only: choices by
/// chi-square (two proportions when there are two), with Fisher's exact test where a table of two
/// columns expects fewer than 5; numbers by Welch's test; promoter scores by their difference.
/// Counts that are pooled in one report are pooled in both; means of estimated values are not
/// tested. Empty when one of the reports is not shown. Uses nothing but what the reports tell.
[[nodiscard]] std::vector<Comparison> compare_reports(const Report& a, const Report& b);

/// Writes the member `comparison`, with methods and level, into an open object.
void write_comparison(JsonWriter& out, const std::vector<Comparison>& tests);

}  // namespace probity::report
