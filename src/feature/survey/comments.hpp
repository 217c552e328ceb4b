#pragma once

#include <memory>
#include <string>
#include <vector>

#include "feature/survey/services.hpp"
#include "form/questionnaire.hpp"
#include "report/words.hpp"
#include "web/call.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Routes that read what was written into one question: the texts, searched and in pages, and the
/// words said most. Nothing is shown while fewer than the tenant's smallest group wrote, and no
/// word that fewer said (docs/decisions/031).
[[nodiscard]] std::vector<web::Route> comment_routes(Services& services);

/// A question that is answered with a text.
struct TextQuestion {
  SurveyId survey;
  std::string key;  ///< Member of the answers.
  std::shared_ptr<const form::Questionnaire> questionnaire;
  std::size_t limit = 0;  ///< Words at most.
};
/// The words said most in all responses, each by at least the tenant's smallest group; none when
/// fewer wrote anything. Reads every response.
[[nodiscard]] Result<std::vector<report::WordCount>> words_of(web::Call& call,
                                                              const TextQuestion& question);

}  // namespace probity::survey
