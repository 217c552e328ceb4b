#include "feature/survey/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "feature/survey/import_plan.hpp"
#include "feature/survey/infer.hpp"
#include "feature/survey/lime_survey.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/parts.hpp"
#include "feature/survey/quota.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/sheet.hpp"
#include "feature/survey/survey.hpp"
#include "feature/survey/survey_json.hpp"
#include "feature/survey/upload_scan.hpp"
#include "form/answers.hpp"
#include "report/report.hpp"
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

enum class Source : std::uint8_t { Csv, Tsv, Json, Lime };

std::optional<Source> source_of_type(std::string_view media) {
  if (media == "text/csv") return Source::Csv;
  if (media == "text/tab-separated-values") return Source::Tsv;
  if (media == "application/json") return Source::Json;
  if (media == "application/xml" || media == "text/xml") return Source::Lime;
  return {};
}

/// Browsers know few types of files, and some send a table as a spreadsheet: its name tells more.
std::optional<Source> source_of_file(std::string_view name) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  if (name.ends_with(".csv") || name.ends_with(".txt")) return Source::Csv;
  if (name.ends_with(".tsv") || name.ends_with(".tab")) return Source::Tsv;
  if (name.ends_with(".json")) return Source::Json;
  if (name.ends_with(".lss")) return Source::Lime;
  return {};
}

/// What a request brings: a file alone, or a form with the file and a plan.
struct Upload {
  Source source = Source::Csv;
  std::string_view file;
  std::string_view plan;
  bool is_packed = false;
};

Result<Upload> upload_of_form(const web::Request& request) {
  PROBITY_TRY(parts, split_parts(request.header("content-type"), request.body));
  Upload upload;
  bool has_file = false;
  for (const FormPart& part : parts) {
    if (part.name == "plan") {
      upload.plan = part.content;
    } else if (part.name == "file") {
      auto source = source_of_file(part.file_name);
      if (!source) source = source_of_type(part.content_type);
      if (!source) {
        return refuse_field(Code::UnsupportedMedia, "file",
                            "Name the file .csv, .tsv, .json or .lss, or give its part that type.");
      }
      upload.source = *source;
      upload.file = part.content;
      upload.is_packed = part.content.starts_with("\x1f\x8b");
      if (!upload.is_packed && part.file_name.ends_with(".gz"))
        return refuse_field(Code::BadRequest, "file", "Named .gz, but not packed by gzip.");
      has_file = true;
    } else {
      return refuse_field(Code::UnknownField, "parts", "Only file and plan are parts of the form.");
    }
  }
  if (!has_file) return refuse_field(Code::BadRequest, "file", "The form has no part file.");
  return upload;
}

Result<Upload> upload_of(const web::Request& request) {
  const std::string_view type = request.header("content-type");
  const std::string_view media = trim(type.substr(0, type.find(';')));
  const std::string_view coding = request.header("content-encoding");
  const bool is_packed = coding == "gzip";
  if (!is_packed && !coding.empty() && coding != "identity")
    return refuse(Code::UnsupportedMedia, "Content-Encoding may be gzip or absent.");
  if (media == "multipart/form-data") {
    if (!is_packed) return upload_of_form(request);
    return refuse(Code::UnsupportedMedia, "Pack the file in the form, not the form.");
  }
  if (const auto source = source_of_type(media))
    return Upload{*source, request.body, {}, is_packed};
  return refuse(Code::UnsupportedMedia,
                "Send text/csv, text/tab-separated-values, application/json (SurveyJS), "
                "application/xml (LimeSurvey .lss) or multipart/form-data.");
}

Result<std::string> unpacked(const Upload& upload) {
  if (upload.is_packed) return gunzip(upload.file, k_import_max_bytes);
  return std::string(upload.file);
}

Result<bool> truth_param(const web::Request& request, std::string_view name, bool otherwise) {
  const auto text = request.param(name);
  if (!text || text->empty()) return otherwise;
  if (*text == "true" || *text == "1") return true;
  if (*text == "false" || *text == "0") return false;
  return refuse_field(Code::BadRequest, std::string(name), "Either true or false.");
}

