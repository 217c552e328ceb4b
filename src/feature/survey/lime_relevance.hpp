#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace probity::survey {

/// What a condition needs to know of a question it names.
struct LimeAsked {
  std::string code;
  char type = 'T';  ///< LimeSurvey's letter.
};

/// Questions a condition may name, by code and by number (qid).
struct LimeNames {
  std::map<std::string, LimeAsked, std::less<>> by_code;
  std::map<std::string, std::string, std::less<>> code_by_qid;
};

/// A relevance equation as a SurveyJS expression; an empty one when it is always true. Nothing when
/// it uses more than comparisons, `and`, `or`, `!`, parentheses and is_empty, or names what is not
/// imported.
[[nodiscard]] std::optional<std::string> translate_relevance(std::string_view equation,
                                                             const LimeNames& names);

}  // namespace probity::survey
