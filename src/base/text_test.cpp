#include "base/text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace probity {
namespace {

using namespace std::string_view_literals;

std::string utf8_of(std::uint32_t code) {
  std::string out;
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6U);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12U);
    put(0x80 | (code >> 6U & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18U);
    put(0x80 | (code >> 12U & 0x3F));
    put(0x80 | (code >> 6U & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

TEST(Utf8, TakesEveryScalarValueAndNoSurrogate) {
  for (std::uint32_t code = 0; code < 0x110000; ++code) {
    const bool is_surrogate = code >= 0xD800 && code < 0xE000;
    ASSERT_EQ(is_utf8(utf8_of(code)), !is_surrogate) << code;
  }
}

TEST(Utf8, RefusesMalformedBytes) {
  for (const std::string_view text :
       {"\x80"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv,
        "\xF0\x80\x80\x80"sv, "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv,
        "\xFF"sv, "\xFE"sv, "\xC3"sv, "\xE2\x82"sv, "\xF0\x9F\x92"sv, "a\xC3z"sv, "\xED\xA0\x80"sv,
        "ok\xE2\x82"sv})
    EXPECT_FALSE(is_utf8(text)) << text.size();
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\0b"sv));
  EXPECT_TRUE(is_utf8("Zoë 🔑 \u2028"));
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(code_points(""), 0U);
  EXPECT_EQ(code_points("abc"), 3U);
  EXPECT_EQ(code_points("Zoë🔑"), 4U);
}

TEST(Trim, TakesWhiteSpaceAtBothEndsOnly) {
  EXPECT_EQ(trim("  a b \t\r\n"), "a b");
  EXPECT_EQ(trim("\u00A0\uFEFFa\u00A0"), "a");
  EXPECT_EQ(trim(" \u00A0 "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\u00E0"), "\u00E0");  // C3 A0 ends like U+00A0 but is a letter.
}

TEST(Nfkc, UnifiesSpellings) {
  EXPECT_EQ(nfkc("e\u0301").value_or(""), "\u00E9");
  EXPECT_EQ(nfkc("\uFB01").value_or(""), "fi");
  EXPECT_EQ(nfkc("\uFF21").value_or(""), "A");
  EXPECT_EQ(nfkc("").value_or("x"), "");
  EXPECT_EQ(nfkc("a\0b"sv).value_or(""), "a\0b"sv);
  EXPECT_EQ(nfkc("\xFF").error().code, Code::BadRequest);
}

TEST(Fold, UnifiesCaseAndWhatCannotBeSeen) {
  EXPECT_EQ(fold("Anna@Example.ORG").value_or(""), "anna@example.org");
  EXPECT_EQ(fold("STRASSE").value_or(""), fold("Straße").value_or("x"));
  EXPECT_EQ(fold("E\u0301").value_or(""), fold("\u00E9").value_or("x"));
  EXPECT_EQ(fold("an\u00ADna\u200B").value_or(""), "anna");  // Soft hyphen, zero width space.
  EXPECT_EQ(fold("ＡＮＮＡ").value_or(""), "anna");
  EXPECT_NE(fold("anna").value_or(""), fold("аnna").value_or(""));  // A Cyrillic letter stays one.
  EXPECT_EQ(fold("\xC3").error().code, Code::BadRequest);
}

TEST(Fold, FoldingTwiceChangesNothing) {
  // Else two spellings of one address could be told apart, or one account be made twice.
  for (std::uint32_t code = 1; code < 0x110000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    const auto once = fold(utf8_of(code));
    ASSERT_TRUE(once) << code;
    const auto twice = fold(*once);
    ASSERT_TRUE(twice) << code;
    EXPECT_EQ(*once, *twice) << "U+" << std::hex << code;
  }
}

TEST(Html, EscapesWhatEndsTextOrAttribute) {
  EXPECT_EQ(html_escape("<a href=\"x\" title='y'>&amp;</a>"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  EXPECT_EQ(html_escape("Zoë"), "Zoë");
  EXPECT_EQ(html_escape(""), "");
}

TEST(Percent, ComesBack) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(all), Plus::Literal), all);
  EXPECT_EQ(percent_decode(percent_encode(all), Plus::Space), all);
  EXPECT_EQ(percent_encode("a b/é~"), "a%20b%2F%C3%A9~");
}

TEST(Percent, PlusIsASpaceInFormsOnly) {
  EXPECT_EQ(percent_decode("a+b", Plus::Literal), "a+b");
  EXPECT_EQ(percent_decode("a+b", Plus::Space), "a b");
  EXPECT_EQ(percent_decode("a%2Bb", Plus::Space), "a+b");
}

TEST(Percent, DecodesOnceAndRefusesBrokenEscapes) {
  EXPECT_EQ(percent_decode("%2541", Plus::Literal), "%41");
  EXPECT_EQ(percent_decode("%00", Plus::Literal), "\0"sv);
  for (const std::string_view text : {"%", "%4", "a%", "a%4", "%g0", "%0g", "%%41", "% 41", "%-1"})
    EXPECT_FALSE(percent_decode(text, Plus::Literal)) << text;
}

TEST(ParseInt, TakesTheWholeTextOnly) {
  EXPECT_EQ(parse_int("0"), 0);
  EXPECT_EQ(parse_int("-42"), -42);
  EXPECT_EQ(parse_int("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_int("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (const std::string_view text : {"", " 1", "1 ", "+1", "1.0", "0x1", "1e3", "-", "--1",
                                      "9223372036854775808", "-9223372036854775809", "１"})
    EXPECT_FALSE(parse_int(text)) << text;
}

TEST(Split, KeepsEmptyParts) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a,b", ','), (Parts{"a", "b"}));
  EXPECT_EQ(split(",a,,", ','), (Parts{"", "a", "", ""}));
  EXPECT_EQ(split("", ','), (Parts{""}));
}

}  // namespace
}  // namespace probity
