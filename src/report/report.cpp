#include "report/report.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace probity::report {
namespace {

constexpr std::size_t k_bins_max = 20;
/// Values above it are put into bins.
constexpr std::size_t k_single_bins_max = 20;

/// Texts of choices, made different where two choices read the same.
std::vector<std::string> choice_texts(const Question& question) {
  std::vector<std::string> out;
  for (const Choice& choice : question.choices) {
    std::string text(choice.text.text());
    if (std::ranges::find(out, text) != out.end()) text += " (" + choice.key + ")";
    out.push_back(std::move(text));
  }
  return out;
}

/// A facet of the group: how many have each value, as far as it is told.
struct Told {
  FacetRelease release;
  std::vector<std::uint64_t> counts;   ///< Of a value alone in its class, else of its class.
  std::vector<std::uint8_t> is_alone;  ///< The count is the value's own.
  std::vector<double> estimates;       ///< The count, or its part of the class as in the whole.
  std::vector<double> weights;         ///< As estimates, by weight; empty without.
  bool is_weight_estimated = false;
  bool is_suppressed = false;
  bool is_estimated = false;

  /// How many have one of the values from `first` on; nothing where those are not told apart.
  [[nodiscard]] std::optional<std::uint64_t> sum_from(std::size_t first) const {
    std::map<std::uint32_t, std::uint64_t> sums;
    for (std::size_t i = first; i < counts.size(); ++i)
      sums[release.class_of[i]] = counts[i];
    std::uint64_t sum = 0;
    for (const auto& [own, count] : sums) {
      const auto end = release.class_of.begin() + static_cast<std::ptrdiff_t>(first);
      const bool is_nobody = own == FacetRelease::k_nobody;
      if (!is_nobody && std::find(release.class_of.begin(), end, own) != end) return {};
      sum += is_nobody ? 0 : count;
    }
    return sum;
  }
  [[nodiscard]] bool are_alone(std::size_t first, std::size_t last) const {
    return std::all_of(is_alone.begin() + static_cast<std::ptrdiff_t>(first),
                       is_alone.begin() + static_cast<std::ptrdiff_t>(last),
                       [](std::uint8_t alone) { return alone != 0; });
  }
};

/// Sums by class, then each value's part of its class as in the numbers of people of the whole:
/// their weights would tell more than those numbers do.
template <typename T>
std::vector<double> spread_over(const FacetRelease& release, const std::vector<T>& group,
                                const std::vector<std::uint64_t>& whole) {
  std::map<std::uint32_t, std::pair<double, double>> sums;
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto& [in_group, in_whole] = sums[release.class_of[i]];
    in_group += static_cast<double>(group[i]);
    in_whole += static_cast<double>(whole[i]);
  }
  std::vector<double> out;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto& [in_group, in_whole] = sums[release.class_of[i]];
    out.push_back(in_whole > 0 ? static_cast<double>(whole[i]) * in_group / in_whole : 0);
  }
  return out;
}

class Reporter {
 public:
  Reporter(const Tally& tally, const Release& release)
      : tally_(tally), release_(release), form_(tally.questionnaire()) {}

  [[nodiscard]] QuestionCount question(std::uint32_t index) const;

 private:
  [[nodiscard]] Told told(const Facet& facet) const;
  void tell_weights(const Facet& facet, const std::vector<std::uint64_t>& whole, Told& out) const;
  void fill_choice(const Question& question, std::uint32_t index, QuestionCount& out) const;
  void fill_options(const Question& question, std::uint32_t index, QuestionCount& out) const;
  void fill_parts(const Question& question, std::uint32_t index, QuestionCount& out) const;
  void fill_numbers(std::uint32_t index, QuestionCount& out) const;
  void fill_weighted(const Told& told, std::uint32_t index, std::span<const double> values,
                     QuestionCount& out) const;
  [[nodiscard]] PartCount row(const Question& question, const Facet& facet) const;
  [[nodiscard]] PartCount place(const Question& question, const Facet& facet) const;
  /// What a row or an item was given, of what has these texts and numbers; without its own name.
  /// `blank` says that others were given something.
  [[nodiscard]] PartCount part(const Told& told, const std::vector<std::string>& texts,
                               std::span<const double> values, const char* blank) const;
  [[nodiscard]] PartCount item(const Question& question, const Facet& facet) const;
  [[nodiscard]] double effective(std::uint32_t index, double weight) const;

