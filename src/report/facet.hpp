#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "report/filter.hpp"
#include "report/questions.hpp"

/// What the counting of responses tells apart; used by count, release and report.
namespace probity::report {

/// When a response came in, and to which version. A unit is a day in UTC since 1970, or an hour
/// where the mode stores the time; whichever, it is one kind in one tally.
struct Arrival {
  std::int64_t unit = 0;
  std::int64_t version = 0;
};

/// Which responses a report is about. Nothing set: all.
struct Selection {
  std::optional<Filter> filter;
  std::optional<Filter> also;             ///< A second filter that must hold as well.
  std::optional<std::int64_t> from_unit;  ///< In that unit or later.
  std::optional<std::int64_t> to_unit;    ///< Before that unit.
  std::optional<std::int64_t> version;

  [[nodiscard]] bool asks_arrival() const { return from_unit || to_unit || version; }
  [[nodiscard]] bool holds(const Arrival& arrival) const {
    if (from_unit && arrival.unit < *from_unit) return false;
    if (to_unit && arrival.unit >= *to_unit) return false;
    return !version || arrival.version == *version;
  }
  [[nodiscard]] bool is_everything() const { return !filter && !also && !asks_arrival(); }
};

enum class FacetKind : std::uint8_t {
  Answered,  ///< Any answerable question: answered, skipped, not shown.
  Choice,    ///< One choice: each choice, undeclared, skipped, not shown.
  Option,    ///< One option of several: chosen, not chosen, skipped, not shown.
  Row,       ///< A row of a matrix: each column, left out, skipped, not shown.
  Place,     ///< An item of a ranking: each place, not ranked, skipped, not shown.
  Item,      ///< A line of a multipletext: given, left out, skipped, not shown.
  Number,    ///< A number or date: each value, ascending; no number, skipped, not shown.
  Arrival,   ///< Version and unit, ascending.
};

/// What belongs to both.
[[nodiscard]] Selection both_of(const Selection& a, const Selection& b);

/// One thing that each response has exactly one value of; the values are those named above.
struct Facet {
  FacetKind kind = FacetKind::Answered;
  std::uint32_t question = 0;
  std::uint32_t part = 0;  ///< Option, row, item of a ranking or line.
  [[nodiscard]] bool operator==(const Facet&) const = default;
};

/// The facets a question is reported by.
[[nodiscard]] std::vector<Facet> facets_of(const Question& question, std::uint32_t index);
/// Whether answers of a question are numbers or dates with a histogram.
[[nodiscard]] bool is_numeric(const Question& question);
/// Whether its number says all of the answer: not so for times, whose seconds are left out.
[[nodiscard]] bool is_plain_number(const Question& question);
/// The number of a numeric question's answer: itself, days since 1970 of a date, months since year
/// 0 of a month, minutes of a time.
[[nodiscard]] std::optional<double> number_of(const Question& question, std::string_view text);
/// The number a choice stands for: its value, else its text, when that reads as one.
[[nodiscard]] std::optional<double> choice_number(const Choice& choice);
/// True for a rating with exactly the values 0 to 10, which the promoter score is about.
[[nodiscard]] bool is_promoter_rating(const Question& question);

/// Something a selection looks at. Guarded: it decides whether a question of another dimension is
/// shown, or is decided so, and the two are not independent.
struct Dimension {
  Facet facet;
  bool is_guarded = false;
  bool is_asked = true;  ///< By a filter or a window; else it only guards.
};
/// Everything a selection looks at, each once.
[[nodiscard]] std::vector<Dimension> dimensions_of(const Questionnaire& questionnaire,
                                                   const Selection& selection);

/// What decides whether a question is shown, directly: facets of the questions its conditions and
/// those of its panels and page look at. Empty for a question that is always shown.
[[nodiscard]] std::vector<Facet> guards_of(const Questionnaire& questionnaire,
                                           std::uint32_t question);

/// Which questions of `form` another version of it counts in other facets: with other choices, rows
/// or type, or shown on another condition. Those that it does not ask are among them.
[[nodiscard]] std::vector<bool> counted_otherwise(const Questionnaire& form,
                                                  const Questionnaire& other);

/// Where the counters of a block begin: of each question's choices, and by question.
struct Offsets {
  std::vector<std::size_t> from;
  std::size_t answered = 0;
  std::size_t not_shown = 0;
  std::size_t undeclared = 0;
};

/// The values of a facet from counters or weights.
template <typename T, typename Counter = T>
class FacetValues {
 public:
  FacetValues(const Offsets& offsets, const std::vector<Counter>& counts, T responses)
      : offsets_(offsets), counts_(counts), responses_(responses) {}

  [[nodiscard]] std::vector<T> of(const Facet& facet, const Question& question) const {
    const std::size_t from = offsets_.from[facet.question];
    const T answered = at(offsets_.answered + facet.question);
    const T not_shown = at(offsets_.not_shown + facet.question);
    const T skipped = less(responses_, answered + not_shown);
    const std::size_t choices = question.choices.size();
    switch (facet.kind) {
      case FacetKind::Answered: return {answered, skipped, not_shown};
      case FacetKind::Choice: {
        auto out = some(from, choices);
        out.insert(out.end(), {at(offsets_.undeclared + facet.question), skipped, not_shown});
        return out;
      }
      case FacetKind::Option: {
        const T chosen = at(from + facet.part);
        return {chosen, less(answered, chosen), skipped, not_shown};
      }
      case FacetKind::Place: {
        auto out = some(from + facet.part * choices, choices);
        out.insert(out.end(), {less(answered, sum(out)), skipped, not_shown});
        return out;
      }
      case FacetKind::Row: {
        auto out = some(from + facet.part * choices, choices);
        out.insert(out.end(), {less(answered, sum(out)), skipped, not_shown});
        return out;
      }
      case FacetKind::Item: {
        const T given = at(from + facet.part);
        return {given, less(answered, given), skipped, not_shown};
      }
      case FacetKind::Number:
      case FacetKind::Arrival: break;
    }
    return {answered, skipped, not_shown};
  }

 private:
  /// Answers from elsewhere may name a choice twice; rounding may leave less than nothing.
  static T less(T from, T what) { return from > what ? from - what : T{}; }
  static T sum(const std::vector<T>& values) {
    T out{};
    for (const T value : values)
      out += value;
    return out;
  }
  /// Only what is looked at: all counters for each facet would be their product.
  [[nodiscard]] T at(std::size_t position) const {
    if constexpr (std::is_same_v<T, Counter>)
      return counts_[position];
    else
      return counts_[position].value();
  }
  [[nodiscard]] std::vector<T> some(std::size_t from, std::size_t count) const {
    std::vector<T> out(count);
    for (std::size_t i = 0; i < count; ++i)
      out[i] = at(from + i);
    return out;
  }

  const Offsets& offsets_;
  const std::vector<Counter>& counts_;
  T responses_;
};

}  // namespace probity::report
