#include "base/slug.hpp"

#include <gtest/gtest.h>

namespace probity {
namespace {

constexpr std::size_t k_wide = 100;

TEST(Slug, KeepsLettersAndDigitsOfAnyScript) {
  EXPECT_EQ(slug("How was it? 2026", k_wide), "How-was-it-2026");
  EXPECT_EQ(slug("Enquête d’été", k_wide), "Enquête-d-été");
  EXPECT_EQ(slug("استبيان العملاء", k_wide), "استبيان-العملاء");
  EXPECT_EQ(slug("客户调查", k_wide), "客户调查");
  EXPECT_EQ(slug("हिन्दी", k_wide), "हिन्दी");
}

TEST(Slug, LeavesOutWhatCouldLeadElsewhere) {
  EXPECT_EQ(slug("../../etc/passwd", k_wide), "etc-passwd");
  EXPECT_EQ(slug("a\"; filename=\"evil.html\"\r\nx: y", k_wide), "a-filename-evil-html-x-y");
  EXPECT_EQ(slug(".hidden", k_wide), "hidden");
  EXPECT_EQ(slug("\u202Egpj.exe\u2069 C:\\x", k_wide), "gpj-exe-C-x");
  EXPECT_EQ(slug(std::string_view("a\0b", 3), k_wide), "a-b");
  EXPECT_EQ(slug("--- ? ---", k_wide), "");
  EXPECT_EQ(slug("😀", k_wide), "");
  EXPECT_EQ(slug("\xff\xfe", k_wide), "");
  EXPECT_EQ(slug("", k_wide), "");
}

TEST(Slug, IsBoundedByWholeCharacters) {
  EXPECT_EQ(slug("ééé", 6), "ééé");
  EXPECT_EQ(slug("ééé", 5), "éé");
  EXPECT_EQ(slug("ab cd", 5), "ab-cd");
  EXPECT_EQ(slug("ab cd", 3), "ab");
  EXPECT_EQ(slug("ab", 0), "");
}

TEST(Slug, OfAsciiLosesMarksAndOtherScripts) {
  EXPECT_EQ(ascii_slug("Enquête d’ÉTÉ", k_wide), "enquete-d-ete");
  EXPECT_EQ(ascii_slug("客户 survey", k_wide), "survey");
  EXPECT_EQ(ascii_slug("客户", k_wide), "");
}

}  // namespace
}  // namespace probity
