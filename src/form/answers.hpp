#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "form/questionnaire.hpp"

namespace probity::form {

struct AnswerOptions {
  /// Language of the reasons; an author's own message is taken in this language too.
  std::string_view locale = "en";
  /// Only this page's questions must be answered; every given answer is checked all the same.
  std::optional<std::uint32_t> page;
};

/// Answers that may be stored.
struct Answers {
  /// Object of the accepted answers in the order of the questionnaire: choices by their declared
  /// value, blanks left out. What is stored, exported and counted.
  std::string json;
  Value value;
  /// Members that were valid but belong to hidden questions (or to an "other" not chosen). They
  /// are not in `json`: what a respondent was not asked is never stored.
  std::vector<std::string> dropped;
};

/// Checks a document `{"name": value, …}` against a questionnaire: SurveyJS's own form of answers.
/// Refused, all at once (at most k_answer_errors_max), each with field "/answers/NAME" and a reason
/// that names rule and limit: members that are no question (UnknownField if nothing else is wrong),
/// wrong types, unknown choices, values out of bounds, and missing answers to visible questions
/// (InvalidAnswers). Hidden questions' answers are checked and then dropped. BadRequest or
/// LimitExceeded when the text is no JSON object or breaks k_answers_max_bytes. Threads: any.
[[nodiscard]] Result<Answers> validate_answers(const Questionnaire& questionnaire,
                                               std::string_view json,
                                               const AnswerOptions& options = {});
[[nodiscard]] Result<Answers> validate_answers(const Questionnaire& questionnaire,
                                               const Value& answers,
                                               const AnswerOptions& options = {});

/// Whether nothing is answered where something was asked. Such a sheet is no response; a
/// questionnaire of texts alone has nothing to answer and is complete as it is.
[[nodiscard]] bool is_blank_sheet(const Questionnaire& questionnaire, const Answers& answers);

}  // namespace probity::form
