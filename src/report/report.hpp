#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "report/count.hpp"
#include "report/release.hpp"
#include "report/statistics.hpp"

/// A report as plain values, and its writer. Whoever draws charts reads these types.
namespace probity::report {

/// A share of those who answered, with Wilson's interval at 95 %.
struct Share {
  double value = 0;
  Interval interval;
};

/// How often one choice was chosen.
struct ChoiceCount {
  std::string text;         ///< Default text of the choice; made unique in its question.
  std::uint64_t count = 0;  ///< 0 where it is pooled.
  /// Counted together with others (Pool), because too few people of the whole chose it.
  bool is_pooled = false;
  std::optional<Share> share;     ///< Nothing when nobody answered; estimated where it is pooled.
  std::optional<Share> weighted;  ///< With weights: interval by the effective size.
};

/// Values that are not told apart in this group.
struct Pool {
  std::vector<std::string> texts;  ///< Choices; also "skipped", "not_shown", "undeclared".
  std::uint64_t count = 0;
};

/// A number's place and spread.
struct Spread {
  double n = 0;
  double mean = 0;
  double deviation = 0;  ///< Standard deviation (n - 1).
  double median = 0;
};

/// A bar of a histogram: numbers from `from` up to, without the last bar's end, `to`.
struct Bin {
  double from = 0;
  double to = 0;  ///< Equal to `from` for a single value.
  std::uint64_t count = 0;
};

/// One row of a matrix, one choice of a ranking or one item of a multipletext.
struct PartCount {
  std::string name;
  std::string title;
  std::uint64_t answered = 0;
  /// Matrix: by column. Ranking: by place, "1" first. Multipletext: empty.
  std::vector<ChoiceCount> counts;
  /// Matrix: over numeric columns. Ranking: mean place.
  std::optional<double> mean;
  std::optional<Spread> spread;  ///< Of the same numbers.
  std::vector<Pool> pools;
  bool is_answered_known = true;
  bool is_suppressed = false;
  bool is_estimated = false;
};

/// Net promoter score of a rating from 0 to 10.
struct PromoterScore {
  std::uint64_t promoters = 0;   ///< 9 and 10.
  std::uint64_t passives = 0;    ///< 7 and 8.
  std::uint64_t detractors = 0;  ///< 0 to 6.
  double score = 0;              ///< Share of promoters minus share of detractors, in percent.
  Interval interval;             ///< In percent; promoter_interval().
  AdjustedScore adjusted;        ///< What comparisons use; between -1 and 1.
};

/// What weights make of a question.
struct Weighted {
  double n = 0;            ///< Sum of the weights of who answered.
  double n_effective = 0;  ///< Kish.
  std::optional<double> mean;
  std::optional<double> score;  ///< NPS in percent.
  Interval score_interval;      ///< By the effective size.
  bool is_estimated = false;    ///< Some values are told together, as they are of groups.
};

struct QuestionCount {
  std::string name;
  std::string title;
  std::string_view type;
  std::uint64_t answered = 0;
  std::uint64_t blank = 0;      ///< responses - answered.
  std::uint64_t not_shown = 0;  ///< Part of blank: the question was hidden by a condition.
  std::uint64_t skipped = 0;    ///< Part of blank: it was shown.
  /// Part of answered: a choice that says there is no answer (refused, don't know).
  std::uint64_t declared_missing = 0;
  /// Answers whose choice this version does not declare (given to another version); in answered.
  std::uint64_t undeclared = 0;
  std::vector<ChoiceCount> counts;  ///< Every declared choice in declared order, also 0.
  std::optional<double> mean;       ///< Over answers with a number; single choices and numbers.
  std::optional<Spread> spread;     ///< Of the same numbers.
  std::optional<PromoterScore> nps;
  std::vector<Bin> histogram;  ///< Numbers and dates.
  std::vector<PartCount> parts;
  std::optional<Weighted> weighted;

  // In groups (docs/decisions/031).
  std::vector<Pool> pools;
  bool is_answered_known = true;  ///< False: answered, blank and the rest are not told.
  bool is_suppressed = false;     ///< Nothing can be told of this question in this group.
  /// Shares, means and scores use for pooled values the shares these have in the whole.
  bool is_estimated = false;
};

/// A report over all responses or a group of them.
struct Report {
  Verdict verdict = Verdict::Everything;
  std::uint64_t least = 0;      ///< Smallest group that is shown.
  std::uint64_t responses = 0;  ///< 0 when the group is not shown.
  std::string weight;           ///< Name of the weighing question; empty without.
  double weight_sum = 0;
  double n_effective = 0;
  std::uint64_t weightless = 0;          ///< Without a weight above 0; told of the whole alone.
  std::vector<QuestionCount> questions;  ///< Empty when the group is not shown.

  [[nodiscard]] bool is_shown() const {
    return verdict == Verdict::Everything || verdict == Verdict::Group;
  }
};

/// What a tally came to, under the rule of small groups; `others` as Release has it.
[[nodiscard]] Report make_report(const Tally& tally, std::uint64_t least,
                                 const std::vector<bool>& others = {});

/// Writes the members of a report (`responses`, `questions`, …) into an open object.
void write_report(JsonWriter& out, const Report& report);
/// The same of everything a tally counted.
void write_report(JsonWriter& out, const Tally& tally);

}  // namespace probity::report
