#include "report/compare.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace probity::report {
namespace {

constexpr double k_expected_least = 5;

/// Two rows of counts over the same columns.
struct Columns {
  std::vector<double> a;
  std::vector<double> b;
};

/// Sets of names that are counted together in either of two reports.
class Joined {
 public:
  void join(const std::vector<Pool>& pools) {
    for (const Pool& pool : pools)
      for (const std::string& text : pool.texts)
        head_[root(text)] = root(pool.texts.front());
  }
  [[nodiscard]] std::string root(const std::string& text) const {
    auto found = head_.find(text);
    std::string name = text;
    while (found != head_.end() && found->second != name) {
      name = found->second;
      found = head_.find(name);
    }
    return name;
  }

 private:
  std::map<std::string, std::string> head_;
};

void add_row(const std::vector<ChoiceCount>& counts, const std::vector<Pool>& pools,
             const Joined& joined, std::map<std::string, double>& out) {
  for (const ChoiceCount& choice : counts)
    if (!choice.is_pooled) out[joined.root(choice.text)] += static_cast<double>(choice.count);
  for (const Pool& pool : pools)
    out[joined.root(pool.texts.front())] += static_cast<double>(pool.count);
}

/// The columns both reports tell; without those that hold people who gave no answer.
Columns columns_of(const std::vector<ChoiceCount>& a, const std::vector<Pool>& pools_a,
                   const std::vector<ChoiceCount>& b, const std::vector<Pool>& pools_b) {
  Joined joined;
  joined.join(pools_a);
  joined.join(pools_b);
  std::map<std::string, double> row_a;
  std::map<std::string, double> row_b;
  add_row(a, pools_a, joined, row_a);
  add_row(b, pools_b, joined, row_b);
  for (const auto* pools : {&pools_a, &pools_b})
    for (const Pool& pool : *pools)
      for (const std::string& text : pool.texts)
        if (text == "skipped" || text == "not_shown") row_a.erase(joined.root(text));
  Columns out;
  for (const auto& [name, count] : row_a) {
    out.a.push_back(count);
    out.b.push_back(row_b[name]);
  }
  return out;
}

std::uint64_t whole(double count) { return static_cast<std::uint64_t>(count + 0.5); }

/// Columns in which anybody is.
void drop_empty(Columns& columns) {
  Columns kept;
  for (std::size_t i = 0; i < columns.a.size(); ++i) {
    if (columns.a[i] + columns.b[i] <= 0) continue;
    kept.a.push_back(columns.a[i]);
    kept.b.push_back(columns.b[i]);
  }
  columns = std::move(kept);
}

/// The test of a table; nothing to test gives no method.
Comparison test_table(Columns columns) {
  Comparison out;
  drop_empty(columns);
  const double total_a = std::accumulate(columns.a.begin(), columns.a.end(), 0.0);
  const double total_b = std::accumulate(columns.b.begin(), columns.b.end(), 0.0);
  if (columns.a.size() < 2 || total_a <= 0 || total_b <= 0) return out;
  out.difference = columns.a[0] / total_a - columns.b[0] / total_b;
  const bool is_small = least_expected(columns.a, columns.b) < k_expected_least;
  if (is_small && columns.a.size() == 2) {
    out.method = "fisher";
    out.p = fisher_exact(whole(columns.a[0]), whole(columns.a[1]), whole(columns.b[0]),
                         whole(columns.b[1]));
    return out;
  }
  const TestResult result = chi_square_test(columns.a, columns.b);
  out.method = "chi-square";
  out.statistic = result.statistic;
  out.freedom = result.freedom;
  out.p = result.p;
  out.is_approximate = is_small;
  if (columns.a.size() > 2) out.difference = 0;
  return out;
}

Comparison test_means(const Spread& a, const Spread& b) {
  Comparison out;
  if (a.n < 2 || b.n < 2) return out;
  const TestResult result = welch_test({a.n, a.mean, a.deviation}, {b.n, b.mean, b.deviation});
  out.method = "welch";
  out.statistic = result.statistic;
  out.freedom = result.freedom;
  out.difference = a.mean - b.mean;
  out.p = result.p;
  return out;
}

Comparison test_scores(const PromoterScore& a, const PromoterScore& b) {
  Comparison out;
  const TestResult result = score_difference(a.adjusted, b.adjusted);
  out.method = "nps";
  out.statistic = result.statistic;
  out.difference = a.score - b.score;
  out.p = result.p;
  return out;
}

/// Collects the tests of one question.
class Tester {
 public:
  Tester(const QuestionCount& a, const QuestionCount& b, std::vector<Comparison>& out)
      : a_(a), b_(b), out_(out) {}

