#include "net/address.hpp"

#include <gtest/gtest.h>

#include "net/census.hpp"
#include "net/plain.hpp"
#include "net/socket.hpp"
#include "web/address.hpp"

namespace probity::net {
namespace {

using web::address_text;
using web::parse_address;

TEST(ClientAddress, IsTheRightmostHopNobodyVouchesFor) {
  const std::vector<web::Block> trusted{*web::parse_block("10.0.0.0/8")};
  const auto client = [&](std::string_view peer, std::vector<std::string> fields) {
    web::Request request;
    for (auto& field : fields)
      request.headers.push_back({"x-forwarded-for", std::move(field)});
    return address_text(client_address(*parse_address(peer), request, trusted));
  };
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1, 2.2.2.2"}), "2.2.2.2");
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1, 10.0.0.2"}), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1", "10.0.0.2"}), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1, unknown, 10.0.0.2"}), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::1]:99"}), "2001:db8::1");
  EXPECT_EQ(client("10.0.0.1", {"::ffff:1.1.1.1"}), "1.1.1.1");
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1:99"}), "1.1.1.1");
  // Not believed: the peer is no proxy of ours.
  EXPECT_EQ(client("9.9.9.9", {"1.1.1.1"}), "9.9.9.9");
}

TEST(Endpoint, IsAnAddressWithAPort) {
  EXPECT_EQ(text_of(*parse_endpoint("127.0.0.1:8443")), "127.0.0.1:8443");
  EXPECT_EQ(text_of(*parse_endpoint("[::1]:0")), "[::1]:0");
  for (const char* text : {"", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "::1:80", "[127.0.0.1]:80", "host:80", "127.0.0.1:8 "})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(Census, CountsUpToItsCaps) {
  Census census(3, 2);
  const auto a = *parse_address("10.0.0.1");
  const auto b = *parse_address("10.0.0.2");
  EXPECT_TRUE(census.enter(a, Census::Cap::ByAddress));
  EXPECT_TRUE(census.enter(a, Census::Cap::ByAddress));
  EXPECT_FALSE(census.enter(a, Census::Cap::ByAddress));
  EXPECT_TRUE(census.enter(a, Census::Cap::None));
  EXPECT_FALSE(census.enter(b, Census::Cap::ByAddress));
  census.leave(a);
  EXPECT_TRUE(census.enter(b, Census::Cap::ByAddress));
  EXPECT_FALSE(census.wait_until_empty(Span::millis(1)));
  census.leave(a);
  census.leave(a);
  census.leave(b);
  EXPECT_TRUE(census.wait_until_empty(Span::millis(1)));
  EXPECT_EQ(census.count(), 0U);
}

TEST(Census, CountsAnIpv6NetworkAsOne) {
  Census census(9, 1);
  EXPECT_TRUE(census.enter(*parse_address("2001:db8::1"), Census::Cap::ByAddress));
  EXPECT_FALSE(census.enter(*parse_address("2001:db8::ffff:2"), Census::Cap::ByAddress));
  EXPECT_TRUE(census.enter(*parse_address("2001:db8:0:1::1"), Census::Cap::ByAddress));
  census.leave(*parse_address("2001:db8::1"));
  EXPECT_TRUE(census.enter(*parse_address("2001:db8::2"), Census::Cap::ByAddress));
}

TEST(Plain, DecidesOnTheMethodAlone) {
  for (const char* open : {"", "G", "GET", "HEAD ", "GET / HTTP/1.1\r\nHost: h\r\n"})
    EXPECT_FALSE(answer_plain(open, {})) << open;
  for (const char* refused : {"P", "POST ", "HEAX", "GET / HTTP/1.0\r\nHost: h\r\n\r\n", "get "})
    EXPECT_TRUE(answer_plain(refused, {}).value_or("").starts_with("HTTP/1.1 400 ")) << refused;
}

TEST(Plain, ProtectsWhatItSaysInClear) {
  for (const std::string request : {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "POST "}) {
    const std::string answer = answer_plain(request, {}).value_or("");
    const std::string head = answer.substr(0, answer.find("\r\n\r\n"));
    EXPECT_NE(head.find("\r\nx-content-type-options: nosniff\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("frame-ancestors 'none'"), std::string::npos) << head;
    EXPECT_NE(head.find("object-src 'none'"), std::string::npos) << head;
  }
}

TEST(Plain, SendsNobodyToAHostThatOnlyTheRequestNames) {
  const auto sent_to = [](const std::string& host, const PlainTarget& target) {
    const std::string answer =
        answer_plain("HEAD /x?y HTTP/1.1\r\nHost: " + host + "\r\n\r\n", target).value_or("");
    if (answer.starts_with("HTTP/1.1 400 ")) return std::string("refused");
    const std::size_t begin = answer.find("location: ") + 10;
    return answer.substr(begin, answer.find("\r\n", begin) - begin);
  };
  for (const std::string host : {"evil.example", "localhost", "ask.example.org:8443"})
    EXPECT_EQ(sent_to(host, {"https://ask.example.org/", "192.0.2.1"}),
              "https://ask.example.org/x?y");
  EXPECT_EQ(sent_to("h", {"https://ask.example.org:8443", {}}), "https://ask.example.org:8443/x?y");
  for (const std::string ours : {"localhost:8", "LocalHost", "127.0.0.1", "[::1]:8", "192.0.2.1:8"})
    EXPECT_EQ(sent_to(ours, {{}, "192.0.2.1"}), "https://" + ours + "/x?y");
  for (const std::string other : {"evil.example", "192.0.2.2", "localhost.evil.example"})
    EXPECT_EQ(sent_to(other, {{}, "192.0.2.1"}), "refused") << other;
}

}  // namespace
}  // namespace probity::net