  const Tally& tally_;
  const Release& release_;
  const Questionnaire& form_;
};

Told Reporter::told(const Facet& facet) const {
  Told out;
  out.release = release_.facet(facet);
  const auto group = tally_.values_of(facet, release_.group());
  const auto whole = tally_.values_of(facet, release_.whole());
  std::map<std::uint32_t, std::pair<std::size_t, std::uint64_t>> classes;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (out.release.class_of[i] == FacetRelease::k_nobody) continue;
    ++classes[out.release.class_of[i]].first;
    classes[out.release.class_of[i]].second += group[i];
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::uint32_t own = out.release.class_of[i];
    const bool is_nobody = own == FacetRelease::k_nobody;
    out.is_alone.push_back(is_nobody || classes[own].first == 1 ? 1 : 0);
    out.counts.push_back(is_nobody ? 0 : classes[own].second);
    out.is_estimated = out.is_estimated || out.is_alone.back() == 0;
  }
  out.estimates = spread_over(out.release, group, whole);
  out.is_suppressed =
      release_.verdict() == Verdict::Group && out.release.classes < 2 && out.is_estimated;
  if (tally_.weight()) tell_weights(facet, whole, out);
  return out;
}

void Reporter::tell_weights(const Facet& facet, const std::vector<std::uint64_t>& whole,
                            Told& out) const {
  const FacetRelease release = release_.weighted_facet(facet);
  std::map<std::uint32_t, std::size_t> sizes;
  for (const std::uint32_t own : release.class_of)
    if (own != FacetRelease::k_nobody) ++sizes[own];
  out.is_weight_estimated =
      std::ranges::any_of(sizes, [](const auto& size) { return size.second > 1; });
  if (release.classes < 2 && out.is_weight_estimated) return;
  const auto weights = tally_.weights_of(facet, release_.group());
  if (!weights.empty()) out.weights = spread_over(release, weights, whole);
}

/// Kish's size of those who answered, where the squares of their weights may be told; else what the
/// whole group's weights leave of one.
double Reporter::effective(std::uint32_t index, double weight) const {
  const Block& group = release_.group();
  const FacetRelease answered = release_.weighted_facet({FacetKind::Answered, index, 0});
  const auto is_alone = [&](std::size_t value) {
    return std::ranges::count(answered.class_of, answered.class_of[value]) == 1;
  };
  if (release_.verdict() == Verdict::Everything && is_alone(0))
    return effective_size(weight, group.answer_squares[index].value());
  const double total = group.weight.value();
  return total <= 0 ? 0 : weight * total / group.weight_squares.value();
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

std::optional<Share> share_of(double count, double n, double base) {
  if (base <= 0 || n <= 0) return {};
  const double share = std::clamp(count / base, 0.0, 1.0);
  return Share{share, wilson_interval(share * n, n)};
}

/// The choices of a facet whose first values they are. `missing` marks choices outside the base.
std::vector<ChoiceCount> choices_of(const std::vector<std::string>& texts, const Told& told,
                                    double base) {
  std::vector<ChoiceCount> out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ChoiceCount choice;
    choice.text = texts[i];
    choice.is_pooled = told.is_alone[i] == 0;
    if (!choice.is_pooled) choice.count = told.counts[i];
    if (!told.is_suppressed) choice.share = share_of(told.estimates[i], base, base);
    out.push_back(std::move(choice));
  }
  return out;
}

/// Classes of several values, with the values' names.
std::vector<Pool> pools_of(const Told& told, const std::vector<std::string>& names) {
  std::map<std::uint32_t, Pool> pools;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (told.is_alone[i] != 0) continue;
    Pool& pool = pools[told.release.class_of[i]];
    pool.texts.push_back(names[i]);
    pool.count = told.counts[i];
  }
  std::vector<Pool> out;
  for (auto& [id, pool] : pools)
    out.push_back(std::move(pool));
  return out;
}

std::vector<std::string> with_blanks(std::vector<std::string> texts,
                                     std::initializer_list<const char*> more) {
  texts.insert(texts.end(), more.begin(), more.end());
  return texts;
}

