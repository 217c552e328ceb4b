#include "feature/survey/join.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return std::ranges::equal(text, word, {}, lower, lower);
  });
}

/// What exports write where an option was left out.
bool is_not_chosen(std::string_view cell) {
  constexpr std::array<std::string_view, 6> k_words = {"not selected", "0",         "no",
                                                       "false",        "unchecked", "not checked"};
  return is_one_of(cell, k_words);
}

/// What exports write where an option was chosen, when they do not write the option itself.
bool is_mere_mark(std::string_view cell) {
  constexpr std::array<std::string_view, 10> k_words = {
      "1", "yes", "y", "x", "true", "selected", "checked", "on", "\xe2\x9c\x93", "\xe2\x9c\x94"};
  return is_one_of(cell, k_words);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

enum class Mark : std::uint8_t { Dash, Bracket, Number, EmptyHeading };

/// One reading of a heading: what it shares with its neighbours and what is its own.
struct Reading {
  Mark mark = Mark::Dash;
  std::string_view stem;
  std::string_view tail;  ///< Empty for EmptyHeading.
};

constexpr std::string_view k_dash = " - ";

void read_dashes(std::string_view title, std::vector<Reading>& out) {
  // A title of dashes alone must not make the joining slow.
  constexpr std::size_t k_dashes_max = 8;
  std::size_t found = 0;
  for (std::size_t at = title.find(k_dash); at != std::string_view::npos && found < k_dashes_max;
       at = title.find(k_dash, at + 1), ++found) {
    const std::string_view stem = trim(title.substr(0, at));
    const std::string_view tail = trim(title.substr(at + k_dash.size()));
    if (!stem.empty() && !tail.empty()) out.push_back({Mark::Dash, stem, tail});
  }
}

void read_bracket(std::string_view title, std::vector<Reading>& out) {
  if (!title.ends_with(']')) return;
  const std::size_t open = title.rfind('[');
  if (open == std::string_view::npos || open == 0) return;
  const std::string_view tail = trim(title.substr(open + 1, title.size() - open - 2));
  const std::string_view stem = trim(title.substr(0, open));
  if (!stem.empty() && !tail.empty()) out.push_back({Mark::Bracket, stem, tail});
}

void read_number(std::string_view title, std::vector<Reading>& out) {
  std::size_t at = title.size();
  while (at > 0 && is_digit(title[at - 1]))
    --at;
  if (at == title.size() || at < 2 || title.size() - at > 4 || title[at - 1] != '_') return;
  out.push_back({Mark::Number, title.substr(0, at - 1), title});
}

/// All readings of a column's heading; `whole` holds the text they are views of.
std::vector<Reading> readings_of(const Column& column, std::string& whole) {
  whole = column.title;
  if (!column.owner.empty() && !column.part.empty())
    whole = column.owner + std::string(k_dash) + column.part;
  std::vector<Reading> out;
  read_dashes(whole, out);
  read_bracket(whole, out);
  read_number(whole, out);
  if (column.part.empty() && !column.owner.empty())
    out.push_back({Mark::EmptyHeading, column.owner, {}});
  return out;
}

/// The value that chooses a checkbox column's option: empty when nobody chose it; nothing when the
/// values are none of a checkbox.
std::optional<std::string> chosen_of(const ColumnValues& values, std::string_view tail) {
  if (values.is_too_many || values.is_long || values.order.size() > 2) return {};
  const auto own = tail.empty() ? values.order.end() : values.order.find(tail);
  std::optional<std::string> chosen;
  for (auto it = values.order.begin(); it != values.order.end(); ++it) {
    if (it != own && is_not_chosen(it->first)) continue;
    if (chosen) return {};
    chosen = it->first;
  }
  return chosen.value_or(std::string());
}

bool is_option_text(std::string_view text) {
  return !text.empty() && text.size() <= form::k_choice_value_max_bytes;
}

/// Whether the cells name the options, or only mark them.
enum class Naming : std::uint8_t { ByCell, ByHeading };

using Tails = std::vector<std::string>;

/// Cells that say something of their own, a different thing in each column. That a column says
/// it more than once, or its heading too, tells an option from what somebody typed.
bool are_telling(std::span<const Column> columns, const Tails& tails, const Tails& chosen) {
  std::set<std::string_view> distinct;
  bool is_shown = true;
  bool is_repeated = false;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i].empty()) continue;
    if (is_mere_mark(chosen[i]) || form::parse_number(chosen[i])) return false;
    if (!distinct.insert(chosen[i]).second) return false;
    is_shown = is_shown && chosen[i] == tails[i];
    is_repeated = is_repeated || columns[i].values.filled > 1;
  }
  return is_shown || is_repeated;
}

