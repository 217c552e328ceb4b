#include "feature/survey/report.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/scan.hpp"
#include "feature/survey/survey.hpp"
#include "identity/settings.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

/// `from` or `to`.
Result<std::optional<Instant>> instant_param(const web::Request& request, std::string_view name) {
  const auto text = request.param(name);
  if (!text || text->empty()) return std::optional<Instant>();
  if (const auto at = parse_rfc3339(*text)) return at;
  return refuse_field(Code::BadRequest, std::string(name),
                      "A date such as 2026-01-31 or a time such as 2026-01-31T08:15:30Z.");
}

Result<std::optional<form::Filter>> filter_param(const web::Request& request,
                                                 const form::Questionnaire& questionnaire) {
  const auto text = request.param("filter");
  if (!text || text->empty()) return std::optional<form::Filter>();
  PROBITY_TRY(filter, form::Filter::parse(questionnaire, *text));
  return std::optional(std::move(filter));
}

web::Response report_response(const SurveyRecord& survey, std::int64_t version,
                              const Scanned& scanned) {
  JsonWriter json;
  json.begin_object();
  json.field("survey", survey.id.text());
  json.field("version", version);
  form::write_report(json, scanned.tally);
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

web::Response suppressed_response(const SurveyRecord& survey, std::int64_t version,
                                  std::int64_t least) {
  JsonWriter json;
  json.begin_object();
  json.field("survey", survey.id.text());
  json.field("version", version);
  json.key("responses");
  json.null();
  json.field("suppressed", true);
  json.field("group_size_min", least);
  json.field("reason",
             fmt::format("The filter leaves, or leaves out, fewer than {} responses. Such a group "
                         "is not shown, because single people could be recognised.",
                         least));
  json.key("questions");
  json.begin_array();
  json.end_array();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> get_report(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  const web::Request& request = call.request();
  ScanWindow window;
  PROBITY_TRY(from, instant_param(request, "from"));
  window.from = from;
  PROBITY_TRY(to, instant_param(request, "to"));
  window.to = to;
  PROBITY_TRY(only_version, maybe_version(request));
  window.version = only_version;
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  const std::int64_t current = survey.version > 0 ? survey.version : survey.newest_version;
  PROBITY_TRY(version, load_version(*reader, *cipher, id, only_version.value_or(current)));
  PROBITY_TRY(questionnaire, parse_stored(version.json));
  PROBITY_TRY(filter, filter_param(request, *questionnaire));
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  const bool is_filtered = filter || from || to || only_version;
  const Scan scan{id,
                  window,
                  *questionnaire,
                  std::move(filter),
                  static_cast<std::uint64_t>(std::max<std::int64_t>(0, survey.stored())),
                  call.deadline()};
  PROBITY_TRY(scanned, scan_responses(*reader, *cipher, scan));
  const auto least = static_cast<std::uint64_t>(settings.group_size_min);
  if (is_filtered && !may_show_group(scanned.tally.responses(), scanned.total, least))
    return suppressed_response(survey, version.version, settings.group_size_min);
  return report_response(survey, version.version, scanned);
}

constexpr std::string_view k_report_schema =
    R"({"type":"object","required":["responses","questions"],"properties":{)"
    R"("survey":{"type":"string"},"version":{"type":"integer"},)"
    R"("responses":{"type":["integer","null"]},"suppressed":{"type":"boolean"},)"
    R"("group_size_min":{"type":"integer"},"reason":{"type":"string"},)"
    R"("questions":{"type":"array"}}})";

}  // namespace

bool may_show_group(std::uint64_t group, std::uint64_t total, std::uint64_t least) {
  if (group == total) return true;
  return group >= least && total - group >= least;
}

std::vector<web::Route> report_routes(Services& services) {
  web::Limits bulk;
  bulk.lane = web::LaneKind::Bulk;
  bulk.deadline = web::k_bulk_deadline;
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/report",
                      Access::require(Permission::ReportsRead), bulk,
                      web::RouteDoc{"Counts, means and promoter scores",
                                    {},
                                    k_report_schema,
                                    200,
                                    {"filter", "from", "to", "version"}},
                      [&services](Call& call) { return get_report(services, call); });
  routes.back().audit_read = "report.read";
  return routes;
}

}  // namespace probity::survey
