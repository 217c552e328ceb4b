#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "feature/survey/sheet.hpp"
#include "form/questionnaire.hpp"

namespace probity::survey {

/// How a table is to be read (the query parameters of an import).
struct TableRules {
  char separator = ',';
  int header_rows = 1;  ///< 1 or 2.
  std::string title;
  std::set<std::string, std::less<>> missing;  ///< Cells that mean "no answer", beside empty ones.
};

/// A column that becomes a question.
struct ColumnPlan {
  std::size_t column = 0;  ///< Position in the table, from 0.
  std::string name;        ///< "q1" for the first column, and so on.
  std::string title;
  bool is_choice = false;
  std::vector<std::string> choices;  ///< In order of first appearance; numbers in their own order.
};

/// A row that is not taken, by the line it begins on.
struct RefusedRow {
  std::size_t line = 0;
  std::string reason;
};

/// What a table would become.
struct TablePlan {
  std::vector<ColumnPlan> columns;
  std::size_t width = 0;  ///< Cells a row must have.
  std::size_t rows = 0;   ///< Rows that have them.
  std::vector<RefusedRow> refused;
  std::size_t refused_count = 0;  ///< All; `refused` holds the first k_import_refused_shown_max.

  void refuse(std::size_t line, std::string reason);
  /// The questionnaire as a SurveyJS document.
  [[nodiscard]] std::string questionnaire_json(std::string_view title) const;
};

/// Reads the table once and decides what each column is (CONTRACT, import rules). Refused as a
/// whole: a table without header or rows, with too many columns or rows, or that does not parse.
[[nodiscard]] Result<TablePlan> plan_table(std::string_view text, const TableRules& rules);

/// Gets a row's answers by question name; its error refuses that row alone.
using TakeRow = std::function<Result<void>(const form::Value& answers)>;
/// Reads the table a second time and calls `take` for each row that has its cells.
[[nodiscard]] Result<void> read_table(std::string_view text, const TableRules& rules,
                                      TablePlan& plan, const TakeRow& take);

}  // namespace probity::survey
