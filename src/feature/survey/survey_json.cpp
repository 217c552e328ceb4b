#include "feature/survey/survey_json.hpp"

#include "feature/survey/stored_logo.hpp"

namespace probity::survey {
namespace {

void write_instant(JsonWriter& json, std::string_view name, const std::optional<Instant>& at) {
  json.key(name);
  at ? json.value(to_rfc3339(*at)) : json.null();
}

}  // namespace

void write_warnings(JsonWriter& json, std::span<const form::Warning> warnings) {
  json.begin_array();
  for (const form::Warning& warning : warnings) {
    json.begin_object();
    json.field("path", warning.path);
    json.field("reason", warning.reason);
    json.end_object();
  }
  json.end_array();
}

void write_survey(JsonWriter& json, const SurveyRecord& survey, const SurveyExtras& extras) {
  json.begin_object();
  json.field("id", survey.id.text());
  json.field("title", extras.title);
  json.field("mode", text_of(survey.mode));
  json.field("status", text_of(survey.status));
  json.field("version", survey.newest_version);
  json.key("published_version");
  survey.version > 0 ? json.value(survey.version) : json.null();
  json.field("responses", survey.stored());
  write_instant(json, "opens_at", survey.opens_at);
  write_instant(json, "closes_at", survey.closes_at);
  json.field("response_cap", survey.response_cap);
  json.field("retention_days", survey.retention_days);
  json.field("created_at", to_rfc3339(survey.created_at));
  json.field("updated_at", to_rfc3339(survey.updated_at));
  json.field("updated_by", survey.updated_by);
  if (extras.pages != nullptr) {
    json.key("pages");
    write_page_settings(json, *extras.pages);
    json.key("logo");
    extras.logo ? write_logo(json, survey.id, *extras.logo) : json.null();
  }
  if (extras.token) json.field("token", *extras.token);
  if (extras.has_warnings) {
    json.key("warnings");
    write_warnings(json, extras.warnings);
  }
  if (!extras.questionnaire_json.empty()) {
    json.key("questionnaire");
    json.raw(extras.questionnaire_json);
  }
  json.end_object();
}

}  // namespace probity::survey
