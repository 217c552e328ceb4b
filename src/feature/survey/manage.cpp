#include "feature/survey/manage.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "approval/approval.hpp"
#include "base/text.hpp"
#include "feature/survey/changed.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/quota.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/revision.hpp"
#include "feature/survey/stored_link.hpp"
#include "feature/survey/stored_logo.hpp"
#include "feature/survey/survey_json.hpp"
#include "feature/survey/templates.hpp"
#include "form/limits.hpp"
#include "form/questionnaire.hpp"
#include "form/value.hpp"
#include "identity/principal.hpp"
#include "sql/survey.hpp"
#include "web/body.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;
using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Response;
using web::Route;

/// What is asked of a survey when it is created or changed.
struct Draft {
  std::string json;
  std::string title;
  std::vector<form::Warning> warnings;
};

Result<Draft> draft_from(std::string json) {
  PROBITY_TRY(parsed, form::parse_questionnaire(json));
  Draft draft;
  draft.json = std::move(json);
  draft.title = trim(parsed.questionnaire.title.text());
  if (draft.title.empty()) draft.title = "Untitled survey";
  draft.warnings = std::move(parsed.warnings);
  return draft;
}

Result<Draft> draft_of(Call& call) {
  PROBITY_CHECK(require_json(call.request()));
  return draft_from(call.request().body);
}

/// The draft a survey begins with: the body, or the template that is named instead of one.
Result<Draft> first_draft_of(Call& call) {
  const auto name = call.request().param("template");
  if (!name) return draft_of(call);
  if (!call.request().body.empty()) {
    return refuse_field(Code::BadRequest, "template",
                        "Name a template or send a questionnaire, not both.");
  }
  const Template* chosen = find_template(*name);
  if (chosen == nullptr) {
    return refuse_field(Code::BadRequest, "template",
                        "There is none of that name; GET /api/v1/templates lists them.");
  }
  return draft_from(chosen->questionnaire_json);
}

Result<Mode> mode_of(const web::Request& request) {
  const auto text = request.param("mode");
  if (!text) return Mode::Anonymous;
  if (const auto mode = parse_mode(*text)) return *mode;
  return refuse_field(Code::BadRequest, "mode", "One of anonymous, confidential, identified.");
}

/// A survey about to be made.
struct Creation {
  Draft draft;
  Mode mode = Mode::Anonymous;
  std::optional<std::int64_t> retention_days;
  std::optional<std::int64_t> response_cap;
  PageSettings pages;
  std::optional<Logo> logo;
  std::string audit_detail;  ///< JSON; may be empty.
};

/// What a creation stores of the member's own.
std::vector<StoredPiece> pieces_of(const SurveyId& id, const Creation& creation) {
  std::vector<StoredPiece> pieces{{id, StoredKind::Questionnaire, 1, creation.draft.json.size()}};
  if (creation.logo) pieces.push_back({id, StoredKind::Logo, 1, creation.logo->bytes.size()});
  return pieces;
}

Result<Answer> prepare_creation(const Services& services, Call& call, Creation creation) {
  PROBITY_TRY(cipher, call.cipher());
  const SurveyId id = SurveyId::make(call.now());
  PROBITY_TRY(title, seal_title(*cipher, id, creation.draft.title));
  PROBITY_TRY(sealed, seal_questionnaire(*cipher, id, 1, creation.draft.json));
  PROBITY_TRY(entry, call.entry("survey.create", id.text(), creation.audit_detail));
  auto outcome = std::make_shared<Outcome>();
  outcome->title = creation.draft.title;
  outcome->warnings = std::move(creation.draft.warnings);
  outcome->pages = std::move(creation.pages);
  std::optional<SealedLogo> sealed_logo;
  if (creation.logo) {
    PROBITY_TRY(picture, seal_logo(*cipher, id, *creation.logo));
    sealed_logo = std::move(picture);
    outcome->logo = creation.logo->facts;
  }
  auto apply = [=, by = Editor(call), storer = Storer(services, call),
                pieces = pieces_of(id, creation), mode = creation.mode, cap = creation.response_cap,
                retention = creation.retention_days](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(take_room(tx, storer, pieces));
    const TenantId tenant = tx.space().tenant();
    const std::optional<Instant> never;
    PROBITY_CHECK(tx.run(q::insert_survey, {tenant, id, static_cast<int>(mode), 0, by.now, title}));
    PROBITY_CHECK(tx.run(q::set_editor, {tenant, id, by.actor}));
    PROBITY_CHECK(tx.run(q::insert_gate, {tenant, id, static_cast<int>(Status::Draft), 0}));
    PROBITY_CHECK(tx.run(q::put_draft, {tenant, id, 1, sealed}));
    if (retention) PROBITY_CHECK(tx.run(q::set_retention, {tenant, id, retention}));
    if (cap) PROBITY_CHECK(tx.run(q::set_window, {tenant, id, never, never, cap}));
    if (*outcome->pages != PageSettings())
      PROBITY_CHECK(store_page_settings(tx, *cipher, id, *outcome->pages));
    if (sealed_logo) PROBITY_CHECK(store_logo(tx, id, *sealed_logo));
    PROBITY_TRY(survey, load_survey(tx, id));
    outcome->survey = survey;
    return store::Journal{entry};
  };
  auto respond = [outcome] {
    Response response = survey_response(201, *outcome);
    response.with("location", fmt::format("/api/v1/surveys/{}", outcome->survey.id.text()));
    return response;
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Grows},
                       std::move(respond)};
}