/// The query parameters of an import.
struct Wishes {
  Upload upload;
  TableRules rules;
  Encoding encoding = Encoding::Auto;
  Mode mode = Mode::Anonymous;
  bool is_dry_run = false;
};

Result<Wishes> wishes_of(const web::Request& request) {
  Wishes wishes;
  PROBITY_TRY(upload, upload_of(request));
  wishes.upload = upload;
  wishes.rules.separator = upload.source == Source::Tsv ? '\t' : ',';
  const std::string_view header_rows = request.param("header_rows").value_or("1");
  if (header_rows != "1" && header_rows != "2" && header_rows != "3")
    return refuse_field(Code::BadRequest, "header_rows", "1, 2 or 3.");
  wishes.rules.header_rows = header_rows.front() - '0';
  PROBITY_TRY(title, read_title(request.param("title").value_or(""), "title"));
  wishes.rules.title = std::move(title);
  for (const std::string_view text : request.params("missing"))
    PROBITY_CHECK(add_missing(text, "missing", wishes.rules));
  PROBITY_TRY(encoding, parse_encoding(request.param("encoding").value_or("")));
  wishes.encoding = encoding;
  PROBITY_TRY(is_dry_run, truth_param(request, "dry_run", false));
  wishes.is_dry_run = is_dry_run;
  PROBITY_TRY(joins, truth_param(request, "joined", true));
  wishes.rules.is_joining = joins;
  if (const auto mode = request.param("mode")) {
    const auto parsed = parse_mode(*mode);
    if (!parsed)
      return refuse_field(Code::BadRequest, "mode", "One of anonymous, confidential, identified.");
    wishes.mode = *parsed;
  }
  if (!upload.plan.empty()) PROBITY_CHECK(read_plan(upload.plan, wishes.rules));
  return wishes;
}

/// Everything an import comes to before it is stored.
struct Imported {
  SurveyRecord survey;
  std::string title;
  std::string questionnaire_json;
  form::Questionnaire questionnaire;
  std::vector<form::Warning> warnings;
  TablePlan plan;
  std::vector<std::pair<std::string, std::string>> questions;  ///< Only of JSON: name and title.
  std::vector<std::string_view> types;
  std::vector<NewResponse> responses;
  std::vector<StoredPiece> pieces;  ///< What is stored of the member's own.
  Bytes sealed_title;
  Bytes sealed_questionnaire;
  store::JournalEntry entry;
  std::vector<std::string> notes;       ///< What else the person should know.
  std::optional<report::Tally> counts;  ///< Of a table.
};

ResponseId new_response_id(Mode mode, Instant now) {
  return mode == Mode::Anonymous ? ResponseId::make_hourly(now) : ResponseId::make(now);
}

Instant received_at(Mode mode, Instant now) { return mode == Mode::Anonymous ? now.hour() : now; }

Result<void> take_rows(Call& call, const std::string& text, const Wishes& wishes,
                       Imported& imported) {
  const form::Questionnaire& questionnaire = imported.questionnaire;
  PROBITY_TRY(cipher, call.cipher());
  imported.responses.reserve(imported.plan.rows);
  imported.counts.emplace(questionnaire);
  PROBITY_CHECK(
      read_table(text, wishes.rules, imported.plan, [&](const form::Value& row) -> Result<void> {
        if (imported.responses.size() % 1024 == 0 && call.deadline().has_passed())
          return fail(Code::Deadline, "an import took too long");
        PROBITY_TRY(answers, form::validate_answers(questionnaire, row));
        if (!imported.counts->add(answers.json)) return fail(Code::Internal, "answers of a row");
        NewResponse response{imported.survey.id,
                             new_response_id(wishes.mode, call.now()),
                             received_at(wishes.mode, call.now()),
                             1,
                             {},
                             {}};
        PROBITY_TRY(sealed,
                    cipher->seal(k_answers_purpose, response.id.bytes(), as_bytes(answers.json)));
        response.answers = std::move(sealed);
        imported.responses.push_back(std::move(response));
        return {};
      }));
  // In id order, so that the table is filled from left to right.
  std::ranges::sort(imported.responses, {}, &NewResponse::id);
  return {};
}

