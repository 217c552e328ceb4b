#include "feature/survey/infer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "feature/survey/join.hpp"
#include "feature/survey/limits.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

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

/// The header rows, all of the same width.
struct Header {
  std::vector<std::string> first;
  std::vector<std::string> second;  ///< Empty texts where there is one row only.
};

Result<std::vector<std::string>> header_row(SheetReader& reader, std::string_view missing) {
  Record record;
  PROBITY_TRY(has_row, reader.next(record));
  if (!has_row) return refuse(Code::BadRequest, std::string(missing));
  std::vector<std::string> cells = trimmed(record);
  // A separator at the end of the line makes no column.
  if (cells.size() > k_import_columns_max && cells.back().empty()) cells.pop_back();
  if (cells.size() <= k_import_columns_max) return cells;
  return refuse(Code::LimitExceeded, fmt::format("Line {}: more than {} columns; divide the table.",
                                                 record.line, k_import_columns_max));
}

Result<Header> read_header(SheetReader& reader, const TableRules& rules) {
  Header header;
  PROBITY_TRY(first, header_row(reader, "The table is empty."));
  header.first = std::move(first);
  if (rules.header_rows > 1) {
    PROBITY_TRY(second, header_row(reader, "The table has no second header row."));
    header.second = std::move(second);
  }
  if (rules.header_rows > 2) {
    PROBITY_CHECK(header_row(reader, "The table has no third header row."));
    // Names for programs, titles for people, marks for the tool that wrote them.
    header.first = std::exchange(header.second, {});
  }
  const std::size_t width = std::max(header.first.size(), header.second.size());
  header.first.resize(width);
  header.second.resize(width);
  return header;
}

Result<std::vector<Column>> read_columns(SheetReader& reader, const TableRules& rules) {
  PROBITY_TRY(header, read_header(reader, rules));
  std::vector<Column> columns(header.first.size());
  std::string_view owner;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column& column = columns[i];
    column.position = i;
    column.title = title_of(header.first[i], header.second[i], i);
    if (column.title.size() > form::k_title_max_bytes) {
      return refuse(Code::LimitExceeded, fmt::format("The heading of column {} has more than {} "
                                                     "bytes; shorten it.",
                                                     i + 1, form::k_title_max_bytes));
    }
    column.heading = header.first[i];
    if (!is_response_heading(header.second[i])) column.part = header.second[i];
    if (!column.heading.empty()) owner = column.heading;
    column.owner = owner;
  }
  return columns;
}

bool is_blank_row(const Record& record) {
  return std::ranges::all_of(record.cells,
                             [](std::string_view cell) { return trim(cell).empty(); });
}

/// A row some tools write below their headings, for their own programs.
bool is_machine_row(const Record& record) {
  static constexpr std::string_view k_start = "{\"ImportId\"";
  return !is_blank_row(record) && std::ranges::all_of(record.cells, [](std::string_view cell) {
    cell = trim(cell);
    return cell.empty() || cell.starts_with(k_start);
  });
}

/// Reads on to the next row that has its cells, filled up to `width`; others are refused in `plan`
/// (when there is one), or passed over when they are blank. False at the end.
Result<bool> next_row(SheetReader& reader, std::size_t width, Record& record, TablePlan* plan) {
  for (;;) {
    PROBITY_TRY(has_row, reader.next(record));
    if (!has_row) return false;
    if (is_blank_row(record) || is_machine_row(record)) continue;
    while (record.cells.size() > width && trim(record.cells.back()).empty())
      record.cells.pop_back();
    if (record.cells.size() == width) return true;
    if (plan == nullptr) continue;
    plan->refuse(record.line,
                 fmt::format("The row has {} cells, the header {}.", record.cells.size(), width));
  }
}

/// True for a heading that names a weight, whatever stands around that word.
bool names_weight(std::string_view heading) {
  constexpr std::array<std::string_view, 5> k_words = {"weight", "weights", "weighting", "wt",
                                                       "wgt"};
  const auto folded = fold(heading);
  if (!folded) return false;
  std::string word;
  for (const char c : *folded + " ") {
    if (c >= 'a' && c <= 'z') {
      word.push_back(c);
    } else {
      if (std::ranges::find(k_words, word) != k_words.end()) return true;
      word.clear();
    }
  }
  return false;
}

QuestionPlan plan_column(const Column& column, std::size_t rows, std::optional<Shape> wanted) {
  QuestionPlan plan;
  plan.title = column.title;
  plan.parts.push_back({column.position, {}, {}});
  plan.identifies = column.values.identify(column.heading);
  const bool is_number = column.values.has_any() && column.values.is_numeric;
  if (wanted) {
    plan.shape = *wanted;
  } else if (column.values.are_choices(rows)) {
    plan.shape = Shape::Choice;
  } else if (is_number && names_weight(column.title)) {
    plan.shape = Shape::Number;
  }
  const bool has_choices =
      plan.shape == Shape::Choice || plan.shape == Shape::Dropdown || plan.shape == Shape::Rating;
  if (has_choices) plan.choices = choices_of(column.values);
  return plan;
}