/// Place and spread of those values that are numbers (the others are NaN).
std::optional<Spread> spread_of(std::span<const double> values, std::span<const double> counts) {
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i]) && counts[i] > 0) pairs.emplace_back(values[i], counts[i]);
  if (pairs.empty()) return {};
  std::ranges::sort(pairs);
  std::vector<double> ordered;
  std::vector<double> weights;
  for (const auto& [value, count] : pairs) {
    ordered.push_back(value);
    weights.push_back(count);
  }
  const Moments moments = moments_of(ordered, weights);
  return Spread{moments.n, moments.mean, moments.deviation, median_of(ordered, weights)};
}

std::vector<double> numbers_of_choices(const Question& question) {
  std::vector<double> out;
  for (const Choice& choice : question.choices)
    out.push_back(choice_number(choice).value_or(std::nan("")));
  return out;
}

/// The score of estimated or plain counts of 0…10.
std::optional<PromoterScore> score_of(std::span<const double> counts) {
  const double detractors = sum_of(counts.subspan(0, 7));
  const double passives = sum_of(counts.subspan(7, 2));
  const double promoters = sum_of(counts.subspan(9, 2));
  const double n = detractors + passives + promoters;
  if (n <= 0) return {};
  PromoterScore out;
  out.promoters = static_cast<std::uint64_t>(std::llround(promoters));
  out.passives = static_cast<std::uint64_t>(std::llround(passives));
  out.detractors = static_cast<std::uint64_t>(std::llround(detractors));
  out.score = 100 * (promoters - detractors) / n;
  const Interval interval = promoter_interval(promoters, detractors, n);
  out.interval = {100 * interval.low, 100 * interval.high};
  out.adjusted = adjusted_score(promoters, detractors, n);
  return out;
}

void fill_blanks(const Told& told, std::size_t skipped, std::uint64_t responses,
                 QuestionCount& out) {
  out.is_answered_known = told.are_alone(skipped, skipped + 2);
  if (!out.is_answered_known) return;
  out.skipped = told.counts[skipped];
  out.not_shown = told.counts[skipped + 1];
  out.blank = out.skipped + out.not_shown;
  out.answered = responses - out.blank;
}

void Reporter::fill_weighted(const Told& told, std::uint32_t index, std::span<const double> values,
                             QuestionCount& out) const {
  if (told.weights.empty() || told.is_suppressed) return;
  const std::size_t blanks = 2;
  const std::span<const double> given(told.weights.data(), told.weights.size() - blanks);
  Weighted weighted;
  weighted.is_estimated = told.is_weight_estimated;
  weighted.n = sum_of(given);
  weighted.n_effective = effective(index, weighted.n);
  for (std::size_t i = 0; i < out.counts.size(); ++i)
    out.counts[i].weighted = share_of(given[i], weighted.n_effective, weighted.n);
  if (const auto spread = spread_of(values, given.first(values.size())))
    weighted.mean = spread->mean;
  if (out.nps && weighted.n > 0) {
    const double promoters = sum_of(given.subspan(9, 2)) / weighted.n;
    const double detractors = sum_of(given.subspan(0, 7)) / weighted.n;
    const double n = weighted.n_effective;
    const Interval interval = promoter_interval(promoters * n, detractors * n, n);
    weighted.score = 100 * (promoters - detractors);
    weighted.score_interval = {100 * interval.low, 100 * interval.high};
  }
  out.weighted = weighted;
}

void Reporter::fill_choice(const Question& question, std::uint32_t index,
                           QuestionCount& out) const {
  const Told told = this->told({FacetKind::Choice, index, 0});
  const std::size_t choices = question.choices.size();
  const auto texts = choice_texts(question);
  out.is_suppressed = told.is_suppressed;
  out.is_estimated = told.is_estimated;
  fill_blanks(told, choices + 1, release_.group().responses, out);
  if (told.is_alone[choices]) out.undeclared = told.counts[choices];
  const std::span<const double> given(told.estimates.data(), choices + 1);
  double missing = 0;
  for (std::size_t i = 0; i < choices; ++i) {
    const Choice::Role role = question.choices[i].role;
    if (role != Choice::Role::Refuse && role != Choice::Role::DontKnow) continue;
    missing += told.estimates[i];
    if (told.is_alone[i]) out.declared_missing += told.counts[i];
  }
  out.counts = choices_of(texts, told, sum_of(given) - missing);
  for (std::size_t i = 0; i < choices; ++i) {
    const Choice::Role role = question.choices[i].role;
    if (role == Choice::Role::Refuse || role == Choice::Role::DontKnow) out.counts[i].share = {};
  }
  out.pools = pools_of(told, with_blanks(texts, {"undeclared", "skipped", "not_shown"}));
  if (told.is_suppressed) return;
  std::vector<double> values;
  if (question.kind != Kind::Boolean) values = numbers_of_choices(question);
  out.spread = spread_of(values, given);
  if (out.spread) out.mean = out.spread->mean;
  if (is_promoter_rating(question)) out.nps = score_of(given.first(choices));
  fill_weighted(told, index, values, out);
}

