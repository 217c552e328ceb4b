#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "form/filter.hpp"
#include "form/questionnaire.hpp"

namespace probity::form {

/// How often one choice was chosen.
struct ChoiceCount {
  std::string text;  ///< Default text of the choice; made unique in its question.
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
};

/// Net promoter score of a rating from 0 to 10.
struct PromoterScore {
  std::uint64_t promoters = 0;   ///< 9 and 10.
  std::uint64_t passives = 0;    ///< 7 and 8.
  std::uint64_t detractors = 0;  ///< 0 to 6.
  double score = 0;              ///< Share of promoters minus share of detractors, in percent.
};

struct QuestionCount {
  std::string name;
  std::string title;
  std::string_view type;
  std::uint64_t answered = 0;
  std::uint64_t blank = 0;      ///< responses - answered.
  std::uint64_t not_shown = 0;  ///< Part of blank: the question was hidden by a condition.
  std::uint64_t skipped = 0;    ///< Part of blank: it was shown.
  /// Answers whose choice this version does not declare (given to another version); in answered.
  std::uint64_t undeclared = 0;
  std::vector<ChoiceCount> counts;  ///< Every declared choice in declared order, also 0.
  std::optional<double> mean;       ///< Over answers with a numeric choice; single choices only.
  std::optional<PromoterScore> nps;
  std::vector<PartCount> parts;
};

/// Counts responses. `add` takes what validate_answers produced (or older such texts: unknown
/// members are passed over) and allocates nothing once warm; one Tally per thread, then merge.
class Tally {
 public:
  /// The questionnaire must outlive the tally. With a filter, only matching responses count.
  explicit Tally(const Questionnaire& questionnaire, std::optional<Filter> filter = {});
  ~Tally();
  Tally(Tally&&) noexcept;
  Tally& operator=(Tally&&) noexcept;

  /// Counts one response. False when the text is not a JSON object; nothing is counted then.
  [[nodiscard]] bool add(std::string_view answers_json);
  /// Adds what another tally of the same questionnaire counted.
  void merge(const Tally& other);

  /// Responses counted (that match the filter).
  [[nodiscard]] std::uint64_t responses() const;
  /// One entry for each answerable question, in order.
  [[nodiscard]] std::vector<QuestionCount> questions() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes the members `responses` and `questions` of a report into an open object.
void write_report(JsonWriter& out, const Tally& tally);

}  // namespace probity::form
