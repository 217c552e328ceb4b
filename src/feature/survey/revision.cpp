#include "feature/survey/revision.hpp"

#include <algorithm>

#include "identity/principal.hpp"
#include "sql/survey.hpp"

namespace probity::survey {

namespace q = sql::survey;

Editor::Editor(const web::Call& call)
    : now(call.now()), actor(identity::actor_of(call.principal())) {}

Result<SurveyRecord> load_for_change(store::Tx& tx, const SurveyId& id, const IfMatch& condition) {
  PROBITY_TRY(survey, load_survey(tx, id));
  PROBITY_CHECK(condition.check(survey.etag()));
  return std::move(survey);
}

Result<void> touch(store::Tx& tx, const SurveyRecord& survey, const Editor& by) {
  PROBITY_TRY(moved, tx.run(q::touch_survey, {tx.space().tenant(), survey.id, survey.revision,
                                              std::max(by.now, survey.updated_at), by.actor}));
  if (moved != 1) return fail(Code::PreconditionFailed, "the survey moved on");
  return {};
}

}  // namespace probity::survey
