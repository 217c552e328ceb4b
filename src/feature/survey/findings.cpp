#include "feature/survey/findings.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/request.hpp"
#include "identity/settings.hpp"

namespace probity::survey {
namespace {

using web::Call;

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

Result<void> set_window(report::Selection& selection, std::string_view from, std::string_view to,
                        TimeUnit unit) {
  PROBITY_TRY(from_unit, unit_param("from", from, unit));
  PROBITY_TRY(to_unit, unit_param("to", to, unit));
  selection.from_unit = from_unit;
  selection.to_unit = to_unit;
  return {};
}

/// The second group of a comparison: a filter in the same window, or `FROM..TO` under the same
/// filter.
Result<report::Selection> compared(const form::Questionnaire& questionnaire,
                                   const ReportQuery& asked, const report::Selection& first,
                                   TimeUnit unit) {
  report::Selection out = first;
  const std::string_view text = asked.compare;
  const std::size_t dots = text.find("..");
  if (dots != std::string_view::npos && text.find_first_of("{=") == std::string_view::npos) {
    PROBITY_CHECK(set_window(out, text.substr(0, dots), text.substr(dots + 2), unit));
    return out;
  }
  PROBITY_TRY(filter, report::Filter::parse(questionnaire, text));
  out.filter = std::move(filter);
  return out;
}

/// One report, in an open object.
void write_one(JsonWriter& json, const report::Report& report, const report::Selection& selection,
               TimeUnit unit) {
  write_window(json, selection, unit);
  report::write_report(json, report);
  write_standing(json, report);
}

std::string report_json(const Findings& findings) {
  JsonWriter json;
  json.begin_object();
  json.field("survey", findings.survey.text());
  json.field("version", findings.version);
  write_one(json, findings.reports[0], findings.plan.selections[0], findings.plan.unit);
  if (findings.is_compared()) {
    json.key("compared");
    json.begin_object();
    write_one(json, findings.reports[1], findings.plan.selections[1], findings.plan.unit);
    json.end_object();
    if (findings.reports[0].is_shown() && findings.reports[1].is_shown())
      report::write_comparison(json, findings.tests);
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

/// A report that need not be made anew.
std::optional<FoundReport> known_report(const std::string& wanted, Instant now,
                                        const std::string& etag,
                                        const std::optional<ReportCache::Entry>& kept) {
  if (wanted == etag) return FoundReport{etag, nullptr};
  if (!kept) return {};
  const bool is_young = !wanted.empty() && now - kept->at < k_report_kept;
  if (kept->etag != etag && !is_young) return {};
  if (wanted == kept->etag) return FoundReport{kept->etag, nullptr};
  return FoundReport{kept->etag, kept->findings};
}

/// What a scan says of the survey's blocks, for the job that makes them.
void note_blocks(Services& services, TenantId tenant, const SurveyId& survey,
                 const Scanned& scanned) {
  if (scanned.rows >= static_cast<std::uint64_t>(k_block_responses_min))
    services.block_notes.note_slow(tenant);
  for (const BlockPlace& place : scanned.damaged) {
    services.log.failure("survey_block_damaged",
                         {{"tenant", tenant.text()}, {"survey", survey.text()}});
    services.block_notes.note_damaged({tenant, survey, place.last, place.token});
  }
  if (scanned.are_blocks_wrong)
    services.log.failure("survey_blocks_wrong",
                         {{"tenant", tenant.text()}, {"survey", survey.text()}});
}

std::int64_t current_version(const SurveyRecord& survey) {
  return survey.version > 0 ? survey.version : survey.newest_version;
}

/// The questions that the version in use counts otherwise: of groups they are told by that one
/// alone. Two ways of pooling the same people would tell by their difference what both keep back.
Result<std::vector<bool>> told_by_current(store::Reader& reader, const crypto::Cipher& cipher,
                                          const SurveyRecord& survey, const Findings& findings) {
  const std::int64_t current = current_version(survey);
  if (findings.version == current) return std::vector<bool>();
  PROBITY_TRY(version, load_version(reader, cipher, survey.id, current));
  PROBITY_TRY(questionnaire, parse_stored(version.json));
  return report::counted_otherwise(*findings.questionnaire, *questionnaire);
}

Result<std::shared_ptr<const Findings>> make_findings(Services& services, Call& call,
                                                      const SurveyRecord& survey,
                                                      const ReportQuery& asked) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(version, load_version(*reader, *cipher, survey.id,
                                    asked.version.value_or(current_version(survey))));
  auto out = std::make_shared<Findings>();
  PROBITY_TRY(questionnaire, parse_stored(version.json));
  out->survey = survey.id;
  out->version = version.version;
  out->questionnaire = questionnaire;
  out->asked = asked;
  PROBITY_TRY(plan, plan_of(*questionnaire, asked, survey.mode));
  out->plan = std::move(plan);
  const Scan scan{survey.id,
                  *questionnaire,
                  out->plan.selections,
                  static_cast<std::uint64_t>(std::max<std::int64_t>(0, survey.stored())),
                  call.deadline(),
                  out->plan.weight,
                  out->plan.unit};
  PROBITY_TRY(scanned, scan_responses(*reader, *cipher, scan));
  note_blocks(services, reader->space().tenant(), survey.id, scanned);
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  const auto least = static_cast<std::uint64_t>(settings.group_size_min);
  PROBITY_TRY(others, told_by_current(*reader, *cipher, survey, *out));
  for (const report::Tally& tally : scanned.tallies)
    out->reports.push_back(report::make_report(tally, least, others));
  if (out->reports.size() > 2) {
    // Whether groups overlap is told under the same rule as everything else about them.
    if (out->reports[2].is_shown()) {
      return refuse_field(Code::BadRequest, "compare",
                          "Responses belong to both groups; compare groups that have none in "
                          "common.");
    }
    out->reports.pop_back();
    out->tests = report::compare_reports(out->reports[0], out->reports[1]);
  }
  out->json = report_json(*out);
  return std::shared_ptr<const Findings>(std::move(out));
}

}  // namespace

std::string ReportQuery::key(const SurveyId& id) const {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", id.text(), filter, from, to, compare, weight,
                     version.value_or(0));
}

Result<void> check_query(const ReportQuery& query) {
  if (query.compare.empty() || query.weight.empty()) return {};
  return refuse_field(Code::BadRequest, "weight",
                      "Two groups are compared without weights; leave out weight or compare.");
}

Result<void> check_weight(const Call& call, const ReportQuery& query) {
  if (query.weight.empty()) return {};
  if (identity::authorise(call.principal(), identity::Permission::ResponsesRead).is_allowed)
    return {};
  return refuse(Code::Forbidden,
                "Weighing takes the permission responses.read: by weights of one's choice single "
                "answers can be recognised.");
}

Result<ReportQuery> report_query(const Call& call) {
  const web::Request& request = call.request();
  ReportQuery out;
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
  out.held = request.header("if-none-match");
  PROBITY_CHECK(check_query(out));
  PROBITY_CHECK(check_weight(call, out));
  return out;
}

Result<ReportPlan> plan_of(const form::Questionnaire& questionnaire, const ReportQuery& asked,
                           Mode mode) {
  ReportPlan out;
  out.unit = mode == Mode::Anonymous ? TimeUnit::Day : TimeUnit::Hour;
  report::Selection first;
  if (!asked.filter.empty()) {
    PROBITY_TRY(filter, report::Filter::parse(questionnaire, asked.filter));
    first.filter = std::move(filter);
  }
  PROBITY_CHECK(set_window(first, asked.from, asked.to, out.unit));
  first.version = asked.version;
  if (!asked.weight.empty()) {
    out.weight = questionnaire.find(asked.weight);
    const bool is_number =
        out.weight && (questionnaire.questions[*out.weight].is_single_choice() ||
                       report::is_numeric(questionnaire.questions[*out.weight]) ||
                       questionnaire.questions[*out.weight].kind == form::Kind::Text ||
                       questionnaire.questions[*out.weight].kind == form::Kind::Comment);
    if (!is_number) {
      return refuse_field(Code::BadRequest, "weight",
                          "The name of a question that is answered with one number.");
    }
  }
  if (!asked.compare.empty()) {
    PROBITY_TRY(second, compared(questionnaire, asked, first, out.unit));
    out.selections = {first, second, report::both_of(first, second)};
  } else {
    out.selections.push_back(std::move(first));
  }
  return out;
}

void write_window(JsonWriter& json, const report::Selection& selection, TimeUnit unit) {
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

std::string unit_text(std::int64_t at, TimeUnit unit) {
  constexpr std::size_t k_date_length = 10;
  constexpr std::size_t k_minute_length = 16;
  return text_of_unit(at, unit).substr(0, unit == TimeUnit::Day ? k_date_length : k_minute_length);
}

std::string reason_of(const report::Report& report) {
  if (report.is_shown()) return {};
  if (report.verdict == report::Verdict::TooDetailed) {
    return "This looks at more at once than can be told apart; use fewer questions or a shorter "
           "time.";
  }
  return fmt::format(
      "This would set apart fewer than {} responses: the group, those it leaves out, or those "
      "between it and another group. They are not shown, because single people could be "
      "recognised.",
      report.least);
}

void write_standing(JsonWriter& json, const report::Report& report) {
  if (report.is_shown() && report.verdict == report::Verdict::Everything) return;
  json.field("group_size_min", report.least);
  if (report.is_shown()) return;
  json.field("suppressed", true);
  json.field("reason", reason_of(report));
}

Result<FoundReport> find_report(Services& services, Call& call, const SurveyId& id,
                                const ReportQuery& query) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  const std::string etag = etag_of(survey, settings);
  const std::string key = query.key(id);
  if (auto known = known_report(query.held, call.now(), etag, services.reports.find(key)))
    return std::move(*known);
  const ReportCache::Turn turn = services.reports.take_turn(key);
  if (auto known = known_report(query.held, call.now(), etag, services.reports.find(key)))
    return std::move(*known);
  PROBITY_TRY(findings, make_findings(services, call, survey, query));
  services.reports.put(key, {etag, findings, call.now()});
  return FoundReport{etag, std::move(findings)};
}

}  // namespace probity::survey
