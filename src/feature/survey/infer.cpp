#include "feature/survey/infer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

/// The distinct values of a column, as long as they may still be choices.
struct ColumnValues {
  std::map<std::string, std::size_t, std::less<>> order;  ///< Value to order of appearance.
  bool is_too_many = false;
  bool is_long = false;
  bool has_any = false;

  void add(std::string_view cell) {
    has_any = true;
    if (is_too_many || is_long) return;
    if (order.contains(cell)) return;
    is_long = code_points(cell) > k_import_choice_length_max;
    is_too_many = order.size() == form::k_choices_max;
    if (!is_long && !is_too_many) order.emplace(cell, order.size());
  }
};

bool is_missing(std::string_view cell, const TableRules& rules) {
  return cell.empty() || rules.missing.contains(cell);
}

bool is_response_heading(std::string_view text) {
  return text.empty() || text == "Response" || text == "Open-Ended Response";
}

/// Title of a column from its heading cells.
std::string title_of(std::string_view first, std::string_view second, std::size_t column) {
  std::string title(first);
  if (!is_response_heading(second)) {
    if (!title.empty()) title += " - ";
    title += second;
  }
  if (title.empty()) title = fmt::format("Column {}", column + 1);
  return title;
}

std::vector<std::string> trimmed(const Record& record) {
  std::vector<std::string> cells;
  for (const std::string_view cell : record.cells)
    cells.emplace_back(trim(cell));
  return cells;
}

/// The headings, one text a column.
Result<std::vector<std::string>> read_headings(SheetReader& reader, const TableRules& rules) {
  Record record;
  PROBITY_TRY(has_first, reader.next(record));
  if (!has_first) return refuse(Code::BadRequest, "The table is empty.");
  const std::vector<std::string> first = trimmed(record);
  std::vector<std::string> second(first.size());
  if (rules.header_rows == 2) {
    PROBITY_TRY(has_second, reader.next(record));
    if (!has_second) return refuse(Code::BadRequest, "The table has no second header row.");
    second = trimmed(record);
  }
  if (first.size() > k_import_columns_max || second.size() != first.size()) {
    return refuse(Code::LimitExceeded,
                  fmt::format("The header rows have {} and {} columns; they must have the same "
                              "number, at most {}.",
                              first.size(), second.size(), k_import_columns_max));
  }
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < first.size(); ++i) {
    titles.push_back(title_of(first[i], second[i], i));
    if (titles.back().size() <= form::k_title_max_bytes) continue;
    return refuse(Code::LimitExceeded, fmt::format("The heading of column {} has more than {} "
                                                   "bytes.",
                                                   i + 1, form::k_title_max_bytes));
  }
  return titles;
}

bool is_blank_row(const Record& record) {
  return std::ranges::all_of(record.cells,
                             [](std::string_view cell) { return trim(cell).empty(); });
}

std::vector<std::string> choices_of(const ColumnValues& values) {
  std::vector<std::pair<std::size_t, std::string>> ordered;
  bool is_numeric = true;
  for (const auto& [value, order] : values.order) {
    ordered.emplace_back(order, value);
    is_numeric = is_numeric && form::parse_number(value).has_value();
  }
  std::ranges::sort(ordered, [&](const auto& a, const auto& b) {
    if (!is_numeric) return a.first < b.first;
    return *form::parse_number(a.second) < *form::parse_number(b.second);
  });
  std::vector<std::string> choices;
  for (auto& [order, value] : ordered)
    choices.push_back(std::move(value));
  return choices;
}

ColumnPlan plan_column(std::size_t column, std::string title, const ColumnValues& values,
                       std::size_t rows) {
  ColumnPlan plan{column, fmt::format("q{}", column + 1), std::move(title), false, {}};
  const std::size_t most = std::max(k_import_choices_min, rows * k_import_choice_percent / 100);
  plan.is_choice =
      values.has_any && !values.is_too_many && !values.is_long && values.order.size() <= most;
  if (plan.is_choice) plan.choices = choices_of(values);
  return plan;
}

/// True when the row has its cells; else it is refused, or passed over when it is blank.
bool is_whole(const Record& record, std::size_t width, TablePlan* plan) {
  if (is_blank_row(record)) return false;
  if (record.cells.size() == width) return true;
  if (plan != nullptr) {
    plan->refuse(record.line,
                 fmt::format("The row has {} cells, the header {}.", record.cells.size(), width));
  }
  return false;
}

}  // namespace

void TablePlan::refuse(std::size_t line, std::string reason) {
  ++refused_count;
  if (refused.size() < k_import_refused_shown_max) refused.push_back({line, std::move(reason)});
}

Result<TablePlan> plan_table(std::string_view text, const TableRules& rules) {
  SheetReader reader(text, rules.separator);
  PROBITY_TRY(titles, read_headings(reader, rules));
  TablePlan plan;
  plan.width = titles.size();
  std::vector<ColumnValues> values(plan.width);
  Record record;
  for (;;) {
    PROBITY_TRY(has_row, reader.next(record));
    if (!has_row) break;
    if (!is_whole(record, plan.width, &plan)) continue;
    if (++plan.rows > k_import_rows_max) {
      return refuse(Code::LimitExceeded,
                    fmt::format("The table has more than {} rows.", k_import_rows_max));
    }
    for (std::size_t i = 0; i < plan.width; ++i) {
      const std::string_view cell = trim(record.cells[i]);
      if (!is_missing(cell, rules)) values[i].add(cell);
    }
  }
  if (plan.rows == 0) return refuse(Code::BadRequest, "The table has no rows below its header.");
  for (std::size_t i = 0; i < plan.width; ++i)
    plan.columns.push_back(plan_column(i, std::move(titles[i]), values[i], plan.rows));
  return plan;
}

std::string TablePlan::questionnaire_json(std::string_view title) const {
  JsonWriter json;
  json.begin_object();
  json.field("title", title);
  json.key("elements");
  json.begin_array();
  for (const ColumnPlan& column : columns) {
    json.begin_object();
    json.field("type", column.is_choice ? "radiogroup" : "comment");
    json.field("name", column.name);
    json.field("title", column.title);
    if (column.is_choice) {
      json.key("choices");
      json.begin_array();
      for (const std::string& choice : column.choices) {
        // Objects, because SurveyJS splits a plain text at "|".
        json.begin_object();
        json.field("value", choice);
        json.field("text", choice);
        json.end_object();
      }
      json.end_array();
    }
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return std::move(json).text();
}

Result<void> read_table(std::string_view text, const TableRules& rules, TablePlan& plan,
                        const TakeRow& take) {
  SheetReader reader(text, rules.separator);
  PROBITY_CHECK(read_headings(reader, rules));
  Record record;
  for (;;) {
    PROBITY_TRY(has_row, reader.next(record));
    if (!has_row) return {};
    if (!is_whole(record, plan.width, nullptr)) continue;
    form::Value::Members answers;
    for (const ColumnPlan& column : plan.columns) {
      const std::string_view cell = trim(record.cells[column.column]);
      if (!is_missing(cell, rules)) answers.push_back({column.name, form::Value(cell)});
    }
    auto taken = take(form::Value(std::move(answers)));
    if (taken) continue;
    const Error& error = taken.error();
    if (error.code != Code::InvalidAnswers && error.code != Code::LimitExceeded &&
        error.code != Code::BadRequest)
      return std::unexpected(std::move(taken).error());
    plan.refuse(record.line, error.fields.empty()
                                 ? error.hint
                                 : error.fields.front().field + ": " + error.fields.front().reason);
  }
}

}  // namespace probity::survey
