#include "base/search_text.hpp"

#include <gtest/gtest.h>

namespace probity {
namespace {

TEST(SearchFold, TakesCaseAndAccentsAway) {
  EXPECT_EQ(*search_fold("Caf\xC3\xA9 \xC3\x89LAN"), "cafe elan");
  EXPECT_EQ(*search_fold("Gr\xC3\xB6\xC3\x9F"
                         "e"),
            "grosse");
  EXPECT_EQ(*search_fold("cafe\xCC\x81"), "cafe");
  EXPECT_EQ(*search_fold(""), "");
}

TEST(SearchFold, RefusesWhatIsNoUtf8) {
  EXPECT_EQ(search_fold("\xff").error().code, Code::BadRequest);
}

}  // namespace
}  // namespace probity
