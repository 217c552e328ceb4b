#include "picture/draw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "form/temporal.hpp"
#include "picture/label.hpp"
#include "picture/sketch.hpp"

namespace probity::picture {
namespace {

using form::Kind;
using report::ChoiceCount;
using report::PartCount;
using report::QuestionCount;

constexpr std::string_view k_about = "\u2248";
constexpr std::string_view k_unlike = "\u2260 ";
constexpr std::size_t k_label_characters_max = 200;

std::string label_of(std::string_view text) { return plain_text(text, k_label_characters_max); }

/// The marks of one group among two.
struct Group {
  const QuestionCount* count = nullptr;
  Ink ink = Ink::First;
  Ink pale = Ink::FirstPale;
  std::string_view label;
};

std::vector<Group> groups_of(const Subject& subject) {
  std::vector<Group> out{{subject.first, Ink::First, Ink::FirstPale, subject.first_label}};
  if (subject.second != nullptr)
    out.push_back({subject.second, Ink::Second, Ink::SecondPale, subject.second_label});
  return out;
}

void put_legend(Sketch& sketch, const Subject& subject) {
  if (!subject.is_compared()) return;
  sketch.legend(
      {{label_of(subject.first_label), Ink::First}, {label_of(subject.second_label), Ink::Second}});
}

Mark mark_of(const ChoiceCount& choice, const Group& group) {
  const auto& share = choice.weighted ? choice.weighted : choice.share;
  Mark out;
  out.ink = choice.is_pooled ? group.pale : group.ink;
  if (!share) return out;
  out.value = share->value;
  out.interval = share->interval;
  out.text = (choice.is_pooled ? std::string(k_about) : std::string()) + percent_text(share->value);
  if (!choice.is_pooled && !choice.weighted) out.text += " (" + count_text(choice.count) + ")";
  return out;
}

/// The choices to draw, the most chosen ones when they are too many, in declared order.
std::vector<std::size_t> drawn_of(const Subject& subject) {
  const auto& counts = subject.first->counts;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const bool is_second = subject.second != nullptr && subject.second->counts[i].share;
    if (counts[i].share || is_second) out.push_back(i);
  }
  if (out.size() <= k_bars_max) return out;
  std::ranges::stable_sort(out, [&](std::size_t a, std::size_t b) {
    const auto share = [&](std::size_t i) { return counts[i].share ? counts[i].share->value : 0; };
    return share(a) > share(b);
  });
  out.resize(k_bars_max);
  std::ranges::sort(out);
  return out;
}

void say_left_out(Sketch& sketch, std::size_t drawn, std::size_t all) {
  if (drawn < all) {
    sketch.paragraph(fmt::format("{} more are in the table.", count_text(all - drawn)), Ink::Soft);
  }
}

std::vector<BarRow> choice_rows(const Subject& subject, const std::vector<std::size_t>& drawn) {
  std::vector<BarRow> rows;
  for (const std::size_t i : drawn) {
    BarRow row;
    row.label = label_of(subject.first->counts[i].text);
    const report::Comparison* test = test_of(subject, subject.first->counts[i].text);
    if (test != nullptr && test->is_significant()) row.label.insert(0, k_unlike);
    for (const Group& group : groups_of(subject))
      row.marks.push_back(mark_of(group.count->counts[i], group));
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Lines of a multipletext: how many filled each in.
std::vector<BarRow> item_rows(const Subject& subject) {
  std::vector<BarRow> rows;
  for (std::size_t i = 0; i < subject.first->parts.size() && i < k_bars_max; ++i) {
    BarRow row;
    row.label = label_of(subject.first->parts[i].title);
    for (const Group& group : groups_of(subject)) {
      const PartCount& part = group.count->parts[i];
      const std::uint64_t of =
          group.count == subject.first ? subject.responses : subject.second_responses;
      Mark mark;
      mark.ink = group.ink;
      mark.text = part.is_answered_known ? count_text(part.answered) : "not told";
      if (part.is_answered_known && of > 0)
        mark.value = static_cast<double>(part.answered) / static_cast<double>(of);
      row.marks.push_back(std::move(mark));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void draw_choices(Sketch& sketch, const Subject& subject) {
  put_legend(sketch, subject);
  if (subject.question->kind == Kind::MultipleText) {
    draw_bars(sketch, {item_rows(subject), 1, true});
    say_left_out(sketch, std::min(k_bars_max, subject.first->parts.size()),
                 subject.first->parts.size());
    return;
  }
  const auto drawn = drawn_of(subject);
  const auto rows = choice_rows(subject, drawn);
  draw_bars(sketch, {rows, top_of(rows), true});
  say_left_out(sketch, drawn.size(), subject.first->counts.size());
}

void draw_words(Sketch& sketch, const Subject& subject) {
  BarSheet sheet;
  sheet.has_axis = false;
  const double most = static_cast<double>(std::max<std::uint64_t>(1, subject.words[0].responses));
  for (std::size_t i = 0; i < subject.words.size() && i < k_words_max; ++i) {
    const report::WordCount& word = subject.words[i];
    sheet.rows.push_back({label_of(word.word),
                          {{static_cast<double>(word.responses) / most,
                            {},
                            count_text(word.responses),
                            Ink::First}}});
  }
  draw_bars(sketch, sheet);
}

/// Where a value stands between the columns, whose values ascend.
std::optional<double> place_of(const std::vector<double>& values, double value) {
  if (values.empty() || value < values.front() || value > values.back()) return {};
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (value > values[i]) continue;
    const double step = values[i] - values[i - 1];
    const double part = step > 0 ? (value - values[i - 1]) / step : 0;
    return static_cast<double>(i - 1) + part;
  }
  return 0;
}

void put_mean(ColumnSheet& sheet, const std::vector<double>& values, const Subject& subject) {
  if (subject.is_compared() || !std::ranges::is_sorted(values)) return;
  const QuestionCount& count = *subject.first;
  // The mean of dates says nothing that their median does not.
  if (form::is_temporal(subject.question->text.input)) return;
  const bool is_weighted = count.weighted && count.weighted->mean;
  const auto mean = is_weighted ? count.weighted->mean : count.mean;
  if (!mean || values.size() < 2) return;
  sheet.line_at = place_of(values, *mean);
  sheet.line_text = fmt::format("{}mean {}", is_weighted ? "weighted " : "",
                                value_text(*subject.question, *mean));
}

/// A rating: one column for each value, both groups beside each other.
void draw_rating(Sketch& sketch, const Subject& subject) {
  put_legend(sketch, subject);
  ColumnSheet sheet;
  std::vector<double> values;
  for (const std::size_t i : drawn_of(subject)) {
    BarRow column;
    column.label = label_of(subject.first->counts[i].text);
    for (const Group& group : groups_of(subject)) {
      Mark mark = mark_of(group.count->counts[i], group);
      mark.text = mark.text.empty() ? "" : mark.text.substr(0, mark.text.find(" ("));
      column.marks.push_back(std::move(mark));
    }
    sheet.columns.push_back(std::move(column));
    if (i < subject.question->choices.size())
      values.push_back(report::choice_number(subject.question->choices[i]).value_or(std::nan("")));
  }
  const bool is_numbers =
      std::ranges::none_of(values, [](double value) { return std::isnan(value); });
  if (is_numbers) put_mean(sheet, values, subject);
  draw_columns(sketch, sheet);
}

void draw_histogram(Sketch& sketch, const Subject& subject) {
  for (const Group& group : groups_of(subject)) {
    if (subject.is_compared()) sketch.heading(label_of(group.label));
    if (group.count->histogram.empty()) {
      sketch.paragraph(suppressed_text(), Ink::Soft);
      continue;
    }
    ColumnSheet sheet;
    std::vector<double> values;
    for (const report::Bin& bin : group.count->histogram) {
      if (sheet.columns.size() == k_bars_max) break;
      sheet.columns.push_back(
          {bin_text(*subject.question, bin),
           {{static_cast<double>(bin.count), {}, count_text(bin.count), group.ink}}});
      values.push_back((bin.from + bin.to) / 2);
    }
    put_mean(sheet, values, subject);
    draw_columns(sketch, sheet);
    say_left_out(sketch, sheet.columns.size(), group.count->histogram.size());
  }
}

/// A row of shares.
StackRow row_of(const PartCount& part) {
  StackRow out;
  out.label = label_of(part.title.empty() ? part.name : part.title);
  if (part.is_suppressed) {
    out.instead = "not told: too few alike";
    return out;
  }
  for (std::size_t i = 0; i < part.counts.size(); ++i) {
    const ChoiceCount& choice = part.counts[i];
    if (choice.share)
      out.slices.push_back(
          {choice.share->value, scale_ink(i, part.counts.size()), choice.is_pooled});
  }
  if (out.slices.empty()) out.instead = "no answers";
  if (part.mean)
    out.text = (part.is_estimated ? std::string(k_about) : std::string()) + number_text(*part.mean);
  return out;
}

/// Items of a ranking stand in the order of their mean place.
std::vector<std::size_t> order_of(const Subject& subject) {
  std::vector<std::size_t> out(subject.first->parts.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  if (subject.question->kind != Kind::Ranking) return out;
  const auto mean = [&](std::size_t i) { return subject.first->parts[i].mean.value_or(1e9); };
  std::ranges::stable_sort(out, {}, mean);
  return out;
}

void put_scale(Sketch& sketch, const Subject& subject) {
  const auto& parts = subject.first->parts;
  if (parts.empty()) return;
  const auto& counts = parts.front().counts;
  std::vector<Sketch::Key> keys;
  const bool is_ranking = subject.question->kind == Kind::Ranking;
  for (std::size_t i = 0; i < counts.size() && i < k_bars_max; ++i) {
    keys.push_back(
        {(is_ranking ? "place " : "") + label_of(counts[i].text), scale_ink(i, counts.size())});
  }
  sketch.legend(keys);
}

void draw_parts(Sketch& sketch, const Subject& subject) {
  put_scale(sketch, subject);
  std::vector<StackRow> rows;
  const auto order = order_of(subject);
  for (const std::size_t i : order) {
    if (rows.size() >= k_bars_max) break;
    const PartCount& part = subject.first->parts[i];
    StackRow row = row_of(part);
    if (subject.is_compared()) {
      const report::Comparison* test = test_of(subject, part.name);
      if (test != nullptr && test->is_significant()) row.label.insert(0, k_unlike);
      StackRow other = row_of(subject.second->parts[i]);
      row.label += ": " + label_of(subject.first_label);
      other.label = "\u2003" + label_of(subject.second_label);
      rows.push_back(std::move(row));
      rows.push_back(std::move(other));
      continue;
    }
    rows.push_back(std::move(row));
  }
  const bool has_means =
      std::ranges::any_of(rows, [](const StackRow& row) { return !row.text.empty(); });
  if (has_means)
    sketch.paragraph(
        subject.question->kind == Kind::Ranking ? "Right: mean place." : "Right: mean.", Ink::Soft);
  draw_stack(sketch, rows);
}

/// Promoters, passives and detractors of one group.
StackRow thirds_of(const QuestionCount& count) {
  StackRow out;
  const report::PromoterScore& nps = *count.nps;
  const double n = static_cast<double>(nps.promoters + nps.passives + nps.detractors);
  if (n <= 0) return out;
  const auto slice = [&](std::uint64_t part, Ink ink) {
    out.slices.push_back({static_cast<double>(part) / n, ink, count.is_estimated});
  };
  slice(nps.detractors, Ink::Bad);
  slice(nps.passives, Ink::Unsure);
  slice(nps.promoters, Ink::Good);
  return out;
}

/// The score of a group as it is shown; nothing where it is not.
std::optional<Gauge> gauge_of(const Group& group) {
  const QuestionCount& count = *group.count;
  if (!count.nps) return {};
  const bool is_weighted = count.weighted && count.weighted->score;
  const double score = is_weighted ? *count.weighted->score : count.nps->score;
  const std::string_view about = count.is_estimated ? k_about : std::string_view();
  return Gauge{.score = score,
               .interval = is_weighted ? count.weighted->score_interval : count.nps->interval,
               .text = std::string(about) + number_text(score, 1),
               .ink = group.ink};
}

void draw_score(Sketch& sketch, const Subject& subject) {
  sketch.legend({{"detractors (0 to 6)", Ink::Bad},
                 {"passives (7, 8)", Ink::Unsure},
                 {"promoters (9, 10)", Ink::Good}});
  const auto groups = groups_of(subject);
  double room = 0;
  for (const Group& group : groups)
    if (const auto gauge = gauge_of(group)) room = std::max(room, gauge_text_room(gauge->text));
  for (const Group& group : groups) {
    if (subject.is_compared()) sketch.heading(label_of(group.label));
    const QuestionCount& count = *group.count;
    auto gauge = gauge_of(group);
    if (!gauge) {
      sketch.paragraph(suppressed_text(), Ink::Soft);
      continue;
    }
    gauge->text_room = room;
    draw_gauge(sketch, *gauge);
    const bool is_weighted = count.weighted && count.weighted->score;
    sketch.paragraph(
        fmt::format("{}score {}, 95 % interval {} to {}", is_weighted ? "weighted " : "",
                    number_text(gauge->score, 1), number_text(gauge->interval.low, 1),
                    number_text(gauge->interval.high, 1)),
        Ink::Soft);
    sketch.down(4);
    // The three are counts, which are not told where values are pooled.
    if (!is_weighted && !count.is_estimated) draw_stack(sketch, {thirds_of(count)});
  }
  draw_rating(sketch, subject);
}

void draw_nothing(Sketch& sketch, const Subject& subject) {
  if (subject.first->is_suppressed) {
    sketch.paragraph(suppressed_text(), Ink::Soft);
    return;
  }
  const bool is_empty = subject.first->is_answered_known && subject.first->answered == 0;
  sketch.paragraph(is_empty ? "No answers yet." : "Answers in words; there is nothing to draw.",
                   Ink::Soft);
}

/// The first shares in words, for people who listen.
std::string description_of(const Subject& subject, Form form) {
  constexpr std::size_t k_told = 6;
  std::string out = std::string(form_name(form)) + ". ";
  const QuestionCount& count = *subject.first;
  if (form == Form::Score && count.nps) {
    out += fmt::format("Score {}, 95 % interval {} to {}. ", number_text(count.nps->score, 1),
                       number_text(count.nps->interval.low, 1),
                       number_text(count.nps->interval.high, 1));
  }
  std::size_t told = 0;
  for (const ChoiceCount& choice : count.counts) {
    if (!choice.share || told == k_told) continue;
    ++told;
    out += fmt::format("{}: {}. ", label_of(choice.text), percent_text(choice.share->value));
  }
  return out + "The table has all numbers.";
}

}  // namespace

Picture draw(const Subject& subject, double width) {
  const Form form = form_of(subject);
  Sketch sketch(std::clamp(width, k_width_min, k_width_max));
  switch (form) {
    case Form::Bars: draw_choices(sketch, subject); break;
    case Form::Columns:
      subject.question->kind == Kind::Rating ? draw_rating(sketch, subject)
                                             : draw_histogram(sketch, subject);
      break;
    case Form::Stack: draw_parts(sketch, subject); break;
    case Form::Score: draw_score(sketch, subject); break;
    case Form::Words: draw_words(sketch, subject); break;
    case Form::None: draw_nothing(sketch, subject); break;
  }
  Picture out = std::move(sketch).finish();
  out.title = label_of(subject.first->title);
  out.description = description_of(subject, form);
  return out;
}

}  // namespace probity::picture
