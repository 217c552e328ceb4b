#include "attest/finding.hpp"

#include <gtest/gtest.h>

namespace probity::attest {
namespace {

TEST(Observations, AreUnknownUntilSomethingWasSeen) {
  Observations seen;
  seen.note("tried", 3);
  EXPECT_EQ(seen.finding().status, Status::Unknown);
  seen.expect(true, "fine");
  EXPECT_EQ(seen.finding().status, Status::Held);
  EXPECT_EQ(seen.finding().evidence_json, R"({"tried":3,"observations":1})");
}

TEST(Observations, AreUnknownWhenTheControlIsMissing) {
  Observations seen;
  seen.expect(true, "fine");
  seen.need(true, "the control");
  EXPECT_EQ(seen.finding().status, Status::Held);
  seen.need(false, "the control");
  EXPECT_EQ(seen.finding().status, Status::Unknown);
  EXPECT_EQ(seen.finding().evidence_json, R"({"observations":1,"reasons":["the control"]})");
}

TEST(Observations, AreBrokenByOneContradiction) {
  Observations seen;
  for (int i = 0; i < 100; ++i)
    seen.expect(i != 7, "item");
  seen.need(false, "more");
  EXPECT_EQ(seen.finding().status, Status::Broken);
  EXPECT_EQ(seen.finding().evidence_json,
            R"({"observations":100,"contradictions":["item"],"contradicted":1,)"
            R"("reasons":["more"]})");
}

TEST(Observations, ListAFewContradictionsOnly) {
  Observations seen;
  for (int i = 0; i < 100; ++i)
    seen.expect(false, "item");
  EXPECT_LT(seen.finding().evidence_json.size(), 200U);
  EXPECT_NE(seen.finding().evidence_json.find("\"contradicted\":100"), std::string::npos);
}

}  // namespace
}  // namespace probity::attest