Result<Answer> create_survey(Services& services, Call& call) {
  Creation creation;
  PROBITY_TRY(mode, mode_of(call.request()));
  creation.mode = mode;
  PROBITY_TRY(draft, first_draft_of(call));
  creation.draft = std::move(draft);
  return prepare_creation(services, call, std::move(creation));
}

/// The mark of a copy in its title; says the same in every language.
constexpr std::string_view k_copy_mark = " (2)";

/// The document with the mark in every language of its title. A title that has no room is left.
Result<std::string> with_copy_mark(const std::string& json) {
  PROBITY_TRY(document,
              form::parse_value(json, {form::k_document_max_bytes, form::k_document_depth_max}));
  const form::Value* found = document.find("title");
  if (found == nullptr) return json;
  form::Value title = *found;
  const auto mark = [](form::Value& value) {
    const std::string* text = value.text();
    if (text == nullptr || text->size() + k_copy_mark.size() > form::k_title_max_bytes) return;
    value = form::Value(*text + std::string(k_copy_mark));
  };
  mark(title);
  if (form::Value::Members* languages = title.members()) {
    for (form::Member& language : *languages)
      mark(language.value);
  }
  document.set("title", std::move(title));
  std::string out;
  form::append_value(out, document);
  return out;
}

/// A draft of its own with the newest questionnaire: no link, no responses, no dates.
Result<Answer> duplicate_survey(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(newest, load_newest(*reader, *cipher, id));
  PROBITY_TRY(json, with_copy_mark(newest.json));
  // What is escaped in writing could pass the bound of a document that was just below it.
  PROBITY_TRY(draft, draft_from(json.size() <= form::k_document_max_bytes ? json : newest.json));
  Creation creation;
  creation.draft = std::move(draft);
  creation.mode = survey.mode;
  creation.retention_days = survey.retention_days;
  creation.response_cap = survey.response_cap;
  PROBITY_TRY(pages, load_page_settings(*reader, *cipher, id));
  creation.pages = std::move(pages);
  PROBITY_TRY(logo, load_logo(*reader, *cipher, id));
  creation.logo = std::move(logo);
  creation.audit_detail = fmt::format(R"({{"copy_of":"{}"}})", id.text());
  return prepare_creation(services, call, std::move(creation));
}

