#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "feature/survey/scan.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/survey.hpp"
#include "report/compare.hpp"
#include "report/report.hpp"
#include "web/call.hpp"

namespace probity::survey {

/// The parameters of a report, in the words of its caller.
struct ReportQuery {
  std::string filter;
  std::string from;
  std::string to;
  std::string compare;
  std::string weight;
  std::optional<std::int64_t> version;
  std::string held;  ///< ETag of what the caller has; not part of the key.

  /// By which a made report is found again.
  [[nodiscard]] std::string key(const SurveyId& id) const;
  /// Nothing is selected, weighed or compared.
  [[nodiscard]] bool is_plain() const {
    return filter.empty() && from.empty() && to.empty() && compare.empty() && !version;
  }
};
/// BadRequest when they contradict each other, Forbidden as check_weight() says.
[[nodiscard]] Result<ReportQuery> report_query(const web::Call& call);
[[nodiscard]] Result<void> check_query(const ReportQuery& query);
/// Sums of weights follow no rule of dominance (docs/decisions/031): whoever may weigh by any
/// answer can find by them what a single person answered. So only those may who read single
/// answers.
[[nodiscard]] Result<void> check_weight(const web::Call& call, const ReportQuery& query);

/// What a query means for one questionnaire: one selection, or two and what belongs to both.
struct ReportPlan {
  std::vector<report::Selection> selections;
  std::optional<std::uint32_t> weight;
  TimeUnit unit = TimeUnit::Day;
};
[[nodiscard]] Result<ReportPlan> plan_of(const form::Questionnaire& questionnaire,
                                         const ReportQuery& query, Mode mode);

/// A report that was made: all that any answer, picture or document of it is written from. Nothing
/// in it is more than report::make_report lets out. Immutable; threads: any.
struct Findings {
  SurveyId survey;
  std::int64_t version = 0;
  std::shared_ptr<const form::Questionnaire> questionnaire;
  ReportQuery asked;
  ReportPlan plan;
  std::vector<report::Report> reports;  ///< One, or two that are compared.
  std::vector<report::Comparison> tests;
  std::string json;  ///< The answer of the report's own route.

  [[nodiscard]] bool is_compared() const { return reports.size() > 1; }
};

/// What a caller gets: findings, or none where what it has (If-None-Match) still holds.
struct FoundReport {
  std::string etag;
  std::shared_ptr<const Findings> findings;
};

/// Makes a report, or takes one that was made: unchanged, or made within the last second for
/// somebody who asks again and again (they send If-None-Match). One maker at a time for each
/// report; the others wait for it.
[[nodiscard]] Result<FoundReport> find_report(Services& services, web::Call& call,
                                              const SurveyId& id, const ReportQuery& query);

/// `window` of a selection, when it has one.
void write_window(JsonWriter& json, const report::Selection& selection, TimeUnit unit);
/// "2026-01-01" or "2026-01-01T08:00" of a unit.
[[nodiscard]] std::string unit_text(std::int64_t at, TimeUnit unit);
/// Members that say why a group is not shown, and from what size on one is.
void write_standing(JsonWriter& json, const report::Report& report);
/// Why a group is not shown; empty when it is.
[[nodiscard]] std::string reason_of(const report::Report& report);

}  // namespace probity::survey
