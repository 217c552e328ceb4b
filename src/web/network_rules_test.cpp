#include "web/network_rules.hpp"

#include <gtest/gtest.h>

namespace probity::web {
namespace {

bool lets(const identity::NetworkRules& rules, std::string_view address) {
  return lets_in(rules, parse_address(address).value());
}

TEST(NetworkRules, LetEverybodyInWithoutAny) {
  EXPECT_TRUE(lets({}, "192.0.2.1"));
  EXPECT_TRUE(lets({}, "2001:db8::1"));
}

TEST(NetworkRules, DenyBeforeTheyAllow) {
  const identity::NetworkRules rules{"192.0.2.0/24\n2001:db8::/32", "192.0.2.7\n2001:db8:1::/48"};
  EXPECT_TRUE(lets(rules, "192.0.2.6"));
  EXPECT_FALSE(lets(rules, "192.0.2.7"));
  EXPECT_FALSE(lets(rules, "192.0.3.1"));
  EXPECT_TRUE(lets(rules, "2001:db8:2::1"));
  EXPECT_FALSE(lets(rules, "2001:db8:1::1"));
  EXPECT_FALSE(lets(rules, "2001:db9::1"));
}

TEST(NetworkRules, FailClosedWhereALineIsNoBlock) {
  EXPECT_FALSE(lets({"not a block", ""}, "192.0.2.1"));
  EXPECT_FALSE(lets({"", "not a block"}, "192.0.2.1"));
}

TEST(NetworkList, IsWrittenInOneSpellingAndOnce) {
  EXPECT_EQ(network_list("x", {" 192.0.2.1/32", "192.0.2.1", "2001:DB8:0::/32"}),
            "192.0.2.1\n2001:db8::/32");
  EXPECT_EQ(network_list("x", {}), "");
}

TEST(NetworkList, NamesWhatIsNoBlock) {
  const auto refused = network_list("network_deny", {"192.0.2.0/24", "192.0.2.0/33"});
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().fields.size(), 1U);
  EXPECT_EQ(refused.error().fields[0].field, "/network_deny");
  EXPECT_NE(refused.error().fields[0].reason.find("192.0.2.0/33"), std::string::npos);
}

}  // namespace
}  // namespace probity::web