std::string_view separator_name(char separator) {
  if (separator == ';') return "semicolons";
  if (separator == '\t') return "tabs";
  return "vertical bars";
}

Result<std::string> read_text(std::string body, Wishes& wishes, Imported& imported) {
  PROBITY_TRY(sheet, decode_sheet(std::move(body), wishes.encoding));
  if (sheet.replaced > 0) {
    imported.notes.push_back(
        fmt::format("{} control characters, which no answer may hold, were replaced by the "
                    "replacement character U+FFFD.",
                    sheet.replaced));
  }
  if (wishes.upload.source == Source::Csv) {
    wishes.rules.separator = take_separator(sheet.text);
    if (wishes.rules.separator != ',') {
      imported.notes.push_back(
          fmt::format("The cells are separated by {}.", separator_name(wishes.rules.separator)));
    }
  }
  return std::move(sheet.text);
}

/// What a stored response takes beside its sealed answers: ids, times, its place in two indexes.
constexpr std::size_t k_bytes_beside_answers = 100;

std::size_t row_bytes_of(const std::vector<NewResponse>& responses) {
  std::size_t bytes = 0;
  for (const NewResponse& response : responses)
    bytes += response.answers.size() + k_bytes_beside_answers;
  return bytes;
}

/// Files a table becomes: itself, and the questionnaire made of it.
constexpr std::int64_t k_files_of_table = 2;

Result<void> import_table(const Services& services, Call& call, Wishes& wishes,
                          Imported& imported) {
  PROBITY_TRY(body, unpacked(wishes.upload));
  PROBITY_CHECK(
      expect_room(services, call, {k_files_of_table, static_cast<std::int64_t>(body.size())}));
  imported.pieces.push_back({imported.survey.id, StoredKind::Table, 1, body.size()});
  PROBITY_TRY(text, read_text(std::move(body), wishes, imported));
  PROBITY_TRY(plan, plan_table(text, wishes.rules));
  imported.plan = std::move(plan);
  imported.title = wishes.rules.title.empty() ? "Imported survey" : wishes.rules.title;
  imported.questionnaire_json = imported.plan.questionnaire_json(imported.title);
  PROBITY_TRY(parsed, form::parse_questionnaire(imported.questionnaire_json));
  imported.warnings = std::move(parsed.warnings);
  imported.questionnaire = std::move(parsed.questionnaire);
  imported.survey.status = Status::Closed;
  imported.survey.version = 1;
  PROBITY_CHECK(take_rows(call, text, wishes, imported));
  // A cell of one digit becomes a sealed row: counted is what takes more room.
  StoredPiece& table = imported.pieces.front();
  table.bytes = std::max(table.bytes, row_bytes_of(imported.responses));
  return {};
}

/// A questionnaire without responses becomes a draft.
Result<void> import_document(const Wishes& wishes, Imported& imported) {
  PROBITY_TRY(body, unpacked(wishes.upload));
  if (!wishes.rules.wishes.empty())
    return refuse_field(Code::BadRequest, "/questions", "Only columns of a table are planned.");
  std::vector<form::Warning> warnings;
  if (wishes.upload.source == Source::Lime) {
    PROBITY_TRY(lime, read_lime_survey(body));
    body = std::move(lime.questionnaire_json);
    warnings = std::move(lime.warnings);
  }
  PROBITY_TRY(parsed, form::parse_questionnaire(body));
  imported.questionnaire_json = std::move(body);
  imported.warnings = std::move(warnings);
  std::ranges::move(parsed.warnings, std::back_inserter(imported.warnings));
  imported.title = wishes.rules.title.empty() ? std::string(trim(parsed.questionnaire.title.text()))
                                              : wishes.rules.title;
  if (imported.title.empty()) imported.title = "Imported survey";
  for (const form::Question& question : parsed.questionnaire.questions) {
    if (!question.is_answerable()) continue;
    imported.questions.emplace_back(question.key, std::string(question.title.text()));
    imported.types.push_back(form::kind_name(question.kind));
  }
  imported.survey.status = Status::Draft;
  return {};
}

