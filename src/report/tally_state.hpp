#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "form/json_answer.hpp"
#include "report/count.hpp"
#include "report/counters.hpp"
#include "report/number_table.hpp"

namespace probity::report {

/// The answers of the response being counted.
struct SeenAnswers {
  explicit SeenAnswers(const Questionnaire& form);
  /// Finds the answers of one response; `present` lists the questions that have one.
  void scan(const simdjson::dom::object& response);
  /// The values that conditions and filters look at.
  void collect(const std::vector<std::uint32_t>& needed);
  [[nodiscard]] bool has(std::uint32_t question) const { return is_seen[question] != 0; }

  bool needs_comments = false;
  std::vector<simdjson::dom::element> seen;
  std::vector<std::uint8_t> is_seen;
  std::vector<std::uint32_t> present;
  AnswerSet looked_at;

 private:
  void scan_comment(std::string_view key, const simdjson::dom::element& value);

  KeyTable keys_;
  std::vector<std::uint32_t> key_questions_;
  std::vector<std::uint32_t> commented_;
  std::vector<Value> value_slots_;
  std::vector<Value> comment_slots_;
};

struct KeyHash {
  std::size_t operator()(const Tally::Key& key) const {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const std::uint16_t value : key)
      hash = (hash ^ value) * 0x100000001B3ULL;
    return hash;
  }
};

template <typename T, typename More>
void grow_and_add(std::vector<T>& to, std::size_t at, const More& more) {
  if (to.size() <= at) to.resize(at + 1);
  to[at] += more;
}

constexpr std::int64_t k_units_max = 1 << 26;

/// Version and unit as one number; exact, because both are far below 2^26.
inline double arrival_number(const Arrival& arrival) {
  return static_cast<double>(arrival.version * k_units_max + arrival.unit);
}

/// Facets that decide whether a question is shown, and how many have the same in all.
struct Guards {
  std::vector<Facet> facets;
  std::unordered_map<Tally::Key, std::uint64_t, KeyHash> counts;
};

/// What a tally counts with; count.cpp counts, tally_results.cpp merges and reads.
struct Tally::State {
  State(const Questionnaire& form, Selection what, std::optional<std::uint32_t> weigher);

  /// Finds what these tallies ask of a response. False when it is not a JSON object.
  bool look_at(std::string_view json, std::span<Tally> tallies);
  /// Counts the response that a tally of the same questionnaire looks at.
  void count_response(const State& looking, const Arrival& arrival);
  std::uint32_t new_part(const Key& key);
  /// Makes a part the one that is counted in.
  void enter(std::uint32_t position);
  /// The part with this key, which is made where there is room.
  [[nodiscard]] std::uint32_t place_of(const Key& key);
  /// A number's value in a dimension.
  [[nodiscard]] std::uint32_t number_value(std::uint32_t index, std::optional<double> number);
  void count_guard(std::uint32_t question, const Key& key, std::uint64_t count);

  const Questionnaire& questionnaire;
  Selection selection;
  std::optional<std::uint32_t> weight;
  Counters counters;
  std::vector<std::uint8_t> is_number;
  std::vector<std::uint32_t> needed;  ///< Questions that conditions or filters look at.
  std::vector<Dimension> dimensions;
  std::vector<Guards> guards;  ///< By question.
  std::vector<std::uint32_t> guarded;
  std::vector<Part> parts;
  std::unordered_map<Key, std::uint32_t, KeyHash> part_of;
  std::vector<NumberTable> numbers;  ///< By question.
  NumberTable arrivals;
  bool is_too_detailed = false;
  bool has_too_many_numbers = false;

 private:
  void find_needs();
  void find_guards();
  void count_guards();
  [[nodiscard]] bool is_selected(const Arrival& arrival) const;
  void find_hidden();
  void count_hidden();
  void find_part(const Arrival& arrival);
  [[nodiscard]] std::uint32_t facet_value(const Facet& facet);
  [[nodiscard]] std::uint32_t column_of(std::uint32_t index, std::uint32_t row) const;
  void weigh(Block& block);
  void bump(std::size_t at) {
    ++counts_[at];
    if (weights_ == nullptr) return;
    weights_[at] += own_weight_;
    weighed_[at] += own_weight_ > 0 ? 1 : 0;
  }
  void count(std::uint32_t index);
  void count_number(std::uint32_t index);

  // The part that is counted in.
  std::uint32_t here_ = 0;
  std::uint64_t* counts_ = nullptr;
  ExactSum* weights_ = nullptr;
  std::uint64_t* weighed_ = nullptr;

  // Of the response being counted, and what is found there.
  double own_weight_ = 0;
  const SeenAnswers* seen_ = nullptr;
  const std::vector<std::uint8_t>* hidden_ = nullptr;

  // Of the response being looked at.
  form::AnswerParser parser_;
  SeenAnswers answers_;
  std::vector<std::uint8_t> is_hidden_;
};

}  // namespace probity::report
