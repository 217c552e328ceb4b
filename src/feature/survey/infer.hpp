#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "feature/survey/identifying.hpp"
#include "feature/survey/sheet.hpp"
#include "form/questionnaire.hpp"

namespace probity::survey {

enum class Shape : std::uint8_t {
  Comment,
  Text,
  Number,
  Choice,
  Dropdown,
  Rating,
  Checkbox,
  Matrix,
};
/// The SurveyJS type of a shape.
[[nodiscard]] std::string_view shape_type(Shape shape);

/// What a person decided about some columns, after looking at what was recognised.
struct QuestionWish {
  std::vector<std::size_t> columns;  ///< Positions from 0; at least one, none in two wishes.
  std::optional<Shape> shape;        ///< Nothing: as recognised.
  bool is_left_out = false;          ///< These columns are not imported at all.
  std::string title;                 ///< Empty: as recognised.
};

/// How a table is to be read (the query parameters of an import, and its plan).
struct TableRules {
  char separator = ',';
  int header_rows = 1;  ///< 1, 2, or 3: names, titles and a row for machines.
  bool is_joining = true;
  std::string title;
  std::set<std::string, std::less<>> missing;  ///< Cells that mean "no answer", beside empty ones.
  std::vector<QuestionWish> wishes;
};

/// The distinct values of a column, as long as they may still be choices.
struct ColumnValues {
  std::map<std::string, std::size_t, std::less<>> order;  ///< Value to order of appearance.
  std::size_t filled = 0;                                 ///< Cells that are not missing.
  bool is_too_many = false;
  bool is_long = false;
  bool is_numeric = true;  ///< Every value is a number, also when they are too many.
  IdentifyingCells identifying;

  void add(std::string_view cell);
  [[nodiscard]] bool has_any() const { return filled > 0; }
  /// True when the distinct values are few and short enough to offer them in a table of that many
  /// rows.
  [[nodiscard]] bool are_choices(std::size_t rows) const;
  /// What they say of a person, under that heading.
  [[nodiscard]] Identifying identify(std::string_view heading) const;
};

/// What is known of a column before it is decided what becomes of it.
struct Column {
  std::size_t position = 0;  ///< In the table, from 0.
  std::string heading;       ///< Its cell in the first header row.
  std::string owner;         ///< The heading it stands under: its own, else the last one before it.
  std::string part;          ///< Second header row, unless that says nothing ("Response").
  std::string title;
  ColumnValues values;
};

/// A column within a question: the only one, an option of a checkbox or a row of a matrix.
struct PartPlan {
  std::size_t column = 0;
  std::string text;    ///< Option or row, which also names it; unique in its question.
  std::string chosen;  ///< Checkbox: the cell that chooses the option; empty when none does.
};

/// One or several columns that become a question.
struct QuestionPlan {
  Shape shape = Shape::Comment;
  std::string name;  ///< "q1" when its first column is the first, and so on.
  std::string title;
  std::vector<PartPlan> parts;
  Identifying identifies = Identifying::Nothing;  ///< Only of one column.
  /// In order of first appearance; numbers in their own order. Matrix: its columns.
  std::vector<std::string> choices;
};

/// A row that is not taken, by the line it begins on.
struct RefusedRow {
  std::size_t line = 0;
  std::string reason;
};

/// What a table would become.
struct TablePlan {
  std::vector<QuestionPlan> questions;
  std::size_t width = 0;  ///< Cells a row must have; more are taken when they are empty.
  std::size_t rows = 0;   ///< Rows that have them.
  std::vector<RefusedRow> refused;
  std::size_t refused_count = 0;  ///< All; `refused` holds the first k_import_refused_shown_max.

  void refuse(std::size_t line, std::string reason);
  /// The questionnaire as a SurveyJS document.
  [[nodiscard]] std::string questionnaire_json(std::string_view title) const;
};

/// Distinct values in the order they are offered: of first appearance; numbers by their size.
[[nodiscard]] std::vector<std::string> choices_of(const ColumnValues& values);

/// Reads the table once and decides what each column is (docs/decisions/046). Refused as a
/// whole: a table without header or rows, with too many columns or rows, or that does not parse.
[[nodiscard]] Result<TablePlan> plan_table(std::string_view text, const TableRules& rules);

/// Gets a row's answers by question name; its error refuses that row alone.
using TakeRow = std::function<Result<void>(const form::Value& answers)>;
/// Reads the table a second time and calls `take` for each row that has its cells.
[[nodiscard]] Result<void> read_table(std::string_view text, const TableRules& rules,
                                      TablePlan& plan, const TakeRow& take);

}  // namespace probity::survey