Result<Answer> list_surveys(Services&, Call& call) {
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(after, call.after_id<SurveyId>());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(surveys, reader->all(q::surveys, {call.tenant(), after, limit + 1}, survey_of));
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  const std::size_t shown = std::min(surveys.size(), static_cast<std::size_t>(limit));
  for (std::size_t i = 0; i < shown; ++i) {
    PROBITY_TRY(title, open_title(*cipher, surveys[i]));
    SurveyExtras extras;
    extras.title = title;
    write_survey(json, surveys[i], extras);
  }
  json.end_array();
  json.key("next");
  surveys.size() > shown ? json.value(surveys[shown - 1].id.text()) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> get_survey(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(wanted, maybe_version(call.request()));
  PROBITY_TRY(version, load_version(*reader, *cipher, id, wanted.value_or(survey.newest_version)));
  PROBITY_TRY(title, open_title(*cipher, survey));
  PROBITY_TRY(token, load_link(*reader, *cipher, id));
  PROBITY_TRY(pages, load_page_settings(*reader, *cipher, id));
  PROBITY_TRY(logo, load_logo_facts(*reader, *cipher, id));
  JsonWriter json;
  SurveyExtras extras;
  extras.pages = &pages;
  extras.logo = logo;
  extras.title = title;
  extras.token = token;
  extras.questionnaire_json = version.json;
  write_survey(json, survey, extras);
  Response response = web::json_response(200, std::move(json).text());
  response.with("etag", survey.etag());
  return response;
}

Result<Answer> put_survey(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(draft, draft_of(call));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(before, load_survey(*reader, id));
  PROBITY_TRY(stale, refuse_stale(call, before));
  if (stale) return std::move(*stale);
  const std::int64_t version = before.version + 1;
  PROBITY_TRY(title, seal_title(*cipher, id, draft.title));
  PROBITY_TRY(sealed, seal_questionnaire(*cipher, id, version, draft.json));
  PROBITY_TRY(entry, call.entry("survey.update", id.text()));
  auto outcome = std::make_shared<Outcome>();
  outcome->title = draft.title;
  outcome->warnings = std::move(draft.warnings);
  const StoredPiece piece{id, StoredKind::Questionnaire, version, draft.json.size()};
  auto apply = [=, by = Editor(call), storer = Storer(services, call),
                condition = IfMatch(call.request())](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(survey, load_for_change(tx, id, condition));
    // The draft was sealed for the version that follows the one then published.
    if (survey.version + 1 != version) return fail(Code::PreconditionFailed);
    PROBITY_CHECK(take_room(tx, storer, piece));
    PROBITY_CHECK(tx.run(q::put_draft, {tx.space().tenant(), id, version, sealed}));
    PROBITY_CHECK(tx.run(q::set_title, {tx.space().tenant(), id, title}));
    PROBITY_CHECK(touch(tx, survey, by));
    PROBITY_TRY(after, load_survey(tx, id));
    outcome->survey = after;
    return store::Journal{entry};
  };
  return changed_survey(services, std::move(apply), outcome);
}

constexpr std::string_view k_delete_action = "survey.delete";

Result<web::Prepared> prepare_deletion(Services& services, Call& call, const SurveyId& id,
                                       Approved approved) {
  PROBITY_TRY(entry, call.entry("survey.delete", id.text()));
  auto apply = [=, by = Editor(call),
                condition = IfMatch(call.request())](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(survey, load_for_change(tx, id, condition));
    if (approved == Approved::No) {
      // Somebody may have answered, or asked for two people, since the handler looked.
      PROBITY_TRY(takes_two, loss_takes_two(tx, survey));
      if (takes_two)
        return refuse(Code::Conflict, "Responses came in, or two people decide now: ask again.");
    }
    PROBITY_CHECK(touch(tx, survey, by));
    // From here on it is unknown to every route; the sweep removes the rows in slices.
    PROBITY_CHECK(
        tx.run(q::set_status, {tx.space().tenant(), id, static_cast<int>(Status::Deleted)}));
    PROBITY_CHECK(give_back_room(tx, id));
    return store::Journal{entry};
  };
  auto respond = [id, tenant = call.tenant(), &services] {
    services.links.forget(id);
    services.to_sweep.add(tenant);
    return web::empty_response(204);
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Essential},
                       std::move(respond)};
}

Result<Answer> delete_survey(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(is_required, loss_takes_two(*reader, survey));
  if (is_required) {
    PROBITY_CHECK(IfMatch(call.request()).check(survey.etag()));
    return approval::ask(call, {k_delete_action, id.text(), {}});
  }
  PROBITY_TRY(prepared, prepare_deletion(services, call, id, Approved::No));
  return std::move(prepared);
}

/// A link made beforehand, in case the survey has none yet.
struct NewLink {
  std::string text;
  std::array<std::uint8_t, 32> hash{};
  Bytes sealed;
};

Result<NewLink> make_link(Call& call, const SurveyId& id, const crypto::Cipher& cipher) {
  const LinkToken token = LinkToken::make(call.tenant());
  NewLink link;
  link.text = token.text();
  PROBITY_TRY(hash, token.hash(cipher));
  link.hash = hash;
  PROBITY_TRY(sealed, cipher.seal(k_link_purpose, id.bytes(), as_bytes(link.text)));
  link.sealed = std::move(sealed);
  return link;
}

