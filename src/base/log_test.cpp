#include "base/log.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"

namespace probity {
namespace {

/// A file that vanishes with the test, to log into.
class Sink {
 public:
  Sink() : fd_(::memfd_create("log", 0)) {}
  ~Sink() { ::close(fd_); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::string text() const {
    std::string out(1U << 20U, '\0');
    const ssize_t size = ::pread(fd_, out.data(), out.size(), 0);
    out.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return out;
  }

 private:
  int fd_;
};

TEST(Log, WritesOneJsonLine) {
  const Sink sink;
  const FakeClock clock;
  Log log(sink.fd(), clock);
  const RequestId id = RequestId::make(clock.now());
  log.info("request_done",
           {{"status", 201}, {"path", "/x"}, {"ok", true}, {"id", id}, {"size", std::size_t{7}}});
  EXPECT_EQ(sink.text(),
            R"({"at":"2026-01-01T00:00:00.000Z","level":"info","event":"request_done",)"
            R"("status":201,"path":"/x","ok":true,"id":")" +
                id.text() + "\",\"size\":7}\n");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  const Sink sink;
  const FakeClock clock;
  Log log(sink.fd(), clock, LogLevel::Warning);
  log.write(LogLevel::Debug, "a");
  log.info("b");
  EXPECT_EQ(sink.text(), "");
  log.warn("c");
  log.failure("d");
  EXPECT_EQ(split(sink.text(), '\n').size(), 3U);
  EXPECT_FALSE(log.wants(LogLevel::Info));
  EXPECT_TRUE(log.wants(LogLevel::Failure));
}

TEST(Log, AValueCannotForgeALine) {
  const Sink sink;
  const FakeClock clock;
  Log log(sink.fd(), clock);
  log.info("x", {{"reason", "a\n{\"event\":\"forged\"}\r\x1b[2J"}});
  const std::string text = sink.text();
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_TRUE(parse_json(trim(text)));
}

TEST(Log, BytesThatAreNoTextStayJson) {
  const Sink sink;
  const FakeClock clock;
  Log log(sink.fd(), clock);
  log.info("x", {{"path", "\xFF\xFE"}});
  const std::string text = sink.text();
  const auto line = parse_json(trim(text));
  ASSERT_TRUE(line);
  EXPECT_EQ(line->at("path").as_string(), "hex:fffe");
}

TEST(Log, LinesOfThreadsDoNotMix) {
  const Sink sink;
  const FakeClock clock;
  Log log(sink.fd(), clock);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t)
      threads.emplace_back([&log] {
        for (int i = 0; i < 200; ++i)
          log.info("line", {{"filler", std::string(100, 'x')}});
      });
  }
  const std::string text = sink.text();
  const auto lines = split(text, '\n');
  EXPECT_EQ(lines.size(), 1201U);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i)
    EXPECT_TRUE(parse_json(lines[i]));
}

TEST(Log, ATapReadsEveryLevelAndChangesNothing) {
  const Sink sink;
  const FakeClock clock;
  Log log(sink.fd(), clock, LogLevel::Warning);
  EXPECT_FALSE(log.wants(LogLevel::Debug));
  std::string tapped;
  log.tap([&tapped](std::string_view line) { tapped += line; });
  EXPECT_TRUE(log.wants(LogLevel::Debug));
  log.write(LogLevel::Debug, "quiet");
  log.warn("loud");
  log.untap();
  log.warn("later");
  EXPECT_FALSE(log.wants(LogLevel::Debug));
  EXPECT_NE(tapped.find("quiet"), std::string::npos);
  EXPECT_NE(tapped.find("loud"), std::string::npos);
  EXPECT_EQ(tapped.find("later"), std::string::npos);
  const std::string text = sink.text();
  EXPECT_EQ(text.find("quiet"), std::string::npos);
  EXPECT_NE(text.find("loud"), std::string::npos);
  EXPECT_NE(text.find("later"), std::string::npos);
}

TEST(Log, AClosedDescriptorStopsNothing) {
  const FakeClock clock;
  Log log(-1, clock);
  log.info("nowhere");
}

}  // namespace
}  // namespace probity
