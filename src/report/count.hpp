#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "report/exact_sum.hpp"
#include "report/facet.hpp"
#include "report/questions.hpp"

namespace probity::report {

class Columns;

/// What a set of responses came to. The fields are for Tally and Facet values.
struct Block {
  std::uint64_t responses = 0;
  std::uint64_t weightless = 0;  ///< Without a weight above 0.
  ExactSum weight;
  ExactSum weight_squares;
  std::vector<std::uint64_t> counts;
  std::vector<ExactSum> weights;         ///< As counts; empty without weights.
  std::vector<std::uint64_t> weighed;    ///< As counts, of who has a weight above 0; likewise.
  std::vector<ExactSum> answer_squares;  ///< By question: squares of the weights of who answered.
  std::vector<std::vector<std::uint64_t>> numbers;  ///< By question, by value in order of arrival.
  std::vector<std::vector<ExactSum>> number_weights;
  std::vector<std::vector<std::uint64_t>> number_weighed;

  void add(const Block& other);
};

/// Counts responses. `add` takes what validate_answers produced (or older such texts: unknown
/// members are passed over) and allocates nothing once warm; one Tally per thread, then merge.
///
/// With a selection the responses are counted apart by everything that it looks at, so that the
/// rule of small groups (report/release.hpp) can judge the group beside its rest.
class Tally {
 public:
  static constexpr std::size_t k_dimensions_max = 8;
  /// Parts that responses are counted apart in, and counters of them all: 32 MiB.
  static constexpr std::size_t k_parts_max = 4'096;
  static constexpr std::size_t k_counters_max = 4UL * 1024 * 1024;
  /// Different values of one numeric question or arrivals.
  static constexpr std::size_t k_values_max = 60'000;

  using Key = std::array<std::uint16_t, k_dimensions_max>;
  /// Responses that are alike in all dimensions.
  struct Part {
    Key key{};
    std::uint64_t selected = 0;
    Block block;
  };
  /// The questionnaire must outlive the tally.
  explicit Tally(const Questionnaire& questionnaire, std::optional<Filter> filter = {});
  /// `weight`: position of the question whose number weighs a response.
  Tally(const Questionnaire& questionnaire, Selection selection,
        std::optional<std::uint32_t> weight);
  ~Tally();
  Tally(Tally&&) noexcept;
  Tally& operator=(Tally&&) noexcept;

  /// Counts one response. False when the text is not a JSON object; nothing is counted then.
  [[nodiscard]] bool add(std::string_view answers_json, const Arrival& arrival = {});
  /// Whether all that is asked of the answers is in a block; else its rows are to be counted.
  [[nodiscard]] bool can_add(const Columns& block) const;
  /// Counts a block of responses for which can_add(), as if one by one. `unit_hours` is 1 where
  /// units of arrival are hours, 24 where they are days.
  void add(const Columns& block, std::int64_t unit_hours);
  /// The same in several tallies at once, all of the same questionnaire and weight: a response or a
  /// block is looked at once.
  [[nodiscard]] static bool add_to_all(std::span<Tally> tallies, std::string_view answers_json,
                                       const Arrival& arrival);
  static void add_to_all(std::span<Tally> tallies, const Columns& block, std::int64_t unit_hours);
  /// Adds what another tally of the same questionnaire and selection counted.
  void merge(const Tally& other);

  /// Responses selected.
  [[nodiscard]] std::uint64_t responses() const;

  // For report/release.hpp and report/report.hpp.
  [[nodiscard]] const Questionnaire& questionnaire() const;
  [[nodiscard]] const Selection& selection() const;
  [[nodiscard]] std::optional<std::uint32_t> weight() const;
  [[nodiscard]] const std::vector<Dimension>& dimensions() const;
  [[nodiscard]] const std::vector<Part>& parts() const;
  /// More dimensions, parts or different values than are counted apart.
  [[nodiscard]] bool is_too_detailed() const;
  [[nodiscard]] Block whole() const;
  /// Each part's value in a dimension, as a position in values_of().
  [[nodiscard]] std::vector<std::size_t> positions_in(std::size_t dimension) const;
  /// The least number of responses that have the same values in all that decides whether a question
  /// is shown; nothing for a question that is always shown. Counted only with a selection.
  [[nodiscard]] std::optional<std::uint64_t> least_guarded(std::uint32_t question) const;
  /// The values of the Arrival facet, ascending.
  [[nodiscard]] std::vector<Arrival> arrivals() const;
  /// Some numbers were left out of their histogram: more than k_values_max differ.
  [[nodiscard]] bool has_too_many_numbers() const;
  /// How many responses have each value.
  [[nodiscard]] std::vector<std::uint64_t> values_of(const Facet& facet, const Block& block) const;
  /// The same of responses with a weight above 0; empty without weights.
  [[nodiscard]] std::vector<std::uint64_t> weighed_of(const Facet& facet, const Block& block) const;
  /// The same by weight; empty without weights.
  [[nodiscard]] std::vector<double> weights_of(const Facet& facet, const Block& block) const;
  /// Choices in answers that this version does not declare.
  [[nodiscard]] std::uint64_t undeclared_in(std::uint32_t question, const Block& block) const;
  /// The values of a Number facet, ascending: the first of its values_of().
  [[nodiscard]] std::vector<double> numbers_of(std::uint32_t question) const;

  /// Opened for the files that count: tally_state.hpp.
  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace probity::report
