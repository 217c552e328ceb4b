#include "feature/survey/versions.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/survey.hpp"
#include "form/differences.hpp"
#include "sql/survey.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;
using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

/// What every answer says of a version, inside an object that is open.
void write_version(JsonWriter& json, const SurveyRecord& survey, std::int64_t version,
                   const std::optional<Instant>& published_at) {
  json.field("version", version);
  json.field("is_draft", !published_at.has_value());
  json.field("is_current", version == survey.version);
  json.key("published_at");
  published_at ? json.value(to_rfc3339(*published_at)) : json.null();
}

Result<Answer> list_versions(Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(after, after_number(call.request()));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  struct Item {
    std::int64_t version;
    std::optional<Instant> published_at;
  };
  PROBITY_TRY(items, reader->all(q::versions, {call.tenant(), id, after, limit + 1},
                                 [](const store::Row& row) {
                                   return Item{row.integer(0), row.maybe_instant(1)};
                                 }));
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  const std::size_t shown = std::min(items.size(), static_cast<std::size_t>(limit));
  for (std::size_t i = 0; i < shown; ++i) {
    json.begin_object();
    write_version(json, survey, items[i].version, items[i].published_at);
    json.end_object();
  }
  json.end_array();
  json.key("next");
  items.size() > shown ? json.value(fmt::to_string(items[shown - 1].version)) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

/// A version named in the path; NotFound when it is no number, as for one that does not exist.
Result<LoadedVersion> version_in_path(Call& call, std::string_view name, const SurveyId& id) {
  const auto number = parse_int(call.path_value(name));
  if (!number || *number < 1) return fail(Code::NotFound, "no such version");
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  return load_version(*reader, *cipher, id, *number);
}

Result<Answer> get_version(Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(version, version_in_path(call, "n", id));
  JsonWriter json;
  json.begin_object();
  write_version(json, survey, version.version, version.published_at);
  json.key("questionnaire");
  json.raw(version.json);
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> get_differences(Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(reader, call.read());
  PROBITY_CHECK(load_survey(*reader, id));
  PROBITY_TRY(before, version_in_path(call, "a", id));
  PROBITY_TRY(after, version_in_path(call, "b", id));
  PROBITY_TRY(differences, form::compare_questionnaires(before.json, after.json));
  JsonWriter json;
  form::write_differences(json, differences);
  return web::json_response(200, std::move(json).text());
}

constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","required":["version","is_draft","is_current","published_at"],)"
    R"("properties":{"version":{"type":"integer"},"is_draft":{"type":"boolean"},)"
    R"("is_current":{"type":"boolean"},"published_at":{"type":["string","null"]}}}},)"
    R"("next":{"type":["string","null"]}}})";
constexpr std::string_view k_version_schema =
    R"({"type":"object","required":["version","questionnaire"],"properties":{)"
    R"("version":{"type":"integer"},"is_draft":{"type":"boolean"},)"
    R"("is_current":{"type":"boolean"},"published_at":{"type":["string","null"]},)"
    R"("questionnaire":{"type":"object"}}})";
constexpr std::string_view k_differences_schema =
    R"({"type":"object","required":["survey","added","removed","moved","changed"],)"
    R"("properties":{"survey":{"type":"array","items":{"type":"object","properties":{)"
    R"("member":{"type":"string"},"before":{},"after":{},"words":{"type":"string"}}}},)"
    R"("added":{"type":"array","items":{"type":"object"}},)"
    R"("removed":{"type":"array","items":{"type":"object"}},)"
    R"("moved":{"type":"array","items":{"type":"object"}},)"
    R"("changed":{"type":"array","items":{"type":"object"}}}})";

}  // namespace

std::vector<web::Route> version_routes() {
  const auto read = Access::require(Permission::SurveysRead);
  std::vector<web::Route> routes;
  routes.emplace_back(
      Method::Get, "/api/v1/surveys/{id}/versions", read, web::Limits{},
      web::RouteDoc{"List the versions of a survey", {}, k_list_schema, 200, {"after", "limit"}},
      list_versions);
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/versions/{n}", read, web::Limits{},
                      web::RouteDoc{"The questionnaire of a version", {}, k_version_schema},
                      get_version);
  routes.emplace_back(
      Method::Get, "/api/v1/surveys/{id}/versions/{a}/differences/{b}", read, web::Limits{},
      web::RouteDoc{"What version b asks otherwise than version a", {}, k_differences_schema},
      get_differences);
  return routes;
}

}  // namespace probity::survey