  void run() {
    const bool is_plain = !a_.is_estimated && !b_.is_estimated;
    if (a_.nps && b_.nps && is_plain) put(test_scores(*a_.nps, *b_.nps), {});
    if (a_.type == "checkbox" || a_.type == "tagbox") return options();
    if (!a_.parts.empty()) return parts();
    if (a_.spread && b_.spread && is_plain) return put(test_means(*a_.spread, *b_.spread), {});
    if (a_.counts.empty()) return;
    put(test_table(columns_of(a_.counts, a_.pools, b_.counts, b_.pools)), {});
  }

 private:
  void put(Comparison test, std::string part) {
    if (test.method.empty()) return;
    test.question = a_.name;
    test.part = std::move(part);
    out_.push_back(std::move(test));
  }
  void options() {
    if (!a_.is_answered_known || !b_.is_answered_known) return;
    for (std::size_t i = 0; i < a_.counts.size(); ++i) {
      const ChoiceCount& a = a_.counts[i];
      const ChoiceCount& b = b_.counts[i];
      if (a.is_pooled || b.is_pooled) continue;
      const auto rest = [](std::uint64_t answered, std::uint64_t count) {
        return static_cast<double>(answered - std::min(answered, count));
      };
      const Columns columns{{static_cast<double>(a.count), rest(a_.answered, a.count)},
                            {static_cast<double>(b.count), rest(b_.answered, b.count)}};
      put(test_table(columns), a.text);
    }
  }
  void parts() {
    for (std::size_t i = 0; i < a_.parts.size(); ++i) {
      const PartCount& a = a_.parts[i];
      const PartCount& b = b_.parts[i];
      if (a.is_estimated || b.is_estimated || a.counts.empty()) continue;
      if (a.spread && b.spread)
        put(test_means(*a.spread, *b.spread), a.name);
      else
        put(test_table(columns_of(a.counts, a.pools, b.counts, b.pools)), a.name);
    }
  }

  const QuestionCount& a_;
  const QuestionCount& b_;
  std::vector<Comparison>& out_;
};

}  // namespace

std::vector<Comparison> compare_reports(const Report& a, const Report& b) {
  std::vector<Comparison> out;
  if (!a.is_shown() || !b.is_shown()) return out;
  for (std::size_t i = 0; i < a.questions.size() && i < b.questions.size(); ++i)
    if (!a.questions[i].is_suppressed && !b.questions[i].is_suppressed)
      Tester(a.questions[i], b.questions[i], out).run();
  std::vector<double> p;
  for (const Comparison& test : out)
    p.push_back(test.p);
  const auto corrected = holm(p);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i].p_corrected = corrected[i];
  return out;
}

void write_comparison(JsonWriter& out, const std::vector<Comparison>& tests) {
  out.key("comparison");
  out.begin_object();
  out.field("level", k_significance_level);
  out.field("correction", "Holm, over all tests of this answer");
  out.field("methods",
            "choices: chi-square without continuity correction, Fisher's exact test for two "
            "columns with an expected count below 5; numbers: Welch's t; promoter scores: "
            "difference with adjusted Wald variances");
  out.key("tests");
  out.begin_array();
  for (const Comparison& test : tests) {
    out.begin_object();
    out.field("question", test.question);
    if (!test.part.empty()) out.field("part", test.part);
    out.field("method", test.method);
    if (test.method != "fisher") out.field("statistic", test.statistic);
    if (test.freedom > 0) out.field("freedom", test.freedom);
    out.field("difference", test.difference);
    out.field("p", test.p);
    out.field("p_corrected", test.p_corrected);
    out.field("significant", test.is_significant());
    if (test.is_approximate) out.field("approximate", true);
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

}  // namespace probity::report
