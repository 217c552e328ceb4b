#include "report/words.hpp"

#include <gtest/gtest.h>

namespace probity::report {
namespace {

Questionnaire form_in(std::string locale) {
  Questionnaire out;
  out.locale = std::move(locale);
  return out;
}

std::string told(const WordTally& tally, std::uint64_t least) {
  std::string out;
  for (const WordCount& word : tally.top(least, 10))
    out += word.word + ":" + std::to_string(word.responses) + " ";
  return out;
}

TEST(Words, AreCountedOnceForEachText) {
  const Questionnaire form = form_in("en");
  WordTally tally(form);
  tally.add("The food, the FOOD and the queue!");
  tally.add("Caf\xC3\xA9 food \xE2\x80\x9Cgood\xE2\x80\x9D");
  tally.add("cafe - good-ish, don't know 7 10");
  EXPECT_EQ(tally.texts(), 3U);
  EXPECT_EQ(told(tally, 2), "cafe:2 food:2 ");
  EXPECT_NE(told(tally, 1).find("good-ish:1"), std::string::npos);
}

TEST(Words, OfFewerThanTheSmallestGroupAreNotTold) {
  const Questionnaire form = form_in("en");
  WordTally tally(form);
  for (int i = 0; i < 4; ++i)
    tally.add("secret rumour");
  EXPECT_EQ(told(tally, 5), "");
  tally.add("rumour");
  EXPECT_EQ(told(tally, 5), "rumour:5 ");
}

TEST(Words, WithoutMeaningAreLeftOutInTheirLanguage) {
  for (const auto& [locale, text, left] :
       {std::tuple{"es", "El servicio no est\xC3\xA1n m\xC3\xA1s", "servicio:1 "},
        {"fr", "C'est tr\xC3\xA8s cher", "cher:1 "},
        {"de", "Die Suppe f\xC3\xBCr mich", "suppe:1 "},
        {"en", "Die Suppe", "die:1 suppe:1 "}}) {
    const Questionnaire form = form_in(locale);
    WordTally tally(form);
    tally.add(text);
    EXPECT_EQ(told(tally, 1), left);
  }
}

TEST(Words, PassesOverWhatIsNoText) {
  const Questionnaire form = form_in("en");
  WordTally tally(form);
  for (const std::string_view text : {"", " ", "'", "--", "\xE2\x80\x99", "\xff", "a"})
    tally.add(text);
  EXPECT_EQ(told(tally, 1), "");
}

}  // namespace
}  // namespace probity::report
