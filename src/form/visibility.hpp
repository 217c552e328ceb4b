#pragma once

#include <vector>

#include "form/questionnaire.hpp"

namespace probity::form {

/// Answers by question, as conditions see them; null where there is none. Positions are those of
/// Questionnaire::questions. The values are borrowed.
struct AnswerSet {
  std::vector<const Value*> values;
  std::vector<const Value*> comments;

  explicit AnswerSet(const Questionnaire& questionnaire)
      : values(questionnaire.questions.size()), comments(questionnaire.questions.size()) {}
  /// From an object as validate_answers makes it; members that are no question are left out.
  AnswerSet(const Questionnaire& questionnaire, const Value& answers);
};

/// What is shown. A hidden page or panel hides all that lies in it.
struct Visibility {
  std::vector<bool> questions;
  std::vector<bool> containers;
};

/// Decides what is shown for some answers. An answer to a hidden question counts as no answer, so
/// the result is the same before and after such answers are dropped. Linear in the document.
[[nodiscard]] Visibility decide_visibility(const Questionnaire& questionnaire,
                                           const AnswerSet& answers);

/// True when the page at that position has anything to show.
[[nodiscard]] bool shows_anything(const Questionnaire& questionnaire, const Visibility& visibility,
                                  std::uint32_t page);

/// True when a condition holds for answers of which only visible ones count.
[[nodiscard]] bool condition_holds(const Condition& condition, const AnswerSet& answers,
                                   const Visibility& visibility);

}  // namespace probity::form
