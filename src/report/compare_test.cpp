#include "report/compare.hpp"

#include <gtest/gtest.h>

namespace probity::report {
namespace {

/// A shown report of one choice question.
Report of_choices(std::vector<std::uint64_t> counts) {
  QuestionCount question;
  question.name = "q";
  question.type = "radiogroup";
  const std::string names = "abcdefgh";
  for (std::size_t i = 0; i < counts.size(); ++i)
    question.counts.push_back({std::string(1, names[i]), counts[i], false, {}, {}});
  Report out;
  out.questions.push_back(std::move(question));
  return out;
}

/// Agresti (2007), page 39: party by gender.
TEST(Compare, GivesAgrestisPartyByGender) {
  const auto tests = compare_reports(of_choices({762, 327, 468}), of_choices({484, 239, 477}));
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0].method, "chi-square");
  EXPECT_NEAR(tests[0].statistic, 30.07, 5e-3);
  EXPECT_NEAR(tests[0].p, 2.954e-7, 5e-11);
  EXPECT_TRUE(tests[0].is_significant());
}

/// Fisher (1935): the lady who tastes tea.
TEST(Compare, TakesFishersTestForSmallTables) {
  const auto tests = compare_reports(of_choices({3, 1}), of_choices({1, 3}));
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0].method, "fisher");
  EXPECT_NEAR(tests[0].p, 34.0 / 70, 1e-12);
}

TEST(Compare, CorrectsForAllTests) {
  Report a = of_choices({30, 70});
  Report b = of_choices({45, 55});
  for (Report* report : {&a, &b}) {
    report->questions.push_back(report->questions[0]);
    report->questions.push_back(report->questions[0]);
  }
  const auto tests = compare_reports(a, b);
  ASSERT_EQ(tests.size(), 3U);
  EXPECT_LT(tests[0].p, 0.05);
  EXPECT_NEAR(tests[0].p_corrected, 3 * tests[0].p, 1e-12);
  EXPECT_FALSE(tests[0].is_significant());
}

TEST(Compare, PoolsInBothWhatIsPooledInOne) {
  Report a = of_choices({20, 0, 0, 9});
  a.questions[0].counts[1].is_pooled = a.questions[0].counts[2].is_pooled = true;
  a.questions[0].pools = {{{"b", "c"}, 11}};
  const auto tests = compare_reports(a, of_choices({10, 9, 8, 12}));
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0].freedom, 2);
  // What holds people without an answer is no column.
  a.questions[0].pools[0].texts.emplace_back("skipped");
  EXPECT_EQ(compare_reports(a, of_choices({10, 9, 8, 12}))[0].freedom, 1);
}

TEST(Compare, SaysNothingOfGroupsThatAreNotShown) {
  Report hidden = of_choices({3, 1});
  hidden.verdict = Verdict::TooSmall;
  EXPECT_TRUE(compare_reports(hidden, of_choices({30, 40})).empty());
}

}  // namespace
}  // namespace probity::report
