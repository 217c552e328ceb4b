#include "picture/xlsx.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "picture/archive.hpp"
#include "picture/label.hpp"

namespace probity::picture {
namespace {

/// Most characters of a cell (ECMA-376 names no bound, the programs that read it do).
constexpr std::size_t k_cell_characters_max = 32'000;
constexpr std::string_view k_declaration =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
    "\n";
constexpr std::string_view k_main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
constexpr std::string_view k_relations =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr std::string_view k_package =
    "http://schemas.openxmlformats.org/package/2006/relationships";

/// Positions in cellXfs of k_styles. Texts carry quotePrefix: a program that edits one keeps it
/// a text.
enum class Style : int { Words = 1, Head = 2, Count = 3, Share = 4, Number = 5 };

constexpr std::string_view k_styles =
    R"(<numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts>)"
    R"(<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>)"
    R"(<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>)"
    R"(<fills count="2"><fill><patternFill patternType="none"/></fill>)"
    R"(<fill><patternFill patternType="gray125"/></fill></fills>)"
    R"(<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>)"
    R"(<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>)"
    R"(</cellStyleXfs><cellXfs count="6">)"
    R"(<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>)"
    R"(<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>)"
    R"(<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>)"
    R"(<xf numFmtId="3" fontId="0" fillId="0" borderId="0" xfId="0"/>)"
    R"(<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0"/>)"
    R"(<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>)";

/// "A", "Z", "AA".
std::string column_name(std::size_t at) {
  constexpr std::size_t k_letters = 26;
  std::string out;
  for (std::size_t rest = at + 1; rest > 0; rest = (rest - 1) / k_letters)
    out.insert(out.begin(), static_cast<char>('A' + (rest - 1) % k_letters));
  return out;
}

/// One sheet, row by row.
class Sheet {
 public:
  void words(std::string_view text, Style style = Style::Words) {
    rows_ += fmt::format(
        R"(<c r="{}" s="{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>)", place(),
        static_cast<int>(style), html_escape(plain_text(text, k_cell_characters_max)));
    ++column_;
  }
  void cell(const Cell& cell) {
    if (cell.kind == Cell::Kind::Words) return words(cell.words);
    if (!cell.number) {
      ++column_;
      return;
    }
    const Style style = cell.kind == Cell::Kind::Count   ? Style::Count
                        : cell.kind == Cell::Kind::Share ? Style::Share
                                                         : Style::Number;
    rows_ += fmt::format(R"(<c r="{}" s="{}"><v>{}</v></c>)", place(), static_cast<int>(style),
                         *cell.number);
    ++column_;
  }
  void begin_row() {
    ++row_;
    column_ = 0;
    rows_ += fmt::format(R"(<row r="{}">)", row_);
  }
  void end_row() { rows_ += "</row>"; }
  void line(std::string_view text, Style style = Style::Words) {
    begin_row();
    words(text, style);
    end_row();
  }
  void gap() { ++row_; }
  [[nodiscard]] std::string text() const {
    return fmt::format(
        R"({}<worksheet xmlns="{}"><cols><col min="1" max="1" width="44" customWidth="1"/>)"
        R"(<col min="2" max="60" width="14" customWidth="1"/></cols><sheetData>{}</sheetData>)"
        "</worksheet>",
        k_declaration, k_main, rows_);
  }

 private:
  [[nodiscard]] std::string place() const { return column_name(column_) + std::to_string(row_); }