void write_question(JsonWriter& json, std::string_view name, std::string_view title,
                    std::string_view type) {
  json.begin_object();
  json.field("name", name);
  json.field("title", title);
  json.field("type", type);
}

/// What a question is made of and what its answers come to, as the report will count them.
void write_table_question(JsonWriter& json, const QuestionPlan& question,
                          const report::QuestionCount& count) {
  write_question(json, question.name, question.title, shape_type(question.shape));
  if (question.shape == Shape::Number) json.field("input", "number");
  json.field("column", question.parts.front().column);
  json.key("columns");
  json.begin_array();
  for (const PartPlan& part : question.parts)
    json.value(part.column);
  json.end_array();
  if (!question.choices.empty()) json.field("choices", question.choices.size());
  if (question.identifies != Identifying::Nothing)
    json.field("identifies", text_of(question.identifies));
  if (question.shape == Shape::Matrix) {
    json.key("rows");
    json.begin_array();
    for (const PartPlan& part : question.parts)
      json.value(part.text);
    json.end_array();
  }
  json.field("answered", count.answered);
  json.field("blank", count.blank);
  json.key("counts");
  json.begin_object();
  for (const report::ChoiceCount& choice : count.counts)
    json.field(choice.text, choice.count);
  json.end_object();
  json.end_object();
}

void write_questions(JsonWriter& json, const Imported& imported) {
  json.begin_array();
  if (imported.counts) {
    const auto counts = report::make_report(*imported.counts, 1).questions;
    for (std::size_t i = 0; i < counts.size(); ++i)
      write_table_question(json, imported.plan.questions[i], counts[i]);
  }
  for (std::size_t i = 0; i < imported.questions.size(); ++i) {
    write_question(json, imported.questions[i].first, imported.questions[i].second,
                   imported.types[i]);
    json.end_object();
  }
  json.end_array();
}

web::Response imported_response(int status, const Imported& imported) {
  JsonWriter json;
  json.begin_object();
  json.key("survey");
  SurveyExtras extras;
  extras.title = imported.title;
  extras.warnings = imported.warnings;
  extras.has_warnings = true;
  write_survey(json, imported.survey, extras);
  json.field("imported", imported.responses.size());
  json.key("refused");
  json.begin_array();
  for (const RefusedRow& row : imported.plan.refused) {
    json.begin_object();
    json.field("row", row.line);
    json.field("reason", row.reason);
    json.end_object();
  }
  json.end_array();
  json.field("refused_count", imported.plan.refused_count);
  json.key("questions");
  write_questions(json, imported);
  json.key("notes");
  json.begin_array();
  for (const std::string& note : imported.notes)
    json.value(note);
  json.end_array();
  json.end_object();
  return web::json_response(status, std::move(json).text());
}

Result<store::Journal> store_import(store::Tx& tx, const Storer& storer, const Imported& imported) {
  PROBITY_CHECK(take_room(tx, storer, imported.pieces));
  const TenantId tenant = tx.space().tenant();
  const SurveyRecord& survey = imported.survey;
  const Instant now = survey.created_at;
  std::optional<Instant> published_at;
  if (survey.version > 0) published_at = now;
  PROBITY_CHECK(tx.run(q::insert_survey, {tenant, survey.id, static_cast<int>(survey.mode),
                                          survey.version, now, imported.sealed_title}));
  PROBITY_CHECK(tx.run(q::insert_gate,
                       {tenant, survey.id, static_cast<int>(survey.status), survey.accepted}));
  PROBITY_CHECK(tx.run(q::insert_version,
                       {tenant, survey.id, 1, published_at, imported.sealed_questionnaire}));
  std::vector<const NewResponse*> responses;
  responses.reserve(imported.responses.size());
  for (const NewResponse& response : imported.responses)
    responses.push_back(&response);
  PROBITY_CHECK(store_responses(tx, responses));
  return store::Journal{imported.entry};
}

