#pragma once

#include <string>

#include "base/instant.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/survey.hpp"
#include "store/tx.hpp"
#include "web/call.hpp"

namespace probity::survey {

/// Who changes a survey, and when.
struct Editor {
  explicit Editor(const web::Call& call);
  Instant now;
  std::string actor;
};

/// Loads the survey inside a Change. NotFound when there is none; PreconditionFailed when If-Match
/// names another state.
[[nodiscard]] Result<SurveyRecord> load_for_change(store::Tx& tx, const SurveyId& id,
                                                   const IfMatch& condition);

/// Moves the revision on. PreconditionFailed when another node moved it since it was read.
[[nodiscard]] Result<void> touch(store::Tx& tx, const SurveyRecord& survey, const Editor& by);

}  // namespace probity::survey