Result<void> check_publishable(const std::string& json) {
  PROBITY_TRY(questionnaire, parse_stored(json));
  for (const form::Question& question : questionnaire->questions)
    if (question.is_answerable()) return {};
  return refuse(Code::Conflict, "The survey asks nothing yet: add a question before publishing.");
}

/// Publishes the draft if there is one, opens the survey, and gives it a link if it has none.
/// False when nothing had to be done.
Result<bool> publish_in(store::Tx& tx, const SurveyRecord& survey, const NewLink& link,
                        const Editor& by) {
  const TenantId tenant = tx.space().tenant();
  PROBITY_TRY(known,
              tx.first(q::link_of, {tenant, survey.id}, [](const store::Row&) { return true; }));
  const bool has_draft = survey.newest_version != survey.version;
  if (known && !has_draft && survey.status == Status::Open) return false;
  if (has_draft) {
    PROBITY_CHECK(tx.run(q::publish_version, {tenant, survey.id, survey.newest_version, by.now}));
    PROBITY_CHECK(tx.run(q::set_version, {tenant, survey.id, survey.newest_version}));
  }
  if (!known)
    PROBITY_CHECK(tx.run(q::insert_link, {tenant, link.hash, survey.id, by.now, link.sealed}));
  PROBITY_CHECK(tx.run(q::set_status, {tenant, survey.id, static_cast<int>(Status::Open)}));
  PROBITY_CHECK(touch(tx, survey, by));
  return true;
}

Response published_response(const SurveyRecord& survey, const std::string& token) {
  JsonWriter json;
  json.begin_object();
  json.field("token", token);
  json.field("path", fmt::format("/s/{}", token));
  json.field("id", survey.id.text());
  json.field("status", text_of(survey.status));
  json.field("version", survey.version);
  json.end_object();
  Response response = web::json_response(200, std::move(json).text());
  response.with("etag", survey.etag());
  return response;
}

Result<Answer> publish_survey(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(before, load_survey(*reader, id));
  PROBITY_TRY(stale, refuse_stale(call, before));
  if (stale) return std::move(*stale);
  PROBITY_TRY(newest, load_newest(*reader, *cipher, id));
  PROBITY_CHECK(check_publishable(newest.json));
  PROBITY_TRY(link, make_link(call, id, *cipher));
  PROBITY_TRY(known, load_link(*reader, *cipher, id));
  PROBITY_TRY(entry, call.entry("survey.publish", id.text()));
  auto outcome = std::make_shared<Outcome>();
  outcome->token = known.value_or(link.text);
  auto apply = [=, by = Editor(call), had_link = known.has_value(),
                condition = IfMatch(call.request())](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(survey, load_for_change(tx, id, condition));
    if (!had_link) {
      // Two first publications at once: the later one is told to ask again and gets the same link.
      PROBITY_TRY(other, tx.first(q::link_of, {tx.space().tenant(), id},
                                  [](const store::Row&) { return true; }));
      if (other) return refuse(Code::Conflict, "It was published just now. Ask again.");
    }
    PROBITY_TRY(has_changed, publish_in(tx, survey, link, by));
    PROBITY_TRY(after, load_survey(tx, id));
    outcome->survey = after;
    return has_changed ? store::Journal{entry} : store::Journal{};
  };
  auto respond = [outcome, &services] {
    services.links.forget(outcome->survey.id);
    return published_response(outcome->survey, *outcome->token);
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Grows},
                       std::move(respond)};
}

Result<Answer> move_to(Services& services, Call& call, Status wanted) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(before, load_survey(*reader, id));
  auto outcome = std::make_shared<Outcome>();
  PROBITY_TRY(title, open_title(*cipher, before));
  outcome->title = title;
  const bool closes = wanted == Status::Closed;
  PROBITY_TRY(entry, call.entry(closes ? "survey.close" : "survey.reopen", id.text()));
  auto apply = [=, by = Editor(call),
                condition = IfMatch(call.request())](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(survey, load_for_change(tx, id, condition));
    if (survey.version == 0 || survey.status == Status::Draft)
      return refuse(Code::Conflict, "The survey is not published yet.");
    outcome->survey = survey;
    if (survey.status == wanted) return store::Journal{};
    PROBITY_CHECK(tx.run(q::set_status, {tx.space().tenant(), id, static_cast<int>(wanted)}));
    PROBITY_CHECK(touch(tx, survey, by));
    PROBITY_TRY(after, load_survey(tx, id));
    outcome->survey = after;
    return store::Journal{entry};
  };
  // Closing must work on a full disk too.
  const auto growth = closes ? store::Growth::Essential : store::Growth::Grows;
  return changed_survey(services, std::move(apply), outcome, growth);
}