/// The same mark in all columns, or in each its number.
bool are_marks(const Tails& chosen) {
  std::set<std::string_view> distinct;
  bool is_numbered = true;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i].empty()) continue;
    distinct.insert(chosen[i]);
    is_numbered = is_numbered && form::parse_number(chosen[i]) == static_cast<double>(i + 1);
  }
  return is_numbered || (distinct.size() == 1 && is_mere_mark(*distinct.begin()));
}

std::optional<Naming> naming_of(std::span<const Column> columns, const Tails& tails,
                                const Tails& chosen) {
  const auto is_empty = [](const std::string& cell) { return cell.empty(); };
  if (std::ranges::all_of(chosen, is_empty)) return {};
  if (are_telling(columns, tails, chosen)) return Naming::ByCell;
  if (are_marks(chosen)) return Naming::ByHeading;
  return {};
}

std::optional<QuestionPlan> checkbox(std::span<const Column> columns, const Tails& tails) {
  Tails chosen;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto cell = chosen_of(columns[i].values, tails[i]);
    if (!cell) return {};
    chosen.push_back(std::move(*cell));
  }
  const auto naming = naming_of(columns, tails, chosen);
  if (!naming) return {};
  QuestionPlan plan;
  plan.shape = Shape::Checkbox;
  std::set<std::string, std::less<>> texts;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool is_named = *naming == Naming::ByCell && !chosen[i].empty();
    std::string text = is_named ? chosen[i] : tails[i];
    if (!is_option_text(text) || !texts.insert(text).second) return {};
    plan.choices.push_back(text);
    plan.parts.push_back({columns[i].position, std::move(text), std::move(chosen[i])});
  }
  return plan;
}

/// All values of the columns together; `is_too_many` when a matrix has no place for them.
ColumnValues united(std::span<const Column> columns, std::size_t& largest) {
  ColumnValues all;
  for (const Column& column : columns) {
    const ColumnValues& values = column.values;
    all.is_too_many = all.is_too_many || values.is_too_many || values.is_long;
    if (all.is_too_many) return all;
    largest = std::max(largest, values.order.size());
    for (const std::string& value : choices_of(values))
      all.add(value);
  }
  return all;
}

QuestionPlan matrix_of(std::span<const Column> columns, const Tails& tails,
                       const ColumnValues& values) {
  QuestionPlan plan;
  plan.shape = Shape::Matrix;
  plan.choices = choices_of(values);
  for (std::size_t i = 0; i < columns.size(); ++i)
    plan.parts.push_back({columns[i].position, tails[i], {}});
  return plan;
}

bool are_row_names(const Tails& tails) {
  const std::set<std::string_view> distinct(tails.begin(), tails.end());
  return distinct.size() == tails.size() && std::ranges::all_of(tails, is_option_text);
}

std::optional<QuestionPlan> matrix(std::span<const Column> columns, const Tails& tails) {
  if (!are_row_names(tails)) return {};
  std::size_t largest = 0;
  const ColumnValues values = united(columns, largest);
  // The columns share a scale when together they have few values that the fullest lacks.
  if (values.is_too_many || largest < 2 || values.order.size() > largest + largest / 2) return {};
  if (values.order.size() > k_import_choices_min) return {};
  return matrix_of(columns, tails, values);
}

/// Columns from the first on whose values a checkbox could have.
std::size_t checkbox_reach(std::span<const Column> columns, const Tails& tails) {
  std::size_t reach = 0;
  while (reach < tails.size() && chosen_of(columns[reach].values, tails[reach]))
    ++reach;
  return reach;
}

