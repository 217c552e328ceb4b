#include "feature/survey/report.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/report_schema.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/scan.hpp"
#include "feature/survey/survey.hpp"
#include "form/compare.hpp"
#include "form/report.hpp"
#include "identity/settings.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

/// The parameters of a report, in the words of its caller.
struct Asked {
  std::string filter;
  std::string from;
  std::string to;
  std::string compare;
  std::string weight;
  std::optional<std::int64_t> version;

  [[nodiscard]] std::string key(const SurveyId& id) const {
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", id.text(), filter, from, to, compare, weight,
                       version.value_or(0));
  }
};

Result<Asked> asked_by(const web::Request& request) {
  Asked out;
  const auto text = [&](std::string_view name) {
    return std::string(request.param(name).value_or(""));
  };
  out.filter = text("filter");
  out.from = text("from");
  out.to = text("to");
  out.compare = text("compare");
  out.weight = text("weight");
  PROBITY_TRY(version, maybe_version(request));
  out.version = version;
  if (!out.compare.empty() && !out.weight.empty()) {
    return refuse_field(Code::BadRequest, "weight",
                        "Two groups are compared without weights; leave out weight or compare.");
  }
  return out;
}

/// `from` or `to`, as the unit that begins then or, for `to`, the first that is left out.
Result<std::optional<std::int64_t>> unit_param(std::string_view name, std::string_view text,
                                               TimeUnit unit) {
  if (text.empty()) return std::optional<std::int64_t>();
  const auto at = parse_rfc3339(text);
  if (!at) {
    return refuse_field(Code::BadRequest, std::string(name),
                        "A date such as 2026-01-31 or a time such as 2026-01-31T08:15:30Z.");
  }
  const std::int64_t own = unit_of(*at, unit);
  const bool is_whole = unit_of(*at - Span::micros(1), unit) < own;
  return std::optional(name == "to" && !is_whole ? own + 1 : own);
}