void Reporter::fill_options(const Question& question, std::uint32_t index,
                            QuestionCount& out) const {
  const auto texts = choice_texts(question);
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    const Told told = this->told({FacetKind::Option, index, i});
    ChoiceCount choice;
    choice.text = texts[i];
    choice.is_pooled = told.is_alone[0] == 0;
    if (!choice.is_pooled) choice.count = told.counts[0];
    const double answered = told.estimates[0] + told.estimates[1];
    if (!told.is_suppressed) choice.share = share_of(told.estimates[0], answered, answered);
    out.is_suppressed = out.is_suppressed && told.is_suppressed;
    if (!told.weights.empty() && !told.is_suppressed) {
      const double n = told.weights[0] + told.weights[1];
      choice.weighted = share_of(told.weights[0], effective(index, n), n);
      if (!out.weighted) out.weighted = Weighted{n, effective(index, n), {}, {}, {}, false};
      out.weighted->is_estimated = out.weighted->is_estimated || told.is_weight_estimated;
    }
    out.is_estimated = out.is_estimated || told.is_estimated;
    out.counts.push_back(std::move(choice));
  }
}

PartCount Reporter::row(const Question& question, const Facet& facet) const {
  const Row& row = question.rows[facet.part];
  PartCount out =
      part(told(facet), choice_texts(question), numbers_of_choices(question), "left_out");
  out.name = row.name;
  out.title = row.text.text();
  return out;
}

PartCount Reporter::place(const Question& question, const Facet& facet) const {
  std::vector<std::string> texts;
  std::vector<double> values;
  for (std::size_t i = 1; i <= question.choices.size(); ++i) {
    texts.push_back(std::to_string(i));
    values.push_back(static_cast<double>(i));
  }
  PartCount out = part(told(facet), texts, values, "not_ranked");
  out.name = question.choices[facet.part].key;
  out.title = choice_texts(question)[facet.part];
  return out;
}

PartCount Reporter::part(const Told& told, const std::vector<std::string>& texts,
                         std::span<const double> values, const char* blank) const {
  const std::span<const double> given(told.estimates.data(), texts.size());
  PartCount out;
  out.counts = choices_of(texts, told, sum_of(given));
  const auto unanswered = told.sum_from(texts.size());
  out.is_answered_known = unanswered.has_value();
  if (unanswered) out.answered = release_.group().responses - *unanswered;
  out.pools = pools_of(told, with_blanks(texts, {blank, "skipped", "not_shown"}));
  out.is_estimated = told.is_estimated;
  out.is_suppressed = told.is_suppressed;
  if (told.is_suppressed) return out;
  out.spread = spread_of(values, given);
  if (out.spread) out.mean = out.spread->mean;
  return out;
}

PartCount Reporter::item(const Question& question, const Facet& facet) const {
  const Told told = this->told(facet);
  PartCount out;
  out.name = question.items[facet.part].name;
  out.title = question.items[facet.part].title.text();
  out.is_answered_known = told.is_alone[0] != 0;
  out.is_estimated = told.is_estimated;
  out.is_suppressed = told.is_suppressed;
  if (out.is_answered_known) out.answered = told.counts[0];
  return out;
}

/// Counts of a choice over all rows, or of being ranked: sums of what the parts tell.
void sum_parts(const Question& question, QuestionCount& out) {
  const auto texts = choice_texts(question);
  const bool is_ranking = question.kind == Kind::Ranking;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ChoiceCount choice;
    choice.text = texts[i];
    if (is_ranking) {
      choice.is_pooled = !out.parts[i].is_answered_known;
      choice.count = out.parts[i].answered;
    } else {
      for (const PartCount& part : out.parts) {
        choice.is_pooled = choice.is_pooled || part.counts[i].is_pooled;
        choice.count += part.counts[i].count;
      }
    }
    if (choice.is_pooled) choice.count = 0;
    out.counts.push_back(std::move(choice));
  }
}

