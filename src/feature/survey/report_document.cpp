#include "feature/survey/report_document.hpp"

#include <fmt/format.h>

#include "feature/survey/comments.hpp"
#include "feature/survey/limits.hpp"
#include "identity/settings.hpp"
#include "picture/draw.hpp"
#include "picture/label.hpp"

namespace probity::survey {
namespace {

/// "2026-01-01 to before 2026-02-01 (UTC)".
std::string window_text(const report::Selection& selection, TimeUnit unit) {
  if (!selection.from_unit && !selection.to_unit) return {};
  if (!selection.to_unit) return "from " + unit_text(*selection.from_unit, unit) + " UTC on";
  if (!selection.from_unit) return "before " + unit_text(*selection.to_unit, unit) + " UTC";
  return unit_text(*selection.from_unit, unit) + " to before " +
         unit_text(*selection.to_unit, unit) + " UTC";
}

/// What a selection is called when nobody said.
std::string name_of(const std::string& filter, const report::Selection& selection, TimeUnit unit) {
  std::string out = filter;
  const std::string window = window_text(selection, unit);
  if (!out.empty() && !window.empty()) out += ", ";
  out += window;
  return out.empty() ? std::string("All responses") : out;
}

GroupLabels named(const Findings& findings, const GroupLabels& labels) {
  GroupLabels out = labels;
  const ReportPlan& plan = findings.plan;
  if (out.first.empty()) out.first = name_of(findings.asked.filter, plan.selections[0], plan.unit);
  if (out.second.empty() && findings.is_compared()) {
    const bool is_window = plan.selections[1].from_unit || plan.selections[1].to_unit;
    const bool is_filter = findings.asked.compare.find("..") == std::string::npos || !is_window;
    out.second = name_of(is_filter ? findings.asked.compare : findings.asked.filter,
                         plan.selections[1], plan.unit);
  }
  return out;
}

std::string responses_text(const report::Report& report) {
  return report.is_shown() ? picture::count_text(report.responses) : std::string("not shown");
}

void add_facts(const Findings& findings, const GroupLabels& labels, picture::Document& out) {
  const report::Report& first = findings.reports[0];
  if (findings.is_compared()) {
    out.facts.emplace_back("First group", labels.first + ": " + responses_text(first));
    out.facts.emplace_back("Second group",
                           labels.second + ": " + responses_text(findings.reports[1]));
  } else {
    out.facts.emplace_back("Responses", responses_text(first));
    if (!findings.asked.is_plain()) out.facts.emplace_back("Which responses", labels.first);
  }
  out.facts.emplace_back("Version of the questions", std::to_string(findings.version));
  if (!first.weight.empty()) {
    out.facts.emplace_back("Weighted by",
                           fmt::format("{} (sum {}, effective size {})", first.weight,
                                       picture::number_text(first.weight_sum, 1),
                                       picture::number_text(first.n_effective, 1)));
  }
  out.facts.emplace_back("Smallest group shown", std::to_string(first.least));
  for (const report::Report& report : findings.reports)
    if (!report.is_shown()) out.notes.push_back(reason_of(report));
}

}  // namespace

Result<GroupLabels> group_labels(const web::Request& request) {
  GroupLabels out{std::string(request.param("label").value_or("")),
                  std::string(request.param("compare_label").value_or(""))};
  if (out.first.size() > k_group_label_max_bytes || out.second.size() > k_group_label_max_bytes) {
    return refuse_field(Code::LimitExceeded, "label",
                        fmt::format("At most {} bytes.", k_group_label_max_bytes));
  }
  return out;
}

std::vector<picture::Subject> subjects_of(const Findings& findings, const GroupLabels& labels) {
  const GroupLabels names = named(findings, labels);
  auto out = picture::subjects_of(*findings.questionnaire, findings.reports, findings.tests);
  for (picture::Subject& subject : out) {
    if (!subject.is_compared()) continue;
    subject.first_label = names.first;
    subject.second_label = names.second;
  }
  return out;
}

Result<void> add_words(web::Call& call, const Findings& findings, picture::Subject& subject) {
  const form::Question& question = *subject.question;
  const bool is_text = question.kind == form::Kind::Text || question.kind == form::Kind::Comment;
  if (!is_text || report::is_numeric(question) || !findings.asked.is_plain()) return {};
  PROBITY_TRY(words, words_of(call, {findings.survey, question.key, findings.questionnaire,
                                     picture::k_words_max}));
  subject.words = std::move(words);
  return {};
}

Result<picture::Document> document_of(web::Call& call, const Findings& findings,
                                      const DocumentStyle& style) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, findings.survey));
  PROBITY_TRY(title, open_title(*cipher, survey));
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  picture::Document out;
  out.title = title;
  out.organisation = settings.organisation_name;
  out.made_at = to_rfc3339(call.now());
  const GroupLabels labels = named(findings, style.labels);
  add_facts(findings, labels, out);
  out.facts.emplace_back("What respondents were promised", who_will_know(survey.mode, "en"));
  constexpr std::size_t k_minute_length = 16;
  std::string made = out.made_at.substr(0, k_minute_length);
  made[made.find('T')] = ' ';
  out.facts.emplace_back("Made", made + " UTC");
  out.facts.emplace_back("Security statement", style.origin + "/security");
  int texts = 0;
  for (picture::Subject& subject : subjects_of(findings, style.labels)) {
    if (call.deadline().has_passed())
      return fail(Code::Deadline, "making a document took too long");
    if (texts < k_document_words_max) {
      PROBITY_CHECK(add_words(call, findings, subject));
      texts += subject.words.empty() ? 0 : 1;
    }
    out.sections.push_back(picture::section_of(subject, style.width));
  }
  return out;
}

}  // namespace probity::survey
