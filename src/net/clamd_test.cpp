#include "net/clamd.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <future>
#include <string>

#include "net/socket.hpp"

namespace probity::net {
namespace {

// A daemon that hangs: the system takes the connection, and nobody ever reads from it (OWASP ASVS
// 5.4.3; how the daemon's other answers are taken stands in tests/functional/virus-scan.test.ts).
class HangingScanner : public ::testing::Test {
 protected:
  void SetUp() override {
    auto endpoint = parse_endpoint("127.0.0.1:0");
    ASSERT_TRUE(endpoint);
    auto socket = listen_on(*endpoint);
    ASSERT_TRUE(socket) << socket.error().detail;
    listener_ = std::move(*socket);
  }

  void expect_no_answer(const std::string& file) {
    constexpr Span k_wait = Span::millis(200);
    const auto target = parse_target(fmt::format("127.0.0.1:{}", port_of(listener_)));
    ASSERT_TRUE(target);
    Clamd scanner(*target);
    const Span began = monotonic_now();
    const auto looked = scanner.check(file, Deadline::after(k_wait));
    // Long before the half minute a scan may take at most.
    EXPECT_LT(monotonic_now() - began, Span::seconds(15));
    ASSERT_FALSE(looked);
    EXPECT_EQ(looked.error().code, Code::Overloaded);
    EXPECT_GT(looked.error().retry_after_s, 0);
  }

  Socket listener_;
};

TEST_F(HangingScanner, TakesNoFileOnceTheTimeOfTheRequestIsUp) { expect_no_answer("small"); }

// More than the buffers of a connection hold, so that sending waits too.
TEST_F(HangingScanner, HoldsNobodyWhoSendsItALargeFile) {
  expect_no_answer(std::string(std::size_t{32} << 20, 'x'));
}

// One that hangs holds one worker: the others are free again long before it gives up.
TEST_F(HangingScanner, HoldsOneWhoWaitsAndNoSecond) {
  const auto target = parse_target(fmt::format("127.0.0.1:{}", port_of(listener_)));
  ASSERT_TRUE(target);
  Clamd scanner(*target);
  const auto check = [&] { return scanner.check("small", Deadline::after(Span::seconds(20))); };
  auto first = std::async(std::launch::async, check);
  pollfd connection{listener_.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&connection, 1, 10'000), 1);
  const Span began = monotonic_now();
  const auto second = check();
  EXPECT_LT(monotonic_now() - began, Span::seconds(10));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::Overloaded);
  EXPECT_GT(second.error().retry_after_s, 0);
  EXPECT_EQ(first.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  // Whoever waits in the system's queue is hung up on, and the turn is free again.
  listener_ = Socket();
  ASSERT_FALSE(first.get());
  const auto third = check();
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().detail.find("still being scanned"), std::string::npos);
}

}  // namespace
}  // namespace probity::net