std::string text_of_unit(std::int64_t at, TimeUnit unit) {
  const std::int64_t hours = unit == TimeUnit::Hour ? at : at * 24;
  return to_rfc3339(Instant::from_s(hours * 3'600));
}

/// What is asked, understood: one selection, or two and what belongs to both.
struct Plan {
  std::vector<form::Selection> selections;
  std::optional<std::uint32_t> weight;
  TimeUnit unit = TimeUnit::Day;
};

Result<void> set_window(form::Selection& selection, std::string_view from, std::string_view to,
                        TimeUnit unit) {
  PROBITY_TRY(from_unit, unit_param("from", from, unit));
  PROBITY_TRY(to_unit, unit_param("to", to, unit));
  selection.from_unit = from_unit;
  selection.to_unit = to_unit;
  return {};
}

/// The second group of a comparison: a filter in the same window, or `FROM..TO` under the same
/// filter.
Result<form::Selection> compared(const form::Questionnaire& questionnaire, const Asked& asked,
                                 const form::Selection& first, TimeUnit unit) {
  form::Selection out = first;
  const std::string_view text = asked.compare;
  const std::size_t dots = text.find("..");
  if (dots != std::string_view::npos && text.find_first_of("{=") == std::string_view::npos) {
    PROBITY_CHECK(set_window(out, text.substr(0, dots), text.substr(dots + 2), unit));
    return out;
  }
  PROBITY_TRY(filter, form::Filter::parse(questionnaire, text));
  out.filter = std::move(filter);
  return out;
}

Result<Plan> plan_of(const form::Questionnaire& questionnaire, const Asked& asked, Mode mode) {
  Plan out;
  out.unit = mode == Mode::Anonymous ? TimeUnit::Day : TimeUnit::Hour;
  form::Selection first;
  if (!asked.filter.empty()) {
    PROBITY_TRY(filter, form::Filter::parse(questionnaire, asked.filter));
    first.filter = std::move(filter);
  }
  PROBITY_CHECK(set_window(first, asked.from, asked.to, out.unit));
  first.version = asked.version;
  if (!asked.weight.empty()) {
    out.weight = questionnaire.find(asked.weight);
    const bool is_number =
        out.weight && (questionnaire.questions[*out.weight].is_single_choice() ||
                       form::is_numeric(questionnaire.questions[*out.weight]) ||
                       questionnaire.questions[*out.weight].kind == form::Kind::Text ||
                       questionnaire.questions[*out.weight].kind == form::Kind::Comment);
    if (!is_number) {
      return refuse_field(Code::BadRequest, "weight",
                          "The name of a question that is answered with one number.");
    }
  }
  if (!asked.compare.empty()) {
    PROBITY_TRY(second, compared(questionnaire, asked, first, out.unit));
    out.selections = {first, second, form::both_of(first, second)};
  } else {
    out.selections.push_back(std::move(first));
  }
  return out;
}

void write_window(JsonWriter& json, const form::Selection& selection, TimeUnit unit) {
  if (!selection.from_unit && !selection.to_unit) return;
  json.key("window");
  json.begin_object();
  json.field("unit", unit == TimeUnit::Day ? "day" : "hour");
  json.key("from");
  selection.from_unit ? json.value(text_of_unit(*selection.from_unit, unit)) : json.null();
  json.key("to");
  selection.to_unit ? json.value(text_of_unit(*selection.to_unit, unit)) : json.null();
  json.end_object();
}

void write_one(JsonWriter& json, const form::Report& report, const form::Selection& selection,
               TimeUnit unit) {
  write_window(json, selection, unit);
  form::write_report(json, report);
  if (report.is_shown() && report.verdict == form::Verdict::Everything) return;
  json.field("group_size_min", report.least);
  if (report.is_shown()) return;
  json.field("suppressed", true);
  json.field("reason",
             report.verdict == form::Verdict::TooDetailed
                 ? std::string("This looks at more at once than can be told apart; use fewer "
                               "questions or a shorter time.")
                 : fmt::format("This would set apart fewer than {} responses: the group, those it "
                               "leaves out, or those between it and another group. They are not "
                               "shown, because single people could be recognised.",
                               report.least));
}

/// The answer of a scan that has one selection, or two and what belongs to both.
std::string report_json(const SurveyRecord& survey, std::int64_t version, const Plan& plan,
                        const std::vector<form::Report>& reports) {
  JsonWriter json;
  json.begin_object();
  json.field("survey", survey.id.text());
  json.field("version", version);
  write_one(json, reports[0], plan.selections[0], plan.unit);
  if (reports.size() > 1) {
    json.key("compared");
    json.begin_object();
    write_one(json, reports[1], plan.selections[1], plan.unit);
    json.end_object();
    if (reports[0].is_shown() && reports[1].is_shown())
      form::write_comparison(json, form::compare_reports(reports[0], reports[1]));
  }
  json.end_object();
  return std::move(json).text();
}

/// Changes whenever the numbers of a report could: with every response that comes or goes, with the
/// questionnaire, and with the tenant's smallest group.
std::string etag_of(const SurveyRecord& survey, const identity::TenantSettings& settings) {
  return fmt::format("\"1-{}-{}-{}-{}\"", survey.revision, survey.accepted, survey.erased,
                     settings.version);
}

web::Response tagged(web::Response response, std::string_view etag) {
  response.with("etag", etag);
  return response;
}

/// A report that need not be made: unchanged, or made within the last second for somebody who asks
/// again and again (they send If-None-Match).
std::optional<web::Response> known_report(Call& call, const std::string& etag,
                                          const std::optional<ReportCache::Entry>& kept) {
  const std::string_view wanted = call.request().header("if-none-match");
  if (wanted == etag) return tagged(web::empty_response(304), etag);
  if (!kept) return {};
  const bool is_young = !wanted.empty() && call.now() - kept->at < k_report_kept;
  if (kept->etag != etag && !is_young) return {};
  if (wanted == kept->etag) return tagged(web::empty_response(304), kept->etag);
  return tagged(web::json_response(200, kept->body), kept->etag);
}

Result<std::string> make_body(Call& call, const SurveyRecord& survey, const Asked& asked,
                              std::int64_t least) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  const std::int64_t current = survey.version > 0 ? survey.version : survey.newest_version;
  PROBITY_TRY(version, load_version(*reader, *cipher, survey.id, asked.version.value_or(current)));
  PROBITY_TRY(questionnaire, parse_stored(version.json));
  PROBITY_TRY(plan, plan_of(*questionnaire, asked, survey.mode));
  Scan scan{survey.id,       *questionnaire,
            plan.selections, static_cast<std::uint64_t>(std::max<std::int64_t>(0, survey.stored())),
            call.deadline(), plan.weight,
            plan.unit};
  PROBITY_TRY(scanned, scan_responses(*reader, *cipher, scan));
  std::vector<form::Report> reports;
  for (const form::Tally& tally : scanned.tallies)
    reports.push_back(form::make_report(tally, static_cast<std::uint64_t>(least)));
  // Whether groups overlap is told under the same rule as everything else about them.
  if (reports.size() > 2 && reports[2].is_shown()) {
    return refuse_field(Code::BadRequest, "compare",
                        "Responses belong to both groups; compare groups that have none in "
                        "common.");
  }
  return report_json(survey, version.version, plan, reports);
}

Result<Answer> get_report(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(asked, asked_by(call.request()));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  const std::string etag = etag_of(survey, settings);
  const std::string key = asked.key(id);
  if (auto known = known_report(call, etag, services.reports.find(key))) return std::move(*known);
  const ReportCache::Turn turn = services.reports.take_turn(key);
  if (auto known = known_report(call, etag, services.reports.find(key))) return std::move(*known);
  PROBITY_TRY(body, make_body(call, survey, asked, settings.group_size_min));
  services.reports.put(key, {etag, body, call.now()});
  return tagged(web::json_response(200, std::move(body)), etag);
}

}  // namespace

std::vector<web::Route> report_routes(Services& services) {
  web::Limits bulk;
  bulk.lane = web::LaneKind::Bulk;
  bulk.deadline = web::k_bulk_deadline;
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/report",
                      Access::require(Permission::ReportsRead), bulk,
                      web::RouteDoc{"Counts, shares, means and promoter scores",
                                    {},
                                    k_report_schema,
                                    200,
                                    {"filter", "from", "to", "version", "weight", "compare"}},
                      [&services](Call& call) { return get_report(services, call); });
  routes.back().audit_read = "report.read";
  return routes;
}

}  // namespace probity::survey
