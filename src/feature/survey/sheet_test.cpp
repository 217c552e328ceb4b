#include "feature/survey/sheet.hpp"

#include <gtest/gtest.h>

#include "feature/survey/limits.hpp"

namespace probity::survey {
namespace {

std::vector<std::vector<std::string>> rows_of(std::string_view text, char separator = ',') {
  SheetReader reader(text, separator);
  std::vector<std::vector<std::string>> rows;
  Record record;
  for (;;) {
    const auto has = reader.next(record);
    EXPECT_TRUE(has);
    if (!has || !*has) return rows;
    rows.emplace_back(record.cells.begin(), record.cells.end());
  }
}

using Rows = std::vector<std::vector<std::string>>;

TEST(SheetReader, ReadsQuotedCells) {
  EXPECT_EQ(rows_of("a,\"b,c\",\"d \"\"e\"\"\"\r\nf,,\"\"\r\n"),
            (Rows{{"a", "b,c", "d \"e\""}, {"f", "", ""}}));
}

TEST(SheetReader, EndsLinesWithAnyOfThreeMarks) {
  EXPECT_EQ(rows_of("a\tb\rc\td\r", '\t'), (Rows{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(rows_of("a\nb\r\nc"), (Rows{{"a"}, {"b"}, {"c"}}));
}

TEST(SheetReader, KeepsLineEndsInsideQuotes) {
  EXPECT_EQ(rows_of("\"a\r\nb\",c\nd,e"), (Rows{{"a\r\nb", "c"}, {"d", "e"}}));
}

TEST(SheetReader, CountsPhysicalLines) {
  SheetReader reader("\"a\nb\"\n\nc\n", ',');
  Record record;
  ASSERT_TRUE(*reader.next(record));
  EXPECT_EQ(record.line, 1U);
  ASSERT_TRUE(*reader.next(record));
  EXPECT_EQ(record.line, 4U);
}

TEST(SheetReader, TakesAQuoteInsideAPlainCellAsItStands) {
  EXPECT_EQ(rows_of("6\" pipe,x\n"), (Rows{{"6\" pipe", "x"}}));
  EXPECT_EQ(rows_of("\"a\"b,x\n"), (Rows{{"ab", "x"}}));
}

TEST(SheetReader, RefusesAQuoteThatIsNeverClosed) {
  SheetReader reader("a,b\nc,\"d\n", ',');
  Record record;
  ASSERT_TRUE(*reader.next(record));
  const auto next = reader.next(record);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, Code::BadRequest);
  EXPECT_NE(next.error().hint.find("Line 2"), std::string::npos);
}

TEST(SheetReader, BoundsCells) {
  for (const std::size_t size : {k_import_cell_max_bytes, k_import_cell_max_bytes + 1}) {
    const std::string text(size, 'x');
    SheetReader reader(text, ',');
    Record record;
    const auto next = reader.next(record);
    EXPECT_EQ(next.has_value(), size == k_import_cell_max_bytes);
  }
}

TEST(Decoding, TellsUtf8FromWindows1252) {
  EXPECT_EQ(decode_sheet("\xef\xbb\xbfz\xc3\xbc", Encoding::Auto)->text, "z\xc3\xbc");
  EXPECT_EQ(decode_sheet("z\xc3\xbc", Encoding::Auto)->text, "z\xc3\xbc");
  EXPECT_EQ(decode_sheet("z\xfc \x80 \xca", Encoding::Auto)->text,
            "z\xc3\xbc \xe2\x82\xac \xc3\x8a");
  EXPECT_EQ(decode_sheet("\x81", Encoding::Auto)->text, "\xef\xbf\xbd");
}

TEST(Decoding, ReplacesControlCharacters) {
  const auto sheet = decode_sheet(
      "a\x0b"
      "b\tc\r\n\x7f",
      Encoding::Auto);
  EXPECT_EQ(sheet->text,
            "a\xef\xbf\xbd"
            "b\tc\r\n\xef\xbf\xbd");
  EXPECT_EQ(sheet->replaced, 2U);
}

TEST(Decoding, RefusesWhatContradictsTheParameter) {
  EXPECT_FALSE(decode_sheet("z\xfc", Encoding::Utf8));
  EXPECT_FALSE(
      decode_sheet("\xff\xfe"
                   "a",
                   Encoding::Auto));
  EXPECT_FALSE(decode_sheet(std::string("a\0b", 3), Encoding::Auto));
  EXPECT_FALSE(parse_encoding("utf-16"));
}

TEST(Inflating, RefusesMoreThanItsBound) {
  const std::string text(10'000, 'x');
  const std::string packed = deflate_text(text);
  EXPECT_EQ(*inflate_text(packed, 10'000), text);
  const auto over = inflate_text(packed, 9'999);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Code::LimitExceeded);
}

TEST(Inflating, RefusesDamage) {
  std::string packed = deflate_text("some text that is long enough to be packed");
  EXPECT_FALSE(inflate_text(packed.substr(0, packed.size() - 1), 1000));
  packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
  EXPECT_FALSE(inflate_text(packed, 1000));
  EXPECT_FALSE(gunzip("not gzip", 1000));
}

TEST(CsvCell, DisarmsFormulas) {
  const auto cell = [](std::string_view text) {
    std::string out;
    append_csv_cell(out, text);
    return out;
  };
  EXPECT_EQ(cell("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(cell("@SUM(A1)"), "\"'@SUM(A1)\"");
  EXPECT_EQ(cell("+49 30"), "\"'+49 30\"");
  EXPECT_EQ(cell("-1+cmd"), "\"'-1+cmd\"");
  EXPECT_EQ(cell("\n=1+1"), "\"'\n=1+1\"");
  EXPECT_EQ(cell("\r=1+1"), "\"'\r=1+1\"");
  for (const std::string wide : {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"})
    EXPECT_EQ(cell(wide + "1"), "\"'" + wide + "1\"");
  EXPECT_EQ(cell("\xEF\xBC\xA1"), "\xEF\xBC\xA1") << "a wide letter";
  EXPECT_EQ(cell("-12.5"), "-12.5");
  EXPECT_EQ(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
  EXPECT_EQ(cell("plain"), "plain");
}

}  // namespace
}  // namespace probity::survey