Result<void> seal_import(Call& call, Imported& imported) {
  PROBITY_TRY(cipher, call.cipher());
  const SurveyRecord& survey = imported.survey;
  PROBITY_TRY(title, seal_title(*cipher, survey.id, imported.title));
  imported.sealed_title = std::move(title);
  PROBITY_TRY(sealed, seal_questionnaire(*cipher, survey.id, 1, imported.questionnaire_json));
  imported.sealed_questionnaire = std::move(sealed);
  PROBITY_TRY(entry, call.entry("survey.import", survey.id.text(),
                                fmt::format("{{\"responses\":{}}}", imported.responses.size())));
  imported.entry = std::move(entry);
  return {};
}

bool is_table(const Upload& upload) {
  return upload.source == Source::Csv || upload.source == Source::Tsv;
}

/// What an import stores at the least; known before any of it is read.
Amount least_of(const Upload& upload) {
  if (!is_table(upload)) return {1, 1};
  return {k_files_of_table, upload.is_packed ? 1 : static_cast<std::int64_t>(upload.file.size())};
}

/// Adds the questionnaire to the pieces and looks whether all of them fit, as a dry run tells too.
Result<void> fit_in(const Services& services, Call& call, Imported& imported) {
  imported.pieces.push_back(
      {imported.survey.id, StoredKind::Questionnaire, 1, imported.questionnaire_json.size()});
  Amount more;
  for (const StoredPiece& piece : imported.pieces) {
    ++more.files;
    more.bytes += static_cast<std::int64_t>(piece.bytes);
  }
  return expect_room(services, call, more);
}

Result<Answer> import_survey(const Services& services, Call& call) {
  PROBITY_TRY(wishes, wishes_of(call.request()));
  PROBITY_CHECK(expect_room(services, call, least_of(wishes.upload)));
  PROBITY_CHECK(scan_upload(services, call, wishes.upload.file));
  auto imported = std::make_shared<Imported>();
  SurveyRecord& survey = imported->survey;
  survey.id = SurveyId::make(call.now());
  survey.mode = wishes.mode;
  survey.revision = 1;
  survey.newest_version = 1;
  survey.created_at = survey.updated_at = call.now();
  PROBITY_CHECK(is_table(wishes.upload) ? import_table(services, call, wishes, *imported)
                                        : import_document(wishes, *imported));
  survey.accepted = static_cast<std::int64_t>(imported->responses.size());
  PROBITY_CHECK(fit_in(services, call, *imported));
  if (wishes.is_dry_run) return imported_response(200, *imported);
  PROBITY_CHECK(seal_import(call, *imported));
  auto apply = [imported, storer = Storer(services, call)](store::Tx& tx) {
    return store_import(tx, storer, *imported);
  };
  auto respond = [imported] { return imported_response(201, *imported); };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Grows},
                       std::move(respond)};
}

constexpr std::string_view k_import_schema =
    R"({"type":"object","required":["survey","imported","refused","questions"],"properties":{)"
    R"("survey":{"type":"object"},"imported":{"type":"integer"},"refused":{"type":"array",)"
    R"("items":{"type":"object","properties":{"row":{"type":"integer"},)"
    R"("reason":{"type":"string"}}}},"refused_count":{"type":"integer"},)"
    R"("questions":{"type":"array"},"notes":{"type":"array"}}})";

}  // namespace

std::vector<web::Route> import_routes(Services& services) {
  web::Limits bulk;
  bulk.coding = web::Coding::Gzip;
  bulk.body_max_bytes = web::k_body_import_max_bytes;
  bulk.lane = web::LaneKind::Bulk;
  bulk.deadline = web::k_bulk_deadline;
  web::RouteDoc doc{
      "Make a survey from a table with responses, a SurveyJS document or a LimeSurvey structure",
      {},
      k_import_schema,
      201,
      {"title", "header_rows", "encoding", "missing", "joined", "dry_run", "mode"}};
  doc.request_type = "text/csv";
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Post, "/api/v1/surveys/import",
                      Access::require(Permission::SurveysEdit), bulk, doc,
                      [&services](Call& call) { return import_survey(services, call); });
  return routes;
}

}  // namespace probity::survey
