#include "feature/survey/changed.hpp"

#include "base/json_writer.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/stored_logo.hpp"
#include "feature/survey/survey_json.hpp"
#include "identity/settings.hpp"

namespace probity::survey {

using web::Call;
using web::Response;

Response survey_response(int status, const Outcome& outcome) {
  JsonWriter json;
  SurveyExtras extras;
  extras.title = outcome.title;
  extras.warnings = outcome.warnings;
  extras.has_warnings = true;
  extras.token = outcome.token;
  if (outcome.pages) extras.pages = &*outcome.pages;
  extras.logo = outcome.logo;
  write_survey(json, outcome.survey, extras);
  Response response = web::json_response(status, std::move(json).text());
  response.with("etag", outcome.survey.etag());
  return response;
}

web::Prepared changed_survey(Services& services,
                             std::move_only_function<Result<store::Journal>(store::Tx&)> apply,
                             std::shared_ptr<const Outcome> outcome, store::Growth growth) {
  auto respond = [outcome = std::move(outcome), &services] {
    services.links.forget(outcome->survey.id);
    return survey_response(200, *outcome);
  };
  return {{survey_grant(), std::move(apply), {}, growth}, std::move(respond)};
}

Result<std::optional<Response>> refuse_stale(Call& call, const SurveyRecord& survey) {
  const auto checked = IfMatch(call.request()).check(survey.etag());
  if (checked) return std::optional<Response>();
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(newest, load_newest(*reader, *cipher, survey.id));
  PROBITY_TRY(title, open_title(*cipher, survey));
  PROBITY_TRY(pages, load_page_settings(*reader, *cipher, survey.id));
  PROBITY_TRY(logo, load_logo_facts(*reader, *cipher, survey.id));
  JsonWriter json;
  SurveyExtras extras;
  extras.title = title;
  extras.pages = &pages;
  extras.logo = logo;
  extras.questionnaire_json = newest.json;
  write_survey(json, survey, extras);
  Response response = web::problem_response(checked.error(), call.id(), {"current", json.text()});
  response.with("etag", survey.etag());
  return std::optional(std::move(response));
}

Result<bool> loss_takes_two(store::Reader& reader, const SurveyRecord& survey) {
  if (survey.accepted == survey.erased) return false;
  return identity::is_approval_required(reader);
}

}  // namespace probity::survey
