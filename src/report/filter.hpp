#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "report/questions.hpp"

namespace probity::report {

/// Which responses a report counts. Written either as pairs `name=value&name=value` (all must hold;
/// a value is a choice's value or its text, and for questions with several answers one of them) or,
/// when it contains a brace, as a condition in the language of visibleIf (`{age} >= 18`).
class Filter {
 public:
  /// BadRequest or LimitExceeded, with field "filter" and what is wrong. The questionnaire may be
  /// gone afterwards.
  [[nodiscard]] static Result<Filter> parse(const Questionnaire& questionnaire,
                                            std::string_view text);

  [[nodiscard]] bool matches(const AnswerSet& answers) const;
  /// Questions whose answers are looked at; nothing else needs to be in the set.
  [[nodiscard]] const std::vector<Target>& targets() const { return condition_.targets; }
  [[nodiscard]] const Condition& condition() const { return condition_; }
  /// As it was written: of one questionnaire, filters of the same text are the same.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  Condition condition_;
  Visibility everything_;
};

/// The filter for responses that chose a choice, in the row of a matrix where there are rows.
/// Empty where the names hold what a condition cannot write.
[[nodiscard]] std::string filter_of(const Question& question, const Choice& choice,
                                    std::string_view row = {});
/// A question as a variable of a filter ("{#age}"); empty as above.
[[nodiscard]] std::string filter_variable(const Question& question, std::string_view row = {});

}  // namespace probity::report
