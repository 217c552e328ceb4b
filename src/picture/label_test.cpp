#include "picture/label.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"

namespace probity::picture {
namespace {

TEST(PlainText, KeepsWordsOfAnyScript) {
  EXPECT_EQ(plain_text("Größe, 大小, حجم", 100), "Größe, 大小, حجم");
}

TEST(PlainText, TurnsControlAndLineEndsIntoSingleSpaces) {
  EXPECT_EQ(plain_text(std::string_view("a\0b\n\r\n c\x1b[31m\xE2\x80\xA8"
                                        "d",
                                        17),
                       100),
            "a b c [31m d");
  EXPECT_EQ(plain_text(" \t ", 100), "");
}

TEST(PlainText, LeavesOutWhatTurnsTheTextAroundIt) {
  EXPECT_EQ(plain_text("a\u202Eb\u2066c\u2069\uFEFFd", 100), "abcd");
}

TEST(PlainText, ReplacesWhatIsNotUtf8OrNoCharacter) {
  for (const char* broken : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    const std::string shown = plain_text(broken, 100);
    EXPECT_TRUE(is_utf8(shown));
    EXPECT_NE(shown.find("\uFFFD"), std::string::npos);
  }
  EXPECT_EQ(plain_text("a\uFFFFb", 100), "a\uFFFDb");
}

TEST(PlainText, EndsInAnEllipsisBeyondItsBound) {
  EXPECT_EQ(plain_text("abcd", 5), "abcd");
  EXPECT_EQ(plain_text("abcde", 5), "abcde");
  EXPECT_EQ(plain_text("abcdef", 5), "abcde\u2026");
}

TEST(Wrap, CutsAtSpacesAndWithinLongWords) {
  const auto lines = wrap("one two three", {10, 45, 3});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "one two");
  const auto word = wrap(std::string(10'000, 'w'), {10, 100, 2});
  ASSERT_EQ(word.size(), 2U);
  EXPECT_TRUE(word[1].ends_with("\u2026"));
  EXPECT_LE(text_width(word[1], 10), 110);
}

TEST(Wrap, GivesAtLeastOneLine) { EXPECT_EQ(wrap("", {}).size(), 1U); }

TEST(Wrap, DoesNotPartACharacterFromItsMarks) {
  std::string marked;
  for (int i = 0; i < 40; ++i)
    marked += "e\u0301";
  for (const std::string& line : wrap(marked, {10, 31, 20}))
    EXPECT_FALSE(line.starts_with("\u0301"));
}

TEST(Numbers, AreWrittenForPeople) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1'000), "1,000");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(percent_text(0.3451), "34.5 %");
  EXPECT_EQ(number_text(3.10), "3.1");
  EXPECT_EQ(number_text(-0.001), "0");
  EXPECT_EQ(p_text(0.0004), "p < 0.001");
  EXPECT_EQ(p_text(0.042), "p = 0.042");
}

}  // namespace
}  // namespace probity::picture