/// Columns from the first on that have few values together.
std::size_t matrix_reach(std::span<const Column> columns, const Tails& tails) {
  std::set<std::string_view> all;
  for (std::size_t reach = 0; reach < tails.size(); ++reach) {
    const ColumnValues& values = columns[reach].values;
    if (values.is_too_many || values.is_long) return reach;
    for (const auto& [value, order] : values.order)
      all.insert(value);
    if (all.size() > k_import_choices_min) return reach;
  }
  return tails.size();
}

using Making = std::optional<QuestionPlan> (*)(std::span<const Column>, const Tails&);

/// The longest question that begins with the first column and takes at most `reach` of them. Only
/// the last few may be too much: a run that is mixed further ahead shows nothing.
std::optional<QuestionPlan> longest(std::span<const Column> columns, Tails tails, std::size_t reach,
                                    Making make) {
  constexpr int k_left_out_max = 4;
  tails.resize(std::min(reach, tails.size()));
  for (int left_out = 0; left_out <= k_left_out_max && tails.size() >= 2; ++left_out) {
    if (auto plan = make(columns.first(tails.size()), tails)) return plan;
    tails.pop_back();
  }
  return {};
}

std::optional<QuestionPlan> joined(std::span<const Column> columns, const Tails& tails, Mark mark) {
  auto plan = longest(columns, tails, checkbox_reach(columns, tails), checkbox);
  if (plan || mark == Mark::EmptyHeading) return plan;
  return longest(columns, tails, matrix_reach(columns, tails), matrix);
}

/// The tails of the columns that share the reading, from the first on.
Tails run_of(std::span<const Column> columns, const Reading& first) {
  Tails tails;
  std::string whole;
  for (const Column& column : columns.first(std::min(columns.size(), form::k_choices_max))) {
    const auto readings = readings_of(column, whole);
    const auto same = std::ranges::find_if(readings, [&](const Reading& reading) {
      return reading.mark == first.mark && reading.stem == first.stem;
    });
    const bool is_new = first.mark == Mark::EmptyHeading && !tails.empty();
    if (same == readings.end() || (is_new && !column.heading.empty())) break;
    tails.emplace_back(same->tail);
  }
  return tails;
}

/// A survey tool's own word between a question and its options says nothing to a reader.
std::string_view plain_stem(std::string_view stem) {
  constexpr std::string_view k_selected = " - Selected Choice";
  if (stem.ends_with(k_selected)) stem.remove_suffix(k_selected.size());
  return stem;
}

/// What tells the columns apart when somebody says that they are one question: the rest of their
/// headings where these share a beginning (then `title` is that), else the headings.
Tails told_apart(std::span<const Column> columns, std::string& title) {
  std::string whole;
  Tails tails;
  for (const Reading& reading : readings_of(columns.front(), whole)) {
    Tails run = run_of(columns, reading);
    if (run.size() != columns.size() || reading.tail.empty()) continue;
    tails = std::move(run);
    title = plain_stem(reading.stem);
  }
  if (!tails.empty()) return tails;
  title = columns.front().title;
  for (const Column& column : columns)
    tails.push_back(column.title);
  return tails;
}

}  // namespace

std::optional<QuestionPlan> join_columns(std::span<const Column> columns) {
  std::optional<QuestionPlan> best;
  std::string whole;
  // Longer beginnings come last and win where runs are equally long.
  for (const Reading& reading : readings_of(columns.front(), whole)) {
    if (reading.mark == Mark::EmptyHeading && columns.front().heading.empty()) continue;
    auto plan = joined(columns, run_of(columns, reading), reading.mark);
    if (!plan || (best && plan->parts.size() < best->parts.size())) continue;
    plan->title = plain_stem(reading.stem);
    best = std::move(plan);
  }
  return best;
}

std::optional<QuestionPlan> as_checkbox(std::span<const Column> columns) {
  std::string title;
  auto plan = checkbox(columns, told_apart(columns, title));
  if (plan) plan->title = std::move(title);
  return plan;
}

std::optional<QuestionPlan> as_matrix(std::span<const Column> columns) {
  std::string title;
  const Tails tails = told_apart(columns, title);
  std::size_t largest = 0;
  const ColumnValues values = united(columns, largest);
  if (!are_row_names(tails) || values.is_too_many || values.order.empty()) return {};
  QuestionPlan plan = matrix_of(columns, tails, values);
  plan.title = std::move(title);
  return plan;
}

}  // namespace probity::survey
