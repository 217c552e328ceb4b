#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "feature/survey/services.hpp"
#include "form/answers.hpp"
#include "form/wording.hpp"
#include "web/call.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Answers that have passed the questionnaire, about to be stored.
struct Submission {
  std::shared_ptr<const Published> published;
  std::int64_t version = 0;          ///< The version they were checked against.
  std::string answers_json;          ///< As form::Answers has it.
  std::string_view idempotency_key;  ///< Empty when there is none.
  std::string_view body;             ///< What the key came with; pages: their answers.
  bool is_page = false;              ///< Wants a closed survey told by Received, not as an error.
};

/// What is told to the respondent once the response is on disk.
struct Received {
  std::string receipt;
  bool is_replay = false;
  /// Pages only: the sentence that says why nothing was stored.
  std::optional<form::Phrase> declined;
};

/// The sentence that says why a survey that is not open takes no responses.
[[nodiscard]] form::Phrase why_closed(Opening opening);
/// SurveyClosed (410) with the reason in words.
[[nodiscard]] std::unexpected<Error> refuse_closed(Opening opening);

/// The hour in which the response of the receipt in the path arrived. NotFound when nothing is
/// stored under it.
[[nodiscard]] Result<Instant> stored_hour(Services& services, web::Call& call);

/// The Change that stores a submission: it checks the key, the survey's state and its cap, and
/// stores the response, all in one transaction; then `respond` builds the answer. Everything slow
/// (sealing, hashing) is done here, on the caller's worker.
[[nodiscard]] Result<web::Answer> prepare_submission(
    Services& services, web::Call& call, const Submission& submission,
    std::function<web::Response(const Received&)> respond);

/// The public routes for programs: the questionnaire, submitting, checking a receipt.
[[nodiscard]] std::vector<web::Route> submit_routes(Services& services);

}  // namespace probity::survey