void Reporter::fill_parts(const Question& question, std::uint32_t index, QuestionCount& out) const {
  for (const Facet& facet : facets_of(question, index)) {
    if (facet.kind == FacetKind::Row) out.parts.push_back(row(question, facet));
    if (facet.kind == FacetKind::Place) out.parts.push_back(place(question, facet));
    if (facet.kind == FacetKind::Item) out.parts.push_back(item(question, facet));
  }
  for (const PartCount& part : out.parts) {
    out.is_estimated = out.is_estimated || part.is_estimated;
    out.is_suppressed = out.is_suppressed && part.is_suppressed;
  }
  if (question.kind != Kind::MultipleText) sum_parts(question, out);
}

/// A round width (1, 2 or 5 times a power of ten) for at most k_bins_max bins.
double bin_width(double range) {
  const double least = range / static_cast<double>(k_bins_max - 1);
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double step : {1.0, 2.0, 5.0})
    if (step * power >= least) return step * power;
  return 10 * power;
}

std::vector<Bin> round_bins(std::span<const double> values, const Told& told) {
  const double width = bin_width(values.back() - values.front());
  const double first = std::floor(values.front() / width) * width;
  std::vector<Bin> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<std::size_t>((values[i] - first) / width);
    while (out.size() <= at) {
      const double from = first + width * static_cast<double>(out.size());
      out.push_back({from, from + width, 0});
    }
    out[at].count += told.counts[i];
  }
  return out;
}

/// Bars of the values: single ones when they are few, classes in a group, else round bins.
std::vector<Bin> bins_of(std::span<const double> values, const Told& told) {
  std::vector<Bin> out;
  if (values.empty() || told.is_suppressed) return out;
  if (!told.is_estimated && values.size() > k_single_bins_max) return round_bins(values, told);
  std::uint32_t last = FacetRelease::k_nobody;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t own = told.release.class_of[i];
    if (own != FacetRelease::k_nobody && own == last)
      out.back().to = values[i];
    else
      out.push_back({values[i], values[i], told.counts[i]});
    last = own;
  }
  return out;
}

void Reporter::fill_numbers(std::uint32_t index, QuestionCount& out) const {
  const Told told = this->told({FacetKind::Number, index, 0});
  const auto values = tally_.numbers_of(index);
  out.is_suppressed = told.is_suppressed;
  out.is_estimated = told.is_estimated;
  fill_blanks(told, values.size() + 1, release_.group().responses, out);
  if (told.is_suppressed || tally_.has_too_many_numbers()) return;
  out.histogram = bins_of(values, told);
  out.spread = spread_of(values, told.estimates);
  if (out.spread) out.mean = out.spread->mean;
  fill_weighted(told, index, values, out);
}

QuestionCount Reporter::question(std::uint32_t index) const {
  const Question& question = form_.questions[index];
  QuestionCount out;
  out.name = question.name;
  out.title = question.title.text();
  out.type = form::kind_name(question.kind);
  if (question.is_single_choice()) {
    fill_choice(question, index, out);
    return out;
  }
  if (is_numeric(question)) {
    fill_numbers(index, out);
    return out;
  }
  const Told told = this->told({FacetKind::Answered, index, 0});
  out.is_suppressed = told.is_suppressed;
  out.is_estimated = told.is_estimated;
  fill_blanks(told, 1, release_.group().responses, out);
  if (release_.verdict() == Verdict::Everything)
    out.undeclared = tally_.undeclared_in(index, release_.group());
  if (question.is_multiple_choice() && question.kind != Kind::Ranking)
    fill_options(question, index, out);
  else
    fill_parts(question, index, out);
  return out;
}

}  // namespace

Report make_report(const Tally& tally, std::uint64_t least, const std::vector<bool>& others) {
  const Release release(tally, least, others);
  Report out;
  out.verdict = release.verdict();
  out.least = least;
  const Questionnaire& form = tally.questionnaire();
  if (tally.weight()) out.weight = form.questions[*tally.weight()].name;
  if (!out.is_shown()) return out;
  const Block& group = release.group();
  out.responses = group.responses;
  out.weight_sum = group.weight.value();
  out.n_effective = effective_size(out.weight_sum, group.weight_squares.value());
  out.weightless = group.weightless;
  const Reporter reporter(tally, release);
  for (std::uint32_t i = 0; i < form.questions.size(); ++i)
    if (form.questions[i].is_answerable()) out.questions.push_back(reporter.question(i));
  return out;
}

}  // namespace probity::report
