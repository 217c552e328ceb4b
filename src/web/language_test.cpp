#include "web/language.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace probity::web {
namespace {

constexpr std::array<std::string_view, 4> k_known = {"en", "de", "fr", "es"};

TEST(PreferredLanguage, IsTheHeaviestOfTheKnownOnes) {
  struct Case {
    std::string_view header;
    std::string_view language;
  };
  for (const Case& one : {
           Case{"", ""},
           Case{"it", ""},
           Case{"de", "de"},
           Case{"DE-ch", "de"},
           Case{"it, fr;q=0.5, es;q=0.9", "es"},
           Case{"fr;q=0.8,en;q=0.8", "fr"},
           Case{"de;q=0", ""},
           Case{"de;q=0.001", "de"},
           Case{"de;q=nonsense, es;q=0.1", "es"},
           Case{"de;q=0.5555, es;q=0.1", "es"},
           Case{"*, de;q=0.5", "de"},
           Case{" fr ; q=1.000 ", "fr"},
           Case{";;,,;q=1,-", ""},
       })
    EXPECT_EQ(preferred_language(one.header, k_known), one.language) << one.header;
}

TEST(PreferredLanguage, ReadsABoundedNumberOfEntries) {
  const auto behind = [](std::size_t others) {
    std::string header;
    for (std::size_t i = 0; i < others; ++i)
      header += "it,";
    return preferred_language(header + "de", k_known);
  };
  EXPECT_EQ(behind(k_languages_read - 1), "de");
  EXPECT_EQ(behind(k_languages_read), "");
}

}  // namespace
}  // namespace probity::web