  std::string rows_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

std::string sheet_name(std::size_t at) {
  return at == 0 ? std::string("Report") : fmt::format("Q{}", at);
}

std::string facts_sheet(const Document& document, std::size_t sections) {
  Sheet sheet;
  sheet.line(document.title, Style::Head);
  if (!document.organisation.empty()) sheet.line(document.organisation);
  for (const auto& [name, value] : document.facts) {
    sheet.begin_row();
    sheet.words(name);
    sheet.words(value);
    sheet.end_row();
  }
  for (const std::string& note : document.notes)
    sheet.line(note);
  sheet.gap();
  for (std::size_t i = 0; i < sections; ++i) {
    sheet.begin_row();
    sheet.words(document.sections[i].title);
    sheet.words(sheet_name(i + 1));
    sheet.end_row();
  }
  if (sections < document.sections.size()) {
    sheet.line(fmt::format("{} more questions have no sheet.",
                           count_text(document.sections.size() - sections)));
  }
  return sheet.text();
}

std::string section_sheet(const Section& section) {
  Sheet sheet;
  sheet.line(section.title, Style::Head);
  for (const std::string& note : section.notes)
    sheet.line(note);
  sheet.gap();
  if (!section.table.headings.empty()) {
    sheet.begin_row();
    for (const std::string& heading : section.table.headings)
      sheet.words(heading, Style::Head);
    sheet.end_row();
  }
  for (const auto& row : section.table.rows) {
    sheet.begin_row();
    for (const Cell& cell : row)
      sheet.cell(cell);
    if (std::ranges::any_of(row, [](const Cell& cell) { return cell.is_estimated; }))
      sheet.words("estimated");
    sheet.end_row();
  }
  return sheet.text();
}

std::string workbook(std::size_t sheets) {
  std::string out = fmt::format(R"({}<workbook xmlns="{}" xmlns:r="{}"><sheets>)", k_declaration,
                                k_main, k_relations);
  for (std::size_t i = 0; i < sheets; ++i)
    out +=
        fmt::format(R"(<sheet name="{}" sheetId="{}" r:id="rId{}"/>)", sheet_name(i), i + 1, i + 1);
  return out + "</sheets></workbook>";
}

std::string relations(std::size_t sheets) {
  std::string out = fmt::format(R"({}<Relationships xmlns="{}">)", k_declaration, k_package);
  for (std::size_t i = 1; i <= sheets; ++i)
    out += fmt::format(
        R"(<Relationship Id="rId{}" Type="{}/worksheet" Target="worksheets/sheet{}.xml"/>)", i,
        k_relations, i);
  out += fmt::format(R"(<Relationship Id="rId{}" Type="{}/styles" Target="styles.xml"/>)",
                     sheets + 1, k_relations);
  return out + "</Relationships>";
}

std::string content_types(std::size_t sheets) {
  constexpr std::string_view k_type =
      "application/vnd.openxmlformats-officedocument.spreadsheetml.";
  std::string out(k_declaration);
  out += R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
         R"(<Default Extension="rels" )"
         R"(ContentType="application/vnd.openxmlformats-package.relationships+xml"/>)";
  out += fmt::format(R"(<Override PartName="/xl/workbook.xml" ContentType="{}sheet.main+xml"/>)",
                     k_type);
  out += fmt::format(R"(<Override PartName="/xl/styles.xml" ContentType="{}styles+xml"/>)", k_type);
  for (std::size_t i = 1; i <= sheets; ++i)
    out += fmt::format(
        R"(<Override PartName="/xl/worksheets/sheet{}.xml" ContentType="{}worksheet+xml"/>)", i,
        k_type);
  return out + "</Types>";
}

}  // namespace

std::string xlsx_of(const Document& document) {
  const std::size_t sections = std::min(document.sections.size(), k_sheets_max);
  ZipArchive archive;
  archive.add("[Content_Types].xml", content_types(sections + 1));
  archive.add("_rels/.rels",
              fmt::format(R"({}<Relationships xmlns="{}"><Relationship Id="rId1" )"
                          R"(Type="{}/officeDocument" Target="xl/workbook.xml"/></Relationships>)",
                          k_declaration, k_package, k_relations));
  archive.add("xl/workbook.xml", workbook(sections + 1));
  archive.add("xl/_rels/workbook.xml.rels", relations(sections + 1));
  archive.add("xl/styles.xml", fmt::format(R"({}<styleSheet xmlns="{}">{}</styleSheet>)",
                                           k_declaration, k_main, k_styles));
  archive.add("xl/worksheets/sheet1.xml", facts_sheet(document, sections));
  for (std::size_t i = 0; i < sections; ++i)
    archive.add(fmt::format("xl/worksheets/sheet{}.xml", i + 2),
                section_sheet(document.sections[i]));
  return std::move(archive).finish();
}

}  // namespace probity::picture