Result<web::Prepared> prepare_approved_deletion(Services& services, Call& call,
                                                const module::Wish& wish) {
  const auto id = SurveyId::parse(wish.object);
  if (!id) return fail(Code::Internal, "a wish to delete nothing");
  return prepare_deletion(services, call, *id, Approved::Yes);
}

constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"$ref":"#/paths/~1api~1v1~1surveys~1{id}/get/responses/200/content/)"
    R"(application~1json/schema"}},"next":{"type":["string","null"]}}})";
constexpr std::string_view k_publish_schema =
    R"({"type":"object","required":["token","path","id","status","version"],)"
    R"("properties":{"token":{"type":"string"},"path":{"type":"string"},)"
    R"("id":{"type":"string"},"status":{"type":"string"},"version":{"type":"integer"}}})";
constexpr std::string_view k_any_object = R"({"type":"object"})";

}  // namespace

module::Approvable approvable_deletion(Services& services) {
  return {k_delete_action, Permission::SurveysEdit,
          [&services](Call& call, const module::Wish& wish) {
            return prepare_approved_deletion(services, call, wish);
          }};
}

std::vector<Route> manage_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) { return function(services, call); };
  };
  const web::Limits questionnaire{.body_max_bytes = form::k_document_max_bytes};
  const auto edit = Access::require(Permission::SurveysEdit);
  const auto read = Access::require(Permission::SurveysRead);
  std::vector<Route> routes;
  routes.emplace_back(Method::Post, "/api/v1/surveys", edit, questionnaire,
                      web::RouteDoc{"Create a survey from a questionnaire, or from a template",
                                    k_any_object,
                                    k_survey_schema,
                                    201,
                                    {"mode", "template"}},
                      bind(create_survey));
  routes.emplace_back(Method::Get, "/api/v1/surveys", read, web::Limits{},
                      web::RouteDoc{"List surveys", {}, k_list_schema, 200, {"after", "limit"}},
                      bind(list_surveys));
  routes.emplace_back(
      Method::Get, "/api/v1/surveys/{id}", read, web::Limits{},
      web::RouteDoc{"Read a survey and its questionnaire", {}, k_survey_schema, 200, {"version"}},
      bind(get_survey));
  routes.emplace_back(
      Method::Put, "/api/v1/surveys/{id}", edit, questionnaire,
      web::RouteDoc{"Replace the questionnaire of the draft", k_any_object, k_survey_schema},
      bind(put_survey));
  web::RouteDoc deletion{"Delete a survey with its responses", {}, {}, 204};
  deletion.waiting_schema = approval::k_asked_schema;
  routes.emplace_back(Method::Delete, "/api/v1/surveys/{id}", edit, web::Limits{}, deletion,
                      bind(delete_survey));
  routes.emplace_back(Method::Post, "/api/v1/surveys/{id}/publish", edit, web::Limits{},
                      web::RouteDoc{"Publish the draft and open the survey", {}, k_publish_schema},
                      bind(publish_survey));
  routes.emplace_back(Method::Post, "/api/v1/surveys/{id}/close", edit, web::Limits{},
                      web::RouteDoc{"Take no more responses", {}, k_survey_schema},
                      bind([](Services& s, Call& c) { return move_to(s, c, Status::Closed); }));
  routes.emplace_back(Method::Post, "/api/v1/surveys/{id}/reopen", edit, web::Limits{},
                      web::RouteDoc{"Take responses again", {}, k_survey_schema},
                      bind([](Services& s, Call& c) { return move_to(s, c, Status::Open); }));
  routes.emplace_back(
      Method::Post, "/api/v1/surveys/{id}/duplicate", edit, web::Limits{},
      web::RouteDoc{"Make a draft with the same questionnaire", {}, k_survey_schema, 201},
      bind(duplicate_survey));
  return routes;
}

}  // namespace probity::survey
