#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "form/questionnaire.hpp"
#include "form/wording.hpp"

/// Inside of validate_answers: one answer against one question, without regard to the others.
namespace probity::form {

/// One thing wrong with one answer.
struct Issue {
  Phrase phrase = Phrase::NotText;
  std::string first;  ///< Arguments of the phrase: limits, or texts of the author.
  std::string second;
  std::string part;                   ///< Row or item, empty for the whole answer.
  const LocalText* custom = nullptr;  ///< The author's message, when there is one.
};

using Issues = std::vector<Issue>;

/// The answer in its stored form. Nothing when it is wrong (then `issues` says why).
[[nodiscard]] std::optional<Value> stored_form(const Question& question, const Value& answer,
                                               std::string_view locale, Issues& issues);

/// Checks a comment beside an answer.
void check_comment(const Question& question, const Value& comment, Issues& issues);

/// Runs the validators that need nothing but the value itself.
void check_validators(const std::vector<Validator>& validators, const Value& value,
                      std::string_view part, Issues& issues);

/// Length in UTF-16 code units, as browsers count.
[[nodiscard]] std::size_t utf16_length(std::string_view text);

/// One local part, one @, a domain of labels; at most 254 bytes (RFC 5321 section 4.5.3.1).
[[nodiscard]] bool is_email(std::string_view text);

}  // namespace probity::form
