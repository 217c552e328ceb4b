#include "feature/survey/submit.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "base/json_writer.hpp"
#include "feature/survey/intake.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/redo.hpp"
#include "feature/survey/request.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"
#include "identity/settings.hpp"
#include "sql/survey.hpp"
#include "web/address.hpp"

namespace probity::survey {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Response;
using web::Route;

/// Room for the members around the answers.
constexpr std::size_t k_envelope_bytes = 1024;

/// Everything the Change needs, made once and read by every run of it.
struct Prepared {
  std::shared_ptr<const NewResponse> response;
  Instant now;
  std::optional<IdempotencyKey> key;
  std::shared_ptr<const crypto::Cipher> cipher;
  store::JournalEntry entry;
  WaitingRoom::Place place;
  bool is_page = false;
  std::string receipt;  ///< Of the response.
  Received received;    ///< What the last run of the Change came to.
};

/// Why the gate did not let a response through.
Result<form::Phrase> why_declined(store::Tx& tx, const Prepared& prepared) {
  PROBITY_TRY(survey, load_survey(tx, prepared.response->survey));
  const Opening opening = opening_at(survey, prepared.now);
  if (opening == Opening::Open && survey.response_cap) return form::Phrase::Full;
  return why_closed(opening);
}

Result<void> answer_replay(Prepared& prepared, const ResponseId& before) {
  PROBITY_TRY(receipt, make_receipt(*prepared.cipher, prepared.response->survey, before));
  prepared.received = {receipt, true, {}};
  return {};
}

/// Not let in: a key that came before gets its receipt again all the same. Nothing is written, so a
/// page can be told why without rolling anything back.
Result<store::Journal> turn_away(Services& services, store::Tx& tx, Prepared& prepared) {
  if (prepared.key) {
    PROBITY_TRY(before, services.ledger.find(tx, *prepared.key, prepared.now));
    if (before) {
      PROBITY_CHECK(answer_replay(prepared, *before));
      return store::Journal{};
    }
  }
  PROBITY_TRY(why, why_declined(tx, prepared));
  if (!prepared.is_page) return refuse(Code::SurveyClosed, form::phrase("en", why));
  prepared.received = {{}, false, why};
  return store::Journal{};
}

/// A key that came before: its receipt again. A page that was sent before with other answers is
/// told so; a program gets the error.
Result<store::Journal> answer_known(Prepared& prepared, Result<std::optional<ResponseId>> before) {
  if (before) {
    PROBITY_CHECK(answer_replay(prepared, **before));
    return store::Journal{};
  }
  if (!prepared.is_page || before.error().code != Code::IdempotencyReused)
    return std::unexpected(std::move(before).error());
  prepared.received = {{}, false, form::Phrase::SentBefore};
  return store::Journal{};
}

/// The Change of one response: decided here, written with the others of its group.
Result<store::Journal> take_response(Services& services, store::Tx& tx, Prepared& prepared) {
  Intake& intake = Intake::of(tx, services.ledger);
  const NewResponse& response = *prepared.response;
  PROBITY_TRY(is_admitted, intake.admits(tx, response.survey, prepared.now));
  if (!is_admitted) return turn_away(services, tx, prepared);
  if (prepared.key) {
    auto before = intake.claim(tx, *prepared.key, response.id, prepared.now);
    if (!before || *before) return answer_known(prepared, std::move(before));
  }
  intake.take(prepared.response);
  prepared.received = {prepared.receipt, false, {}};
  return store::Journal{prepared.entry};
}

/// The anonymised address, sealed; nothing in anonymous surveys.
Result<std::optional<Bytes>> origin_of(Call& call, const Published& published,
                                       const crypto::Cipher& cipher, const ResponseId& id) {
  if (published.mode == Mode::Anonymous) return std::optional<Bytes>();
  PROBITY_TRY(reader, call.read_committed());
  PROBITY_TRY(settings, identity::load_settings(*reader, cipher));
  const web::Address kept = web::anonymise_address(call.request().peer, settings.address_format);
  PROBITY_TRY(sealed, cipher.seal(k_origin_purpose, id.bytes(), as_bytes(web::address_text(kept))));
  return std::optional(std::move(sealed));
}

Result<std::optional<IdempotencyKey>> key_of(Services& services, Call& call,
                                             const Submission& submission,
                                             const crypto::Cipher& cipher) {
  if (submission.idempotency_key.empty()) return std::optional<IdempotencyKey>();
  const std::string_view body =
      submission.is_page ? std::string_view(submission.answers_json) : submission.body;
  PROBITY_TRY(key, make_idempotency_key(cipher, submission.published->survey,
                                        submission.idempotency_key, body));
  if (!services.ledger.is_warm(call.tenant())) {
    PROBITY_TRY(reader, call.read_committed());
    PROBITY_CHECK(services.ledger.warm(*reader, call.now()));
  }
  return std::optional(key);
}

Result<store::JournalEntry> entry_of(Call& call, const Published& published, const ResponseId& id) {
  if (published.mode == Mode::Anonymous)
    return call.coarse_entry("response.submit", published.survey.text());
  return call.entry("response.submit", id.text());
}

/// The Idempotency-Key of the request: empty when there is none, LimitExceeded when it is no key.
Result<std::string_view> idempotency_header(const web::Request& request) {
  for (const web::NamedText& header : request.headers) {
    if (header.name != "idempotency-key") continue;
    if (is_idempotency_key(header.value)) return std::string_view(header.value);
    return refuse_field(
        Code::LimitExceeded, "Idempotency-Key",
        fmt::format("1 to {} visible ASCII characters without spaces.", k_idempotency_key_max));
  }
  return std::string_view();
}

/// `version` of a submission: the version its respondent was shown.
Result<std::int64_t> version_member(const form::Value* member, std::int64_t current) {
  if (member == nullptr) return current;
  const double* number = member->number();
  if (number != nullptr && *number >= 1 && *number <= static_cast<double>(current) &&
      std::trunc(*number) == *number)
    return static_cast<std::int64_t>(*number);
  return refuse_field(Code::InvalidAnswers, "/version",
                      fmt::format("A published version: a whole number from 1 to {}.", current));
}

/// The parts of a submitted document; the answers borrow from `body`.
struct Envelope {
  const form::Value* answers = nullptr;
  const form::Value* version = nullptr;
};

Result<Envelope> envelope_of(const form::Value& body) {
  if (body.members() == nullptr)
    return refuse(Code::BadRequest, "Send an object: {\"answers\": {…}}.");
  Error unknown{Code::UnknownField, {}, {}, {}, 0};
  Envelope envelope;
  for (const form::Member& member : *body.members()) {
    if (member.name == "answers")
      envelope.answers = &member.value;
    else if (member.name == "version")
      envelope.version = &member.value;
    else if (unknown.fields.size() < form::k_answer_errors_max)
      unknown.fields.push_back({"/" + member.name.substr(0, form::k_name_max_bytes),
                                "Only answers and version are taken here."});
  }
  if (!unknown.fields.empty()) return std::unexpected(std::move(unknown));
  if (envelope.answers == nullptr || envelope.answers->members() == nullptr)
    return refuse_field(Code::BadRequest, "/answers", "An object of answers by question name.");
  return envelope;
}

Response receipt_response(const Received& received) {
  JsonWriter json;
  json.begin_object();
  json.field("receipt", received.receipt);
  json.end_object();
  Response response = web::json_response(201, std::move(json).text());
  if (received.is_replay) response.with("idempotency-replayed", "true");
  return response;
}

Result<Answer> submit_response(Services& services, Call& call) {
  PROBITY_TRY(published, services.links.find(call, call.path_value("token")));
  const web::Request& request = call.request();
  PROBITY_TRY(key, idempotency_header(request));
  const Opening opening = published->opening(call.now());
  // A key may have come before the survey closed; only its Change knows.
  if (opening != Opening::Open && key.empty()) return refuse_closed(opening);
  PROBITY_CHECK(require_json(request));
  PROBITY_TRY(body, form::parse_value(request.body, {form::k_answers_max_bytes + k_envelope_bytes,
                                                     form::k_answers_depth_max + 1}));
  PROBITY_TRY(envelope, envelope_of(body));
  PROBITY_TRY(version, version_member(envelope.version, published->version));
  PROBITY_TRY(questionnaire, services.links.version_of(call, *published, version));
  PROBITY_TRY(answers, form::validate_answers(*questionnaire, *envelope.answers));
  if (!published->waiting->is_within_rate(published->pages.per_minute, monotonic_now())) {
    Error error{Code::Throttled, {}, "This survey takes no more responses this minute.", {}, 60};
    return std::unexpected(std::move(error));
  }
  Submission submission{published, version, std::move(answers.json), key, request.body};
  return prepare_submission(services, call, submission, receipt_response);
}

void write_choices(JsonWriter& json, const form::Question& question) {
  json.key(question.kind == form::Kind::Matrix ? "columns" : "choices");
  json.begin_array();
  for (const form::Choice& choice : question.choices) {
    json.begin_object();
    json.key("value");
    std::string value;
    form::append_value(value, choice.value);
    json.raw(value);
    json.field("text", choice.text.text());
    json.end_object();
  }
  json.end_array();
}

void write_question(JsonWriter& json, const form::Question& question) {
  json.begin_object();
  json.field("name", question.key);
  json.field("title", question.title.text());
  json.field("type", form::kind_name(question.kind));
  json.field("page", question.page + 1);
  json.field("required", question.is_required);
  if (!question.choices.empty()) write_choices(json, question);
  if (!question.rows.empty()) {
    json.key("rows");
    json.begin_array();
    for (const form::Row& row : question.rows)
      json.value(row.name);
    json.end_array();
  }
  if (!question.items.empty()) {
    json.key("items");
    json.begin_array();
    for (const form::Item& item : question.items)
      json.value(item.name);
    json.end_array();
  }
  json.end_object();
}

Result<Answer> get_public(Services& services, Call& call) {
  PROBITY_TRY(published, services.links.find(call, call.path_value("token")));
  const Opening opening = published->opening(call.now());
  if (opening != Opening::Open) return refuse_closed(opening);
  const form::Questionnaire& questionnaire = *published->questionnaire;
  JsonWriter json;
  json.begin_object();
  json.field("title", questionnaire.title.text());
  json.field("description", questionnaire.description.text());
  json.field("mode", text_of(published->mode));
  json.field("promise", promise_of(published->mode));
  json.field("version", published->version);
  json.key("closes_at");
  published->closes_at ? json.value(to_rfc3339(*published->closes_at)) : json.null();
  json.key("questions");
  json.begin_array();
  for (const form::Question& question : questionnaire.questions)
    if (question.is_answerable()) write_question(json, question);
  json.end_array();
  json.key("questionnaire");
  json.raw(published->json);
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> get_receipt(Services& services, Call& call) {
  PROBITY_TRY(hour, stored_hour(services, call));
  JsonWriter json;
  json.begin_object();
  json.field("stored", true);
  json.field("hour", to_rfc3339(hour));
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

constexpr std::string_view k_submission_schema =
    R"({"type":"object","required":["answers"],"additionalProperties":false,"properties":{)"
    R"("answers":{"type":"object"},"version":{"type":"integer","minimum":1}}})";
constexpr std::string_view k_receipt_schema =
    R"({"type":"object","required":["receipt"],"properties":{"receipt":{"type":"string"}}})";
constexpr std::string_view k_stored_schema =
    R"({"type":"object","properties":{"stored":{"const":true},"hour":{"type":"string"}}})";
constexpr std::string_view k_public_schema =
    R"({"type":"object","properties":{"title":{"type":"string"},"mode":{"type":"string"},)"
    R"("promise":{"type":"string"},"version":{"type":"integer"},)"
    R"("questions":{"type":"array"},"questionnaire":{"type":"object"}}})";

}  // namespace

form::Phrase why_closed(Opening opening) {
  return opening == Opening::NotYet ? form::Phrase::NotOpenYet : form::Phrase::Closed;
}

std::unexpected<Error> refuse_closed(Opening opening) {
  return refuse(Code::SurveyClosed, form::phrase("en", why_closed(opening)));
}

Result<Instant> stored_hour(Services& services, Call& call) {
  PROBITY_TRY(published, services.links.find(call, call.path_value("token")));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(id, open_receipt(*cipher, published->survey, call.path_value("receipt")));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(at, find_response(*reader, published->survey, id));
  if (!at) return fail(Code::NotFound, "no such response");
  return at->hour();
}

Result<Answer> prepare_submission(Services& services, Call& call, const Submission& submission,
                                  std::function<Response(const Received&)> respond) {
  const Published& published = *submission.published;
  auto prepared = std::make_shared<Prepared>();
  PROBITY_TRY(place, WaitingRoom::enter(published.waiting));
  prepared->place = std::move(place);
  PROBITY_TRY(cipher, call.cipher());
  const bool is_anonymous = published.mode == Mode::Anonymous;
  const auto made = std::make_shared<NewResponse>();
  NewResponse& response = *made;
  response.survey = published.survey;
  response.received_at = is_anonymous ? call.now().hour() : call.now();
  response.id = is_anonymous ? services.crowds.place(published.survey, call.now(),
                                                     submission.answers_json.size(),
                                                     published.waiting->rush())
                             : ResponseId::make(call.now());
  response.version = submission.version;
  PROBITY_TRY(answers, cipher->seal(k_answers_purpose, response.id.bytes(),
                                    as_bytes(submission.answers_json)));
  response.answers = std::move(answers);
  PROBITY_TRY(origin, origin_of(call, published, *cipher, response.id));
  response.origin = std::move(origin);
  PROBITY_TRY(key, key_of(services, call, submission, *cipher));
  prepared->now = call.now();
  prepared->is_page = submission.is_page;
  prepared->key = key;
  PROBITY_TRY(receipt, make_receipt(*cipher, published.survey, response.id));
  prepared->receipt = receipt;
  PROBITY_TRY(entry, entry_of(call, published, response.id));
  prepared->entry = std::move(entry);
  prepared->cipher = cipher;
  std::optional<Claim> claim;
  if (key) claim = claim_of(*key, response.id, call.now());
  store::Redo redo = redo_of(response, claim);
  prepared->response = made;
  auto apply = [&services, prepared](store::Tx& tx) {
    return take_response(services, tx, *prepared);
  };
  return web::Prepared{
      {survey_grant(), std::move(apply), {}, store::Growth::Grows, std::move(redo)},
      [prepared, respond = std::move(respond)] { return respond(prepared->received); }};
}

std::vector<Route> submit_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) { return function(services, call); };
  };
  const web::Limits answers{.body_max_bytes = form::k_answers_max_bytes + k_envelope_bytes};
  std::vector<Route> routes;
  routes.emplace_back(Method::Get, "/api/v1/public/{token}", Access::by_link(), web::Limits{},
                      web::RouteDoc{"The questionnaire behind a public link", {}, k_public_schema},
                      bind(get_public));
  routes.emplace_back(
      Method::Post, "/api/v1/public/{token}/responses", Access::by_link(), answers,
      web::RouteDoc{"Submit a response", k_submission_schema, k_receipt_schema, 201},
      bind(submit_response));
  routes.emplace_back(
      Method::Get, "/api/v1/public/{token}/receipts/{receipt}", Access::by_link(), web::Limits{},
      web::RouteDoc{"Check that a response is stored", {}, k_stored_schema}, bind(get_receipt));
  return routes;
}

}  // namespace probity::survey
