#include "net/clamd.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace probity::net
