#pragma once

#include <optional>
#include <string>
#include <vector>

#include "picture/subject.hpp"

namespace probity::picture {

/// One cell: words, or a number that writers show in their own way.
struct Cell {
  enum class Kind : std::uint8_t { Words, Count, Share, Number };
  Kind kind = Kind::Words;
  std::string words;             ///< Of Kind::Words; inert.
  std::optional<double> number;  ///< Of the other kinds; nothing where it is not told.
  bool is_estimated = false;
};
/// "1,186", "34.5 %", "≈12.0 %", "3.25"; an en dash for what is not told.
[[nodiscard]] std::string cell_text(const Cell& cell);

/// The numbers behind a picture: rows under headings, the first column names the row.
struct Table {
  std::vector<std::string> headings;
  std::vector<std::vector<Cell>> rows;
};

/// All that is told of a question, compared or not. Empty (no headings) for answers in words
/// without words and where nothing is told.
[[nodiscard]] Table table_of(const Subject& subject);

}  // namespace probity::picture
