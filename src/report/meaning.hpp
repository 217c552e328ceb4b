#pragma once

#include <span>
#include <vector>

#include "report/facet.hpp"

namespace probity::report {

/// A question's number as an answer would say it.
[[nodiscard]] Value answer_of_number(const Question& question, double number);

/// What a filter says about people of whom only some facets are known.
class Meaning {
 public:
  /// `facets`: those that dimensions_of() gave for the filter; everything must outlive this.
  Meaning(const Questionnaire& questionnaire, const Filter& filter, std::span<const Facet> facets)
      : questionnaire_(questionnaire), filter_(filter), facets_(facets) {}

  /// Whether the facets decide the filter. They do not where it looks into texts, rankings or
  /// comments: there it may ask no more than whether something was answered.
  [[nodiscard]] bool is_decided() const;
  /// Whether the filter holds for somebody with these values, one for each facet; `numbers` has
  /// those of Number facets.
  [[nodiscard]] bool holds(std::span<const std::size_t> values,
                           std::span<const std::vector<double>> numbers) const;

 private:
  const Questionnaire& questionnaire_;
  const Filter& filter_;
  std::span<const Facet> facets_;
};

}  // namespace probity::report
