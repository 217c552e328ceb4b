#include "identity/address.hpp"

#include <gtest/gtest.h>

namespace probity::identity {
namespace {

TEST(NetworkText, KeepsWhatTheFormatAllows) {
  const Bytes v4{203, 0, 113, 77};
  EXPECT_EQ(network_of(v4, AddressFormat::V4Slash24), "203.0.113.0/24");
  EXPECT_EQ(network_of(v4, AddressFormat::V4Slash16), "203.0.0.0/16");
  EXPECT_EQ(network_of(v4, AddressFormat::V4Slash8), "203.0.0.0/8");
  EXPECT_EQ(network_of(v4, AddressFormat::None), "");
  const Bytes v6{0x20, 0x01, 0x0d, 0xb8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  EXPECT_EQ(network_of(v6, AddressFormat::V4Slash24), "2001:db8:1::/48");
  EXPECT_EQ(network_of(v6, AddressFormat::None), "");
  EXPECT_EQ(network_of(Bytes(16, 0), AddressFormat::V4Slash8), "::/48");
  EXPECT_EQ(network_of(Bytes(5, 1), AddressFormat::V4Slash24), "");
}

TEST(NetworkText, ReadsItsOwnFormats) {
  for (const auto format : {AddressFormat::V4Slash24, AddressFormat::V4Slash16,
                            AddressFormat::V4Slash8, AddressFormat::None})
    EXPECT_EQ(parse_address_format(text_of(format)), format);
  EXPECT_FALSE(parse_address_format("v4/32"));
}

TEST(ThrottleKey, TakesAnIpv6NetworkForOneClient) {
  Bytes a(16, 1);
  Bytes b = a;
  b[8] = 9;
  EXPECT_EQ(throttle_key_of(a), throttle_key_of(b));
  b[7] = 9;
  EXPECT_NE(throttle_key_of(a), throttle_key_of(b));
  EXPECT_NE(throttle_key_of(Bytes{1, 2, 3, 4}), throttle_key_of(Bytes{1, 2, 3, 5}));
}

}  // namespace
}  // namespace probity::identity
