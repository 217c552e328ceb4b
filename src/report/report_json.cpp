#include "report/report.hpp"

namespace probity::report {
namespace {

constexpr std::string_view k_promoter_method =
    "adjusted Wald interval for a difference of multinomial shares (Bonett and Price 2012), 95 %";
constexpr std::string_view k_share_method = "Wilson score interval, 95 %";
constexpr std::string_view k_weight_method = "effective sample size by Kish";

void write_interval(JsonWriter& out, std::string_view name, const Interval& interval) {
  out.key(name);
  out.begin_object();
  out.field("low", interval.low);
  out.field("high", interval.high);
  out.end_object();
}

void write_known(JsonWriter& out, std::string_view name, std::uint64_t count, const bool known) {
  out.key(name);
  if (known)
    out.value(count);
  else
    out.null();
}

void write_share(JsonWriter& out, const Share& share) {
  out.field("share", share.value);
  out.field("low", share.interval.low);
  out.field("high", share.interval.high);
}

void write_counts(JsonWriter& out, const std::vector<ChoiceCount>& counts) {
  out.key("counts");
  out.begin_object();
  for (const ChoiceCount& choice : counts)
    write_known(out, choice.text, choice.count, !choice.is_pooled);
  out.end_object();
}

/// Shares in the order of counts; only where there are any.
void write_shares(JsonWriter& out, const std::vector<ChoiceCount>& counts) {
  bool has_any = false;
  for (const ChoiceCount& choice : counts)
    has_any = has_any || choice.share || choice.weighted;
  if (!has_any) return;
  out.key("shares");
  out.begin_array();
  for (const ChoiceCount& choice : counts) {
    if (!choice.share && !choice.weighted) continue;
    out.begin_object();
    out.field("text", choice.text);
    if (choice.share) write_share(out, *choice.share);
    if (choice.weighted) {
      out.key("weighted");
      out.begin_object();
      write_share(out, *choice.weighted);
      out.end_object();
    }
    out.end_object();
  }
  out.end_array();
}

void write_pools(JsonWriter& out, const std::vector<Pool>& pools) {
  if (pools.empty()) return;
  out.key("pooled");
  out.begin_array();
  for (const Pool& pool : pools) {
    out.begin_object();
    out.key("values");
    out.begin_array();
    for (const std::string& text : pool.texts)
      out.value(text);
    out.end_array();
    out.field("count", pool.count);
    out.end_object();
  }
  out.end_array();
}

void write_spread(JsonWriter& out, const std::optional<Spread>& spread) {
  if (!spread) return;
  out.field("mean", spread->mean);
  out.field("deviation", spread->deviation);
  out.field("median", spread->median);
}

void write_score(JsonWriter& out, const PromoterScore& nps, const bool is_estimated) {
  out.field("nps", nps.score);
  write_known(out, "promoters", nps.promoters, !is_estimated);
  write_known(out, "passives", nps.passives, !is_estimated);
  write_known(out, "detractors", nps.detractors, !is_estimated);
  write_interval(out, "nps_interval", nps.interval);
}

void write_histogram(JsonWriter& out, const std::vector<Bin>& bins) {
  if (bins.empty()) return;
  out.key("histogram");
  out.begin_array();
  for (const Bin& bin : bins) {
    out.begin_object();
    out.field("from", bin.from);
    out.field("to", bin.to);
    out.field("count", bin.count);
    out.end_object();
  }
  out.end_array();
}

void write_weighted(JsonWriter& out, const Weighted& weighted) {
  out.key("weighted");
  out.begin_object();
  out.field("n", weighted.n);
  out.field("n_effective", weighted.n_effective);
  if (weighted.mean) out.field("mean", *weighted.mean);
  if (weighted.score) {
    out.field("nps", *weighted.score);
    write_interval(out, "nps_interval", weighted.score_interval);
  }
  if (weighted.is_estimated) out.field("estimated", true);
  out.end_object();
}

void write_part(JsonWriter& out, const PartCount& part, std::uint64_t responses) {
  out.begin_object();
  out.field("name", part.name);
  out.field("title", part.title);
  write_known(out, "answered", part.answered, part.is_answered_known);
  write_known(out, "blank", responses - part.answered, part.is_answered_known);
  if (!part.counts.empty()) write_counts(out, part.counts);
  write_spread(out, part.spread);
  write_shares(out, part.counts);
  write_pools(out, part.pools);
  if (part.is_estimated) out.field("estimated", true);
  out.end_object();
}

void write_question(JsonWriter& out, const QuestionCount& question, std::uint64_t responses) {
  const bool is_known = question.is_answered_known;
  out.begin_object();
  out.field("name", question.name);
  out.field("title", question.title);
  out.field("type", question.type);
  write_known(out, "answered", question.answered, is_known);
  write_known(out, "blank", question.blank, is_known);
  write_known(out, "not_shown", question.not_shown, is_known);
  write_known(out, "skipped", question.skipped, is_known);
  if (question.declared_missing != 0) out.field("declared_missing", question.declared_missing);
  if (question.undeclared != 0) out.field("undeclared", question.undeclared);
  write_counts(out, question.counts);
  write_spread(out, question.spread);
  if (question.nps) write_score(out, *question.nps, question.is_estimated);
  write_shares(out, question.counts);
  write_histogram(out, question.histogram);
  if (question.weighted) write_weighted(out, *question.weighted);
  write_pools(out, question.pools);
  if (question.is_suppressed) out.field("suppressed", true);
  if (question.is_estimated) out.field("estimated", true);
  if (!question.parts.empty()) {
    out.key("parts");
    out.begin_array();
    for (const PartCount& part : question.parts)
      write_part(out, part, responses);
    out.end_array();
  }
  out.end_object();
}

void write_methods(JsonWriter& out, const Report& report) {
  out.key("methods");
  out.begin_object();
  out.field("shares", k_share_method);
  out.field("nps_interval", k_promoter_method);
  if (!report.weight.empty()) out.field("weights", k_weight_method);
  out.end_object();
}

}  // namespace

void write_report(JsonWriter& out, const Report& report) {
  out.key("responses");
  if (report.is_shown())
    out.value(report.responses);
  else
    out.null();
  if (report.is_shown() && !report.weight.empty()) {
    out.key("weight");
    out.begin_object();
    out.field("question", report.weight);
    out.field("n", report.responses);
    out.field("n_weighted", report.weight_sum);
    out.field("n_effective", report.n_effective);
    if (report.verdict == Verdict::Everything) out.field("without_weight", report.weightless);
    out.end_object();
  }
  out.key("questions");
  out.begin_array();
  for (const QuestionCount& question : report.questions)
    write_question(out, question, report.responses);
  out.end_array();
  if (report.is_shown()) write_methods(out, report);
}

void write_report(JsonWriter& out, const Tally& tally) { write_report(out, make_report(tally, 1)); }

}  // namespace probity::report
