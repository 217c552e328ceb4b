#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity::survey {

/// How a table's bytes are read. Auto: UTF-8, with or without its mark, when they are that, else
/// windows-1252; nothing else is guessed (docs/decisions/032).
enum class Encoding : std::uint8_t { Auto, Utf8, Windows1252 };
/// "utf-8" or "windows-1252" and the usual other names of the two; BadRequest otherwise.
[[nodiscard]] Result<Encoding> parse_encoding(std::string_view text);

/// A table's text.
struct DecodedSheet {
  std::string text;          ///< UTF-8 without mark.
  std::size_t replaced = 0;  ///< Control characters no answer may hold, now U+FFFD.
};

/// BadRequest when the bytes are not what `encoding` says, when they are UTF-16, or when they hold
/// a NUL. The five bytes windows-1252 leaves open become U+FFFD, and so do control characters other
/// than tab and line ends: one of them must not cost a respondent's whole row.
[[nodiscard]] Result<DecodedSheet> decode_sheet(std::string bytes, Encoding encoding);

/// The separator of a text sent as CSV: what a first line "sep=;" says (it is taken out of the
/// text; its line end stays, so that lines keep their numbers), else comma, unless semicolons or
/// tabs cut the first lines into equally many cells and commas do not.
[[nodiscard]] char take_separator(std::string& text);

/// Inflates gzip (RFC 1952), several members too. LimitExceeded past `bytes_max`, BadRequest when
/// it is damaged or cut off.
[[nodiscard]] Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max);
/// The plain form of zlib (RFC 1950), for what is stored.
[[nodiscard]] std::string deflate_text(std::string_view text);
[[nodiscard]] Result<std::string> inflate_text(std::string_view packed, std::size_t bytes_max);

/// One record of a table. The cells are views into the reader or its text.
struct Record {
  std::size_t line = 0;  ///< Where it begins, from 1; quoted cells may span lines.
  std::vector<std::string_view> cells;
};

/// Reads comma or tab separated text record by record: RFC 4180 quoting; lines end with CRLF, LF
/// or CR. Like spreadsheets it takes a quote inside a plain cell as it stands, and text after a
/// closing quote as part of the cell. Empty lines are no records. Memory: one record beyond the
/// text.
class SheetReader {
 public:
  /// `text` must outlive the reader.
  SheetReader(std::string_view text, char separator) : text_(text), separator_(separator) {}

  /// The next record into `record`; false at the end. BadRequest when a quote is never closed,
  /// LimitExceeded when a record has more cells or a cell more bytes than the room takes; both name
  /// the line.
  [[nodiscard]] Result<bool> next(Record& record);

 private:
  [[nodiscard]] Result<std::string_view> cell(std::size_t record_line);
  [[nodiscard]] Result<std::string_view> quoted_cell(std::size_t record_line);
  [[nodiscard]] bool is_line_end(std::size_t at) const {
    return at < text_.size() && (text_[at] == '\n' || text_[at] == '\r');
  }
  void skip_line_end();

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::deque<std::string> unquoted_;  ///< Cells of the record that needed rewriting.
};

/// A cell of an exported CSV file: quoted where needed, and with a leading apostrophe where a
/// spreadsheet would take it for a formula (=, +, -, @, also full-width, tab, CR, LF) unless it is
/// a plain number.
void append_csv_cell(std::string& out, std::string_view cell);

}  // namespace probity::survey
