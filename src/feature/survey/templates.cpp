#include "feature/survey/templates.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/json_writer.hpp"
#include "embedded/template_ces_json.hpp"
#include "embedded/template_csat_json.hpp"
#include "embedded/template_meeting_json.hpp"
#include "embedded/template_nps_json.hpp"
#include "embedded/template_project_json.hpp"
#include "embedded/template_pulse_json.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

/// Texts by language of the gallery, with the first as the one others fall back to.
form::LocalText texts_of(const form::Value* member) {
  form::LocalText out;
  if (member == nullptr || member->members() == nullptr) return out;
  for (const form::Member& one : *member->members())
    if (const std::string* text = one.value.text())
      out.add(one.name == "en" ? "" : one.name, *text);
  return out;
}

/// One of our files; a test reads them all, so a fault in one cannot reach a release.
Result<Template> read_template(std::string_view json) {
  PROBITY_TRY(value,
              form::parse_value(json, {form::k_document_max_bytes, form::k_document_depth_max}));
  const form::Value* id = value.find("id");
  const form::Value* minutes = value.find("minutes");
  const form::Value* questionnaire = value.find("questionnaire");
  if (id == nullptr || id->text() == nullptr || minutes == nullptr ||
      minutes->number() == nullptr || questionnaire == nullptr)
    return fail(Code::Internal, "a template lacks id, minutes or questionnaire");
  Template out;
  out.id = *id->text();
  out.minutes = std::lround(*minutes->number());
  out.title = texts_of(value.find("title"));
  out.description = texts_of(value.find("description"));
  form::append_value(out.questionnaire_json, *questionnaire);
  PROBITY_TRY(parsed, form::parse_questionnaire(out.questionnaire_json));
  out.languages = parsed.questionnaire.locales;
  out.questions = static_cast<std::size_t>(std::ranges::count_if(
      parsed.questionnaire.questions, [](const form::Question& q) { return q.is_answerable(); }));
  return out;
}

std::vector<Template> read_templates() {
  std::vector<Template> out;
  for (const std::string_view json :
       {embedded::template_nps_json, embedded::template_csat_json, embedded::template_ces_json,
        embedded::template_project_json, embedded::template_meeting_json,
        embedded::template_pulse_json}) {
    if (auto read = read_template(json)) out.push_back(std::move(*read));
  }
  return out;
}

void write_texts(JsonWriter& json, std::string_view name, const Template& one,
                 const form::LocalText& texts) {
  json.key(name);
  json.begin_object();
  for (const std::string& language : one.languages)
    json.field(language, texts.in(language));
  json.end_object();
}

/// The members of a template but its questionnaire, inside an object that is open.
void write_head(JsonWriter& json, const Template& one) {
  json.field("id", one.id);
  write_texts(json, "title", one, one.title);
  write_texts(json, "description", one, one.description);
  json.key("languages");
  json.begin_array();
  for (const std::string& language : one.languages)
    json.value(language);
  json.end_array();
  json.field("questions", one.questions);
  json.field("minutes", one.minutes);
}

Result<Answer> list_templates(Call&) {
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const Template& one : templates()) {
    json.begin_object();
    write_head(json, one);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> get_template(Call& call) {
  const Template* one = find_template(call.path_value("id"));
  if (one == nullptr) return fail(Code::NotFound, "no such template");
  JsonWriter json;
  json.begin_object();
  write_head(json, *one);
  json.key("questionnaire");
  json.raw(one->questionnaire_json);
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items"],"properties":{"items":{"type":"array","items":)"
    R"({"type":"object","required":["id","title","description","languages","questions",)"
    R"("minutes"],"properties":{"id":{"type":"string"},"title":{"type":"object"},)"
    R"("description":{"type":"object"},"languages":{"type":"array","items":{"type":"string"}},)"
    R"("questions":{"type":"integer"},"minutes":{"type":"integer"}}}}}})";
constexpr std::string_view k_template_schema =
    R"({"type":"object","required":["id","title","description","languages","questions",)"
    R"("minutes","questionnaire"],"properties":{"id":{"type":"string"},)"
    R"("title":{"type":"object"},"description":{"type":"object"},"languages":{"type":"array",)"
    R"("items":{"type":"string"}},"questions":{"type":"integer"},"minutes":{"type":"integer"},)"
    R"("questionnaire":{"type":"object"}}})";

}  // namespace

std::span<const Template> templates() {
  static const std::vector<Template> all = read_templates();
  return all;
}

const Template* find_template(std::string_view id) {
  const auto all = templates();
  const auto found = std::ranges::find(all, id, &Template::id);
  return found == all.end() ? nullptr : &*found;
}

std::vector<web::Route> template_routes() {
  const auto read = Access::require(Permission::SurveysRead);
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Get, "/api/v1/templates", read, web::Limits{},
                      web::RouteDoc{"List the questionnaires to begin with", {}, k_list_schema},
                      list_templates);
  web::RouteDoc one{"Read a questionnaire to begin with", {}, k_template_schema};
  one.objects = web::Objects::Common;
  routes.emplace_back(Method::Get, "/api/v1/templates/{id}", read, web::Limits{}, std::move(one),
                      get_template);
  return routes;
}

}  // namespace probity::survey
