#include "web/address.hpp"

#include <gtest/gtest.h>

namespace probity::web {
namespace {

using identity::AddressFormat;

std::string kept(std::string_view text, AddressFormat format = AddressFormat::V4Slash24) {
  const auto address = parse_address(text);
  return address ? address_text(anonymise_address(*address, format)) : "unreadable";
}

TEST(AddressFormat, DefaultDropsTheLastOctetOfIpv4) {
  EXPECT_EQ(kept("34.107.218.251"), "34.107.218.0");
}

TEST(AddressFormat, DefaultDropsFiveSegmentsOfIpv6) {
  EXPECT_EQ(kept("2401:4900:60f3:229d:acb4:23a2:fadc:8b72"), "2401:4900:60f3::");
}

TEST(AddressFormat, CoarserFormatsKeepLess) {
  EXPECT_EQ(kept("34.107.218.251", AddressFormat::V4Slash16), "34.107.0.0");
  EXPECT_EQ(kept("34.107.218.251", AddressFormat::V4Slash8), "34.0.0.0");
  EXPECT_EQ(kept("34.107.218.251", AddressFormat::None), "0.0.0.0");
  EXPECT_EQ(kept("2401:4900:60f3:229d::1", AddressFormat::V4Slash8), "2401:4900:60f3::");
  EXPECT_EQ(kept("2401:4900:60f3:229d::1", AddressFormat::None), "::");
}

TEST(AddressFormat, MappedAddressIsTreatedAsIpv4) {
  Address mapped;
  mapped.is_v6 = true;
  mapped.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 34, 107, 218, 251};
  EXPECT_EQ(address_text(anonymise_address(mapped, AddressFormat::V4Slash24)), "34.107.218.0");
  EXPECT_EQ(kept("::ffff:34.107.218.251"), "34.107.218.0");
}

TEST(AddressFormat, LinkScopedAddressLosesItsHost) {
  EXPECT_EQ(kept("fe80::1ff:fe23:4567:890a"), "fe80::");
}

TEST(ParseAddress, ReadsBothKindsAndMappedOnesBecomeIpv4) {
  EXPECT_EQ(address_text(parse_address("10.1.2.3").value()), "10.1.2.3");
  EXPECT_EQ(address_text(parse_address("::ffff:10.1.2.3").value()), "10.1.2.3");
  EXPECT_FALSE(parse_address("::ffff:10.1.2.3")->is_v6);
  EXPECT_EQ(address_text(parse_address("2001:DB8::1").value()), "2001:db8::1");
}

TEST(ParseAddress, RefusesWhatIsNoAddress) {
  for (const auto text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "10.1.2.256", "fe80::1%eth0",
                          "host", "h", "010.1.2.3", "::g", "10.1.2.3 ", "[::1]"})
    EXPECT_FALSE(parse_address(text)) << text;
  EXPECT_FALSE(parse_address(std::string(100, '1')));
  using namespace std::string_view_literals;
  EXPECT_FALSE(parse_address("1.2.3.4\0.5"sv));
  EXPECT_FALSE(parse_address("::1\0"sv));
}

TEST(Block, HoldsItsAddressesAndNoOthers) {
  const auto has = [](std::string_view block, std::string_view address) {
    return parse_block(block)->has(*parse_address(address));
  };
  EXPECT_TRUE(has("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(has("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(has("10.0.0.8/29", "10.0.0.15"));
  EXPECT_FALSE(has("10.0.0.8/29", "10.0.0.16"));
  EXPECT_TRUE(has("10.0.0.1", "10.0.0.1"));
  EXPECT_FALSE(has("10.0.0.1", "10.0.0.2"));
  EXPECT_TRUE(has("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(has("0.0.0.0/0", "::1"));
  EXPECT_TRUE(has("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(has("2001:db8::/33", "2001:db8:8000::1"));
  for (const char* text : {"", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "/8"})
    EXPECT_FALSE(parse_block(text)) << text;
}

}  // namespace
}  // namespace probity::web
