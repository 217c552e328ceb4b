#include "feature/survey/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "feature/survey/findings.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/report_document.hpp"
#include "picture/draw.hpp"
#include "picture/pdf.hpp"
#include "picture/picture_json.hpp"
#include "picture/png.hpp"
#include "picture/svg.hpp"
#include "picture/xlsx.hpp"
#include "report/filter.hpp"
#include "web/attachment.hpp"
#include "web/call.hpp"
#include "web/security_headers.hpp"

namespace probity::survey {
namespace {

using identity::Permission;
using picture::Subject;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Response;

constexpr std::string_view k_xlsx_type =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What all these routes begin with.
struct Shown {
  FoundReport found;
  GroupLabels labels;
  double width = picture::k_width_default;
};

Result<double> width_param(const web::Request& request) {
  const auto text = request.param("width");
  if (!text) return picture::k_width_default;
  const auto number = parse_int(*text);
  const auto least = static_cast<std::int64_t>(picture::k_width_min);
  const auto most = static_cast<std::int64_t>(picture::k_width_max);
  if (number && *number >= least && *number <= most) return static_cast<double>(*number);
  return refuse_field(Code::BadRequest, "width",
                      fmt::format("A whole number of pixels from {} to {}.", least, most));
}

Result<Shown> shown_by(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(query, report_query(call));
  PROBITY_TRY(labels, group_labels(call.request()));
  PROBITY_TRY(width, width_param(call.request()));
  PROBITY_TRY(found, find_report(services, call, id, query));
  return Shown{std::move(found), labels, width};
}

Response unchanged(const FoundReport& found) {
  Response response = web::empty_response(304);
  response.with("etag", found.etag);
  return response;
}

Response file_response(const FoundReport& found, std::string_view type, std::string body) {
  Response response = web::empty_response(200);
  response.with("content-type", type).with("etag", found.etag);
  response.body = std::move(body);
  return response;
}

/// As a page of its own it runs nothing.
Response inert_picture(const FoundReport& found, std::string_view type, std::string body) {
  Response response = file_response(found, type, std::move(body));
  response.with("content-security-policy", web::k_inert_policy);
  return response;
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts)
    json.value(text);
  json.end_array();
}

void write_table(JsonWriter& json, const picture::Table& table) {
  if (table.headings.empty()) return;
  json.key("table");
  json.begin_object();
  write_texts(json, "headings", table.headings);
  json.key("rows");
  json.begin_array();
  for (const auto& row : table.rows) {
    json.begin_array();
    for (const picture::Cell& cell : row)
      json.value(picture::cell_text(cell));
    json.end_array();
  }
  json.end_array();
  json.end_object();
}

/// What may be chosen to filter by, ready to be sent.
void write_filters(JsonWriter& json, const form::Question& question) {
  const auto write = [&](const form::Choice& choice, const form::Row* row) {
    const std::string filter = report::filter_of(question, choice, row ? row->name : "");
    if (filter.empty()) return;
    json.begin_object();
    json.field("text", row ? fmt::format("{}: {}", row->text.text(), choice.text.text())
                           : std::string(choice.text.text()));
    json.field("filter", filter);
    json.end_object();
  };
  json.key("filters");
  json.begin_array();
  if (question.kind != form::Kind::Ranking && question.rows.empty())
    for (const form::Choice& choice : question.choices)
      write(choice, nullptr);
  for (const form::Row& row : question.rows)
    for (const form::Choice& choice : question.choices)
      write(choice, &row);
  json.end_array();
  if (report::is_numeric(question)) {
    json.field("variable", report::filter_variable(question));
    json.field("input", form::input_type_name(question.text.input));
  }
}

void write_question(JsonWriter& json, const Subject& subject, double width) {
  const picture::Form form = picture::form_of(subject);
  const form::Question& question = *subject.question;
  json.begin_object();
  json.field("name", subject.first->name);
  json.field("title", subject.first->title);
  json.field("type", subject.first->type);
  if (form != picture::Form::None) {
    json.key("picture");
    picture::write_picture(json, picture::draw(subject, width));
  }
  write_texts(json, "notes", picture::notes_of(subject));
  write_table(json, picture::table_of(subject));
  write_filters(json, question);
  const bool is_text = question.kind == form::Kind::Text || question.kind == form::Kind::Comment;
  if (is_text && !report::is_numeric(question)) json.field("is_text", true);
  if (question.takes_comment()) json.field("comments", question.name + "-Comment");
  json.end_object();
}

void write_group(JsonWriter& json, const Findings& findings, std::size_t at) {
  const report::Report& report = findings.reports[at];
  write_window(json, findings.plan.selections[at], findings.plan.unit);
  json.key("responses");
  report.is_shown() ? json.value(report.responses) : json.null();
  write_standing(json, report);
}

Result<Answer> get_pictures(Services& services, Call& call) {
  PROBITY_TRY(shown, shown_by(services, call));
  if (!shown.found.findings) return unchanged(shown.found);
  const Findings& findings = *shown.found.findings;
  const auto only = call.request().param("question");
  JsonWriter json;
  json.begin_object();
  json.field("survey", findings.survey.text());
  json.field("version", findings.version);
  write_group(json, findings, 0);
  if (findings.is_compared()) {
    json.key("compared");
    json.begin_object();
    write_group(json, findings, 1);
    json.end_object();
  }
  json.key("questions");
  json.begin_array();
  for (Subject& subject : subjects_of(findings, shown.labels)) {
    if (only && subject.first->name != *only) continue;
    if (only) PROBITY_CHECK(add_words(call, findings, subject));
    write_question(json, subject, shown.width);
  }
  json.end_array();
  json.end_object();
  Response response = web::json_response(200, std::move(json).text());
  response.with("etag", shown.found.etag);
  return response;
}

Result<Answer> get_picture(Services& services, Call& call) {
  const std::string_view file = call.path_value("file");
  const bool is_png = file.ends_with(".png");
  if (!is_png && !file.ends_with(".svg")) return fail(Code::NotFound);
  const std::string_view name = file.substr(0, file.size() - 4);
  PROBITY_TRY(shown, shown_by(services, call));
  if (!shown.found.findings) return unchanged(shown.found);
  auto subjects = subjects_of(*shown.found.findings, shown.labels);
  const auto wanted = std::ranges::find_if(
      subjects, [&](const Subject& subject) { return subject.first->name == name; });
  if (wanted == subjects.end()) {
    const report::Report& report = shown.found.findings->reports[0];
    if (!report.is_shown()) return refuse(Code::Conflict, reason_of(report));
    return fail(Code::NotFound);
  }
  PROBITY_CHECK(add_words(call, *shown.found.findings, *wanted));
  const picture::Picture drawn = picture::draw(*wanted, shown.width);
  if (!is_png) return inert_picture(shown.found, "image/svg+xml", picture::svg_of(drawn));
  PROBITY_TRY(bytes, picture::png_of(drawn));
  return inert_picture(shown.found, "image/png", std::move(bytes));
}

Result<picture::Document> document_for(const Services& services, Call& call, const Shown& shown) {
  return document_of(
      call, *shown.found.findings,
      {shown.labels, web::origin_of(call.request(), services.public_url), shown.width});
}

Response attachment(const Shown& shown, std::string_view type, std::string_view ending,
                    std::string body) {
  Response response = file_response(shown.found, type, std::move(body));
  const Findings& findings = *shown.found.findings;
  response.with("content-disposition", web::attachment({findings.questionnaire->title.text(),
                                                        findings.survey.text(), ending}));
  return response;
}

Result<Answer> get_pdf(Services& services, Call& call) {
  PROBITY_TRY(shown, shown_by(services, call));
  if (!shown.found.findings) return unchanged(shown.found);
  PROBITY_TRY(document, document_for(services, call, shown));
  PROBITY_TRY(bytes, picture::pdf_of(document, call.deadline()));
  return attachment(shown, "application/pdf", "-report.pdf", std::move(bytes));
}

Result<Answer> get_workbook(Services& services, Call& call) {
  PROBITY_TRY(shown, shown_by(services, call));
  if (!shown.found.findings) return unchanged(shown.found);
  PROBITY_TRY(document, document_for(services, call, shown));
  return attachment(shown, k_xlsx_type, "-report.xlsx", picture::xlsx_of(document));
}

constexpr std::string_view k_pictures_schema =
    R"({"type":"object","required":["responses","questions"],"properties":{)"
    R"("survey":{"type":"string"},"version":{"type":"integer"},)"
    R"("window":{"type":"object","properties":{"unit":{"enum":["day","hour"]},)"
    R"("from":{"type":["string","null"]},"to":{"type":["string","null"]}}},)"
    R"("responses":{"type":["integer","null"]},"group_size_min":{"type":"integer"},)"
    R"("suppressed":{"type":"boolean"},"reason":{"type":"string"},)"
    R"("compared":{"type":"object","required":["responses"],"properties":{)"
    R"("window":{"type":"object"},"responses":{"type":["integer","null"]},)"
    R"("group_size_min":{"type":"integer"},"suppressed":{"type":"boolean"},)"
    R"("reason":{"type":"string"}}},)"
    R"("questions":{"type":"array","items":{"type":"object",)"
    R"("required":["name","title","type","notes","filters"],"properties":{)"
    R"("name":{"type":"string"},"title":{"type":"string"},"type":{"type":"string"},)"
    R"("picture":)"
    R"({"type":"object","required":["width","height","title","description","shapes"],)"
    R"("properties":{"width":{"type":"number"},"height":{"type":"number"},)"
    R"("title":{"type":"string"},"description":{"type":"string"},)"
    R"("shapes":{"type":"array","items":{"type":"object","required":["kind","ink"],)"
    R"("properties":{"kind":{"enum":["rect","line","text"]},"ink":{"type":"string"},)"
    R"("x":{"type":"number"},"y":{"type":"number"},"width":{"type":"number"},)"
    R"("height":{"type":"number"},"x1":{"type":"number"},"y1":{"type":"number"},)"
    R"("x2":{"type":"number"},"y2":{"type":"number"},"text":{"type":"string"},)"
    R"("size":{"type":"number"},"anchor":{"enum":["start","middle","end"]},)"
    R"("bold":{"type":"boolean"}}}}}})"
    R"(,"notes":{"type":"array","items":{"type":"string"}},)"
    R"("table":{"type":"object","required":["headings","rows"],"properties":{)"
    R"("headings":{"type":"array","items":{"type":"string"}},)"
    R"("rows":{"type":"array","items":{"type":"array","items":{"type":"string"}}}}},)"
    R"("filters":{"type":"array","items":{"type":"object","required":["text","filter"],)"
    R"("properties":{"text":{"type":"string"},"filter":{"type":"string"}}}},)"
    R"("variable":{"type":"string"},"input":{"type":"string"},)"
    R"("is_text":{"type":"boolean"},"comments":{"type":"string"}}}}}})";

web::RouteDoc doc_of(std::string_view summary, std::string_view type) {
  web::RouteDoc doc;
  doc.summary = summary;
  doc.response_type = type;
  doc.query = {"filter",  "from",  "to",    "version",      "weight",
               "compare", "width", "label", "compare_label"};
  return doc;
}

}  // namespace

std::vector<web::Route> picture_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) { return function(services, call); };
  };
  const auto read = Access::require(Permission::ReportsRead);
  web::Limits bulk;
  bulk.lane = web::LaneKind::Bulk;
  bulk.deadline = web::k_bulk_deadline;
  web::RouteDoc list = doc_of("Each question's picture, notes and table", "application/json");
  list.response_schema = k_pictures_schema;
  list.query.push_back("question");
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/report/pictures", read, bulk, list,
                      bind(get_pictures));
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/report/pictures/{file}", read, bulk,
                      doc_of("One picture: the question's name, .svg or .png", "image/svg+xml"),
                      bind(get_picture));
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/report.pdf", read, bulk,
                      doc_of("The report as PDF", "application/pdf"), bind(get_pdf));
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/report.xlsx", read, bulk,
                      doc_of("The report as a workbook", k_xlsx_type), bind(get_workbook));
  for (web::Route& route : routes)
    route.audit_read = "report.read";
  return routes;
}

}  // namespace probity::survey
