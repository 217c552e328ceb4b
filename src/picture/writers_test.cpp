#include <zlib.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "base/json_writer.hpp"
#include "picture/document.hpp"
#include "picture/draw.hpp"
#include "picture/label.hpp"
#include "picture/pdf.hpp"
#include "picture/picture_fixture.hpp"
#include "picture/picture_json.hpp"
#include "picture/png.hpp"
#include "picture/svg.hpp"
#include "picture/xlsx.hpp"

namespace probity::picture {
namespace {

/// Texts that would act where they are taken for markup, formulas or commands.
const std::vector<std::string> k_hostile{
    "<script>alert(1)</script>",
    "</text></svg><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "=HYPERLINK(\"http://x.example\",\"y\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "-2+3",
    "<span foreground='red' size='100000'>big</span>",
    "&lt;b&gt; &amp; ]]> <![CDATA[",
    "(Name) /JS (app.alert(1)) >> endobj",
    "\u202Eevil\u2066x",
    std::string("nul\0inside", 10),
    "line\nbreak\rhere\x1b[2J",
    std::string(8'000, 'w'),
    "\u0627\u0644\u0633\u0644\u0627\u0645 \u4F60\u597D \U0001F600",
};

std::string json_string(const std::string& text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// A questionnaire whose every text is one of those.
Asked hostile(const std::string& text) {
  const std::string own = json_string(text);
  Asked asked("{\"title\":" + own + ",\"elements\":[{\"type\":\"radiogroup\",\"name\":\"q\"," +
              "\"title\":" + own + ",\"choices\":[{\"value\":\"a\",\"text\":" + own +
              "},\"b\"]},{\"type\":\"matrix\",\"name\":\"m\",\"title\":" + own +
              ",\"columns\":[{\"value\":1,\"text\":" + own +
              "},2],\"rows\":[{\"value\":\"r\",\"text\":" + own + "}]}]}");
  asked.answer(R"({"q":"a","m":{"r":1}})", 7);
  asked.answer(R"({"q":"b","m":{"r":2}})", 6);
  return asked;
}

Document document_of(Asked& asked, const std::string& title) {
  Document out;
  out.title = title;
  out.organisation = title;
  out.facts.emplace_back("Responses", title);
  out.notes.push_back(title);
  out.made_at = "2026-01-01T00:00:00Z";
  for (const Subject& subject : asked.look())
    out.sections.push_back(section_of(subject, 640));
  return out;
}

/// The files of a ZIP archive, unpacked.
std::map<std::string, std::string> unzipped(const std::string& archive) {
  std::map<std::string, std::string> out;
  const auto number = [&](std::size_t at, int bytes) {
    std::uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; --i)
      value = value << 8U | static_cast<unsigned char>(archive[at + static_cast<std::size_t>(i)]);
    return value;
  };
  for (std::size_t at = 0; number(at, 4) == 0x04034b50;) {
    const std::size_t packed = number(at + 18, 4);
    const std::string name = archive.substr(at + 30, number(at + 26, 2));
    std::string plain(number(at + 22, 4), '\0');
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, -15), Z_OK);
    std::string copy = archive.substr(at + 30 + name.size(), packed);
    stream.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream.avail_in = static_cast<uInt>(packed);
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = static_cast<uInt>(plain.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    const auto check =
        crc32(0, reinterpret_cast<const Bytef*>(plain.data()), static_cast<uInt>(plain.size()));
    EXPECT_EQ(check, number(at + 14, 4)) << name;
    out[name] = std::move(plain);
    at += 30 + name.size() + packed;
  }
  return out;
}

/// Names of the elements of an XML text; fails the test when it is not well formed enough to be
/// read so: a `<` that begins no element, an attribute without quotes.
std::set<std::string> elements_of(const std::string& xml) {
  std::set<std::string> out;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at)) {
    const std::size_t end = xml.find('>', at);
    EXPECT_NE(end, std::string::npos);
    std::string name = xml.substr(at + 1, end - at - 1);
    EXPECT_EQ(name.find('<'), std::string::npos);
    if (name.starts_with('/')) name.erase(0, 1);
    out.insert(name.substr(0, name.find_first_of(" /?")));
    at = end;
  }
  return out;
}

TEST(Svg, HoldsShapesAndTextsAndNothingElse) {
  const std::set<std::string> allowed{"svg", "title", "desc", "rect", "line", "text"};
  for (const std::string& text : k_hostile) {
    Asked asked = hostile(text);
    for (const Subject& subject : asked.look()) {
      const std::string svg = svg_of(draw(subject, 640));
      for (const std::string& element : elements_of(svg))
        EXPECT_TRUE(allowed.contains(element)) << element;
      for (const char* word : {" on", "href", "style=", "url(", "<!", "\x1b", "\u202E"})
        EXPECT_EQ(svg.find(word) == std::string::npos || text.find(word) != std::string::npos, true)
            << word;
      EXPECT_EQ(svg.find('\0'), std::string::npos);
      EXPECT_EQ(svg.find("\u202E"), std::string::npos);
      EXPECT_LT(svg.size(), 20'000U);
    }
  }
}

TEST(PictureJson, SaysTheSameShapes) {
  Asked asked = believable();
  const Picture picture = draw(asked.look().front(), 640);
  JsonWriter json;
  write_picture(json, picture);
  std::size_t shapes = 0;
  for (std::size_t at = json.text().find("\"kind\""); at != std::string::npos;
       at = json.text().find("\"kind\"", at + 1))
    ++shapes;
  EXPECT_EQ(shapes, picture.shapes.size());
}

TEST(Png, TakesEveryText) {
  for (const std::string& text : k_hostile) {
    Asked asked = hostile(text);
    const auto png = png_of(draw(asked.look().front(), 320));
    ASSERT_TRUE(png);
    EXPECT_TRUE(png->starts_with("\x89PNG"));
  }
}

TEST(Png, OfAHugePictureHasNoMorePixelsThanItsBound) {
  Picture huge;
  huge.width = k_width_max;
  huge.height = 40'000;
  const auto png = png_of(huge);
  ASSERT_TRUE(png);
  const auto number = [&](std::size_t at) {
    double value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value = value * 256 + static_cast<unsigned char>((*png)[at + i]);
    return value;
  };
  EXPECT_LE(number(16) * number(20), k_png_pixels_max);
  EXPECT_GT(number(16) * number(20), 0.9 * k_png_pixels_max);
}

TEST(Workbook, HasNoFormulaNoLinkAndNoMacro) {
  const std::set<std::string> allowed{
      "?xml",        "",      "worksheet", "cols",    "col",      "sheetData",
      "row",         "c",     "is",        "t",       "v",        "workbook",
      "sheets",      "sheet", "Types",     "Default", "Override", "Relationships",
      "Relationship"};
  for (const std::string& text : k_hostile) {
    Asked asked = hostile(text);
    const auto files = unzipped(xlsx_of(document_of(asked, text)));
    EXPECT_EQ(files.size(), 5U + 3U);
    for (const auto& [name, content] : files) {
      if (name == "xl/styles.xml") continue;
      for (const std::string& element : elements_of(content))
        EXPECT_TRUE(allowed.contains(element)) << name << ": " << element;
      EXPECT_EQ(content.find("External"), std::string::npos);
    }
  }
}

TEST(Workbook, NumbersAreNumbersAndTextsAreTexts) {
  Asked asked = hostile("=1+1");
  const auto files = unzipped(xlsx_of(document_of(asked, "=1+1")));
  const std::string& sheet = files.at("xl/worksheets/sheet2.xml");
  EXPECT_NE(sheet.find("t=\"inlineStr\"><is><t xml:space=\"preserve\">=1+1</t>"),
            std::string::npos);
  EXPECT_NE(sheet.find("<v>7</v>"), std::string::npos);
  EXPECT_EQ(sheet.find("<f"), std::string::npos);
}

TEST(Workbook, SheetsHaveABoundThatItNames) {
  for (const std::size_t sections : {k_sheets_max - 1, k_sheets_max, k_sheets_max + 1}) {
    Document document;
    document.sections.resize(sections);
    const auto files = unzipped(xlsx_of(document));
    EXPECT_EQ(files.size(), 5U + 1U + std::min(sections, k_sheets_max) - 0U);
    EXPECT_EQ(files.at("xl/worksheets/sheet1.xml").find("have no sheet") != std::string::npos,
              sections > k_sheets_max);
  }
}

TEST(Workbook, EqualDocumentsGiveEqualBytes) {
  Asked asked = believable();
  EXPECT_EQ(xlsx_of(document_of(asked, "x")), xlsx_of(document_of(asked, "x")));
}

TEST(Pdf, TakesEveryTextAndHoldsNothingThatActs) {
  for (const std::string& text : k_hostile) {
    Asked asked = hostile(text);
    const auto pdf = pdf_of(document_of(asked, text), Deadline());
    ASSERT_TRUE(pdf);
    EXPECT_TRUE(pdf->starts_with("%PDF-"));
    for (const char* word : {"/JavaScript", "/JS ", "/AA ", "/OpenAction", "/Launch", "/URI",
                             "/EmbeddedFile", "/AcroForm"})
      EXPECT_EQ(pdf->find(word), std::string::npos) << word;
  }
}

TEST(Pdf, RowsOfATableHaveABound) {
  const auto size = [](std::size_t rows) {
    Document document;
    document.sections.resize(1);
    document.sections[0].table.headings = {"a", "b"};
    document.sections[0].table.rows.assign(
        rows, {Cell{Cell::Kind::Words, "x", {}, false}, Cell{Cell::Kind::Count, {}, 1.0, false}});
    return pdf_of(document, Deadline())->size();
  };
  EXPECT_LT(size(k_pdf_rows_max - 1), size(k_pdf_rows_max));
  EXPECT_LT(size(k_pdf_rows_max), size(k_pdf_rows_max + 1));
  EXPECT_NEAR(static_cast<double>(size(k_pdf_rows_max + 1)),
              static_cast<double>(size(k_pdf_rows_max + 1'000)), 200);
}

TEST(Pdf, StopsAtItsDeadline) {
  Asked asked = believable();
  const Deadline passed = Deadline::after(Span::micros(-1));
  const auto pdf = pdf_of(document_of(asked, "x"), passed);
  ASSERT_FALSE(pdf);
  EXPECT_EQ(pdf.error().code, Code::Deadline);
}

}  // namespace
}  // namespace probity::picture