/// True for what a separator at the end of every line leaves behind.
bool is_nothing(const Column& column) {
  return column.heading.empty() && column.part.empty() && !column.values.has_any();
}

/// Turns columns into questions, wishes first.
class Decision {
 public:
  Decision(std::vector<Column> columns, const TableRules& rules, std::size_t rows)
      : columns_(std::move(columns)), rules_(rules), rows_(rows), wish_of_(columns_.size()) {}

  Result<std::vector<QuestionPlan>> run() {
    PROBITY_CHECK(place_wishes());
    for (std::size_t i = 0; i < columns_.size();) {
      if (const QuestionWish* wish = wish_of_[i]) {
        if (wish->columns.front() == i && !wish->is_left_out) PROBITY_CHECK(grant(*wish));
        ++i;
      } else {
        i += decide(i);
      }
    }
    if (questions_.empty())
      return refuse(Code::BadRequest, "No column is left to make a question of.");
    return std::move(questions_);
  }

 private:
  [[nodiscard]] std::string path_of(const QuestionWish& wish, std::string_view member) const {
    return fmt::format("/questions/{}/{}", &wish - rules_.wishes.data(), member);
  }

  Result<void> place_wishes() {
    for (const QuestionWish& wish : rules_.wishes) {
      for (const std::size_t column : wish.columns) {
        if (column >= columns_.size()) {
          return refuse_field(
              Code::BadRequest, path_of(wish, "columns"),
              fmt::format("The table has {} columns, counted from 0.", columns_.size()));
        }
        if (std::exchange(wish_of_[column], &wish) != nullptr) {
          return refuse_field(Code::BadRequest, path_of(wish, "columns"),
                              fmt::format("Column {} stands there twice.", column));
        }
      }
    }
    return {};
  }

  void add(QuestionPlan question) {
    question.name = fmt::format("q{}", question.parts.front().column + 1);
    questions_.push_back(std::move(question));
  }

  /// Decides about the columns from `first` on; returns for how many.
  std::size_t decide(std::size_t first) {
    if (is_nothing(columns_[first])) return 1;
    std::size_t end = first + 1;
    while (end < columns_.size() && wish_of_[end] == nullptr)
      ++end;
    if (rules_.is_joining) {
      const auto free = std::span<const Column>(columns_).subspan(first, end - first);
      if (auto joined = join_columns(free)) {
        const std::size_t count = joined->parts.size();
        add(std::move(*joined));
        return count;
      }
    }
    add(plan_column(columns_[first], rows_, {}));
    return 1;
  }

  Result<void> grant(const QuestionWish& wish) {
    std::vector<Column> columns;
    for (const std::size_t position : wish.columns)
      columns.push_back(columns_[position]);
    PROBITY_TRY(question,
                columns.size() == 1 ? single(wish, columns.front()) : joined(wish, columns));
    if (!wish.title.empty()) question.title = wish.title;
    add(std::move(question));
    return {};
  }

  Result<QuestionPlan> single(const QuestionWish& wish, const Column& column) {
    const Shape shape = wish.shape.value_or(Shape::Comment);
    const auto no = [&](std::string reason) {
      return refuse_field(Code::BadRequest, path_of(wish, "type"), std::move(reason));
    };
    if (shape == Shape::Checkbox || shape == Shape::Matrix)
      return no("One column cannot be that; name the columns that belong together.");
    const ColumnValues& values = column.values;
    const bool has_choices =
        shape == Shape::Choice || shape == Shape::Dropdown || shape == Shape::Rating;
    if (has_choices && (values.is_too_many || values.is_long || !values.has_any())) {
      return no(fmt::format("Its values are not 1 to {} texts of at most {} characters.",
                            form::k_choices_max, k_import_choice_length_max));
    }
    if ((shape == Shape::Rating || shape == Shape::Number) && !values.is_numeric)
      return no("Not every value of the column is a number. Name what is missing, or choose text.");
    return plan_column(column, rows_, wish.shape);
  }

  Result<QuestionPlan> joined(const QuestionWish& wish, std::span<const Column> columns) {
    std::optional<QuestionPlan> plan;
    if (wish.shape != Shape::Matrix) plan = as_checkbox(columns);
    if (!plan && wish.shape != Shape::Checkbox) plan = as_matrix(columns);
    const bool is_joint =
        !wish.shape || wish.shape == Shape::Checkbox || wish.shape == Shape::Matrix;
    if (plan && is_joint) return std::move(*plan);
    return refuse_field(Code::BadRequest, path_of(wish, "type"),
                        "The values of these columns are not those of a checkbox (one value each, "
                        "besides one that means \"not chosen\") or of a matrix (the same few "
                        "values, different headings).");
  }

  std::vector<Column> columns_;
  const TableRules& rules_;
  std::size_t rows_;
  std::vector<const QuestionWish*> wish_of_;
  std::vector<QuestionPlan> questions_;
};

void write_choices(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts) {
    // Objects, because SurveyJS splits a plain text at "|".
    json.begin_object();
    json.field("value", text);
    json.field("text", text);
    json.end_object();
  }
  json.end_array();
}

void write_element(JsonWriter& json, const QuestionPlan& question) {
  json.begin_object();
  json.field("type", shape_type(question.shape));
  json.field("name", question.name);
  json.field("title", question.title);
  if (question.shape == Shape::Number) json.field("inputType", "number");
  if (question.shape == Shape::Matrix) {
    std::vector<std::string> rows;
    for (const PartPlan& part : question.parts)
      rows.push_back(part.text);
    write_choices(json, "columns", question.choices);
    write_choices(json, "rows", rows);
  } else if (question.shape == Shape::Rating) {
    json.key("rateValues");
    json.begin_array();
    for (const std::string& choice : question.choices)
      json.value(form::parse_number(choice).value_or(0));
    json.end_array();
  } else if (!question.choices.empty()) {
    write_choices(json, "choices", question.choices);
  }
  json.end_object();
}

/// The answer a row gives to a question; null when it gives none.
form::Value answer_of(const QuestionPlan& question, const Record& record, const TableRules& rules) {
  form::Value::List chosen;
  form::Value::Members rows;
  for (const PartPlan& part : question.parts) {
    const std::string_view cell = trim(record.cells[part.column]);
    if (is_missing(cell, rules)) continue;
    if (question.shape == Shape::Checkbox) {
      if (cell == part.chosen) chosen.emplace_back(part.text);
    } else if (question.shape == Shape::Matrix) {
      rows.push_back({part.text, form::Value(cell)});
    } else if (question.shape == Shape::Rating) {
      return form::Value(form::parse_number(cell).value_or(0));
    } else {
      return form::Value(cell);
    }
  }
  if (!chosen.empty()) return form::Value(std::move(chosen));
  if (!rows.empty()) return form::Value(std::move(rows));
  return {};
}

}  // namespace

void ColumnValues::add(std::string_view cell) {
  ++filled;
  identifying.add(cell);
  if (is_numeric) is_numeric = form::parse_number(cell).has_value();
  if (is_too_many || is_long || order.contains(cell)) return;
  is_long = code_points(cell) > k_import_choice_length_max;
  is_too_many = order.size() == form::k_choices_max;
  if (!is_long && !is_too_many) order.emplace(cell, order.size());
}

bool ColumnValues::are_choices(std::size_t rows) const {
  const std::size_t most = std::max(k_import_choices_min, rows * k_import_choice_percent / 100);
  return has_any() && !is_too_many && !is_long && order.size() <= most;
}

Identifying ColumnValues::identify(std::string_view heading) const {
  const bool is_more_than_kept = is_too_many || is_long;
  return identifying.judge(heading, is_more_than_kept ? filled : order.size(), filled);
}

std::string_view shape_type(Shape shape) {
  switch (shape) {
    case Shape::Comment: return "comment";
    case Shape::Text:
    case Shape::Number: return "text";
    case Shape::Choice: return "radiogroup";
    case Shape::Dropdown: return "dropdown";
    case Shape::Rating: return "rating";
    case Shape::Checkbox: return "checkbox";
    case Shape::Matrix: return "matrix";
  }
  return {};
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

void TablePlan::refuse(std::size_t line, std::string reason) {
  ++refused_count;
  if (refused.size() < k_import_refused_shown_max) refused.push_back({line, std::move(reason)});
}

Result<TablePlan> plan_table(std::string_view text, const TableRules& rules) {
  SheetReader reader(text, rules.separator);
  PROBITY_TRY(columns, read_columns(reader, rules));
  TablePlan plan;
  plan.width = columns.size();
  Record record;
  for (;;) {
    PROBITY_TRY(has_row, next_row(reader, plan.width, record, &plan));
    if (!has_row) break;
    if (++plan.rows > k_import_rows_max) {
      return refuse(Code::LimitExceeded,
                    fmt::format("The table has more than {} rows; divide it.", k_import_rows_max));
    }
    for (Column& column : columns) {
      const std::string_view cell = trim(record.cells[column.position]);
      if (!is_missing(cell, rules)) column.values.add(cell);
    }
  }
  if (plan.rows == 0) return refuse(Code::BadRequest, "The table has no rows below its header.");
  PROBITY_TRY(questions, Decision(std::move(columns), rules, plan.rows).run());
  plan.questions = std::move(questions);
  return plan;
}

std::string TablePlan::questionnaire_json(std::string_view title) const {
  JsonWriter json;
  json.begin_object();
  json.field("title", title);
  json.key("elements");
  json.begin_array();
  for (const QuestionPlan& question : questions)
    write_element(json, question);
  json.end_array();
  json.end_object();
  return std::move(json).text();
}

Result<void> read_table(std::string_view text, const TableRules& rules, TablePlan& plan,
                        const TakeRow& take) {
  SheetReader reader(text, rules.separator);
  PROBITY_CHECK(read_header(reader, rules));
  Record record;
  for (;;) {
    PROBITY_TRY(has_row, next_row(reader, plan.width, record, nullptr));
    if (!has_row) return {};
    form::Value::Members answers;
    for (const QuestionPlan& question : plan.questions) {
      form::Value answer = answer_of(question, record, rules);
      if (!answer.is_null()) answers.push_back({question.name, std::move(answer)});
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
