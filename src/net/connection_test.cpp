#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "net/server_for_test.hpp"

// Time, streams and the end of connections.

namespace probity::net {
namespace {

constexpr Span k_short = Span::millis(60);

struct Piecewise final : web::BodySource {
  explicit Piecewise(std::vector<Piece> all) : pieces(std::move(all)) {}
  Result<Piece> next() override {
    if (at == pieces.size()) return fail(Code::StorageFailed, "cut");
    return std::move(pieces[at++]);
  }
  std::vector<Piece> pieces;
  std::size_t at = 0;
};

web::Response streamed(std::vector<web::BodySource::Piece> pieces) {
  web::Response response;
  response.source = std::make_unique<Piecewise>(std::move(pieces));
  return response;
}

/// A body that says something again and again until it is destroyed.
struct Endless final : web::BodySource {
  explicit Endless(std::atomic<int>& living) : alive(living) { ++alive; }
  ~Endless() override { --alive; }
  Result<Piece> next() override { return Piece{"data: x\n\n", false, Span::millis(5)}; }
  std::atomic<int>& alive;
};

/// More than any buffer on the way holds, at once and without end.
struct Flood final : web::BodySource {
  explicit Flood(std::atomic<int>& living) : alive(living) { ++alive; }
  ~Flood() override { --alive; }
  Result<Piece> next() override { return Piece{std::string(1'000'000, 'x'), false, {}}; }
  std::atomic<int>& alive;
};

TEST(Deadline, EndsAHandshakeThatDoesNotHappen) {
  ServerFixture at;
  at.options.patience.handshake = k_short;
  at.start();
  Client silent(at.port, Client::Kind::Plain);
  EXPECT_TRUE(silent.sees_end());
  Client half(at.port, Client::Kind::Plain);
  ASSERT_TRUE(half.send("\x16\x03\x01"));
  EXPECT_TRUE(half.sees_end());
  Client plain(at.port, Client::Kind::Plain);
  ASSERT_TRUE(plain.send("GET / HT"));
  EXPECT_TRUE(plain.sees_end());
}

TEST(Deadline, EndsASlowHeadWith408AndAnIdleConnectionSilently) {
  ServerFixture at;
  at.options.patience.head = k_short;
  at.options.patience.idle = k_short;
  at.start();
  Client slow(at.port);
  ASSERT_TRUE(slow.send("GET / HTTP/1.1\r\nHo"));
  EXPECT_EQ(slow.receive().status, 408);
  EXPECT_TRUE(slow.sees_end());
  Client silent(at.port);
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(silent.alert(), "close notify");
  Client idle(at.port);
  EXPECT_EQ(idle.ask(k_get).status, 200);
  EXPECT_EQ(idle.receive_all(), "");
}

TEST(Deadline, IsNotMovedByTricklingHeadBytes) {
  ServerFixture at;
  at.options.patience.head = Span::millis(150);
  at.start();
  Client client(at.port);
  const Span began = monotonic_now();
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(3000, 'x');
  for (const char& c : head) {
    if (!client.send(std::string_view(&c, 1))) break;
    if (at.server->state().connections == 0 || monotonic_now() - began > Span::seconds(3)) break;
    std::this_thread::yield();
  }
  EXPECT_TRUE(eventually([&] { return at.server->state().connections == 0; }));
  EXPECT_EQ(at.service.admitted, 0);
}

TEST(Deadline, EndsABodyThatStopsOrIsTooSlow) {
  ServerFixture at;
  at.options.patience.body = k_short;
  at.start();
  Client client(at.port);
  const Reply reply = client.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_EQ(reply.status, 408);
  EXPECT_TRUE(client.sees_end());
}

TEST(Deadline, IsEarnedByBodyBytesUpToATotal) {
  ServerFixture at;
  at.service.body_max_bytes = 1 << 20;
  at.options.patience.body = Span::millis(50);
  at.options.patience.bytes_per_s_min = 1000;  // 1000 bytes buy a second.
  at.options.patience.body_total = Span::millis(400);
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" +
                          std::string(10'000, 'x')));
  const Span began = monotonic_now();
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_GE(monotonic_now() - began, Span::millis(300));
}

TEST(Deadline, EndsAReaderThatDoesNotRead) {
  ServerFixture at([](const web::Request&, const std::string&) {
    return web::json_response(200, std::string(64'000'000, 'x'));
  });
  at.options.patience.write = k_short;
  at.options.patience.bytes_per_s_min = 1'000'000'000;
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.send(k_get));
  EXPECT_TRUE(eventually([&] { return at.server->state().connections == 0; }));
  EXPECT_EQ(at.service.notes().size(), 1U);
}

TEST(Deadline, EndsAStreamWhoseClientTakesNothingLongBeforeAWholeAnswer) {
  std::atomic<int> alive = 0;
  ServerFixture at([&](const web::Request&, const std::string&) {
    web::Response response;
    response.source = std::make_unique<Flood>(alive);
    return response;
  });
  at.options.patience.stall = k_short;
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.send(k_get));
  ASSERT_TRUE(eventually([&] { return alive == 1; }));
  EXPECT_TRUE(eventually([&] { return alive == 0; }));
}

TEST(Deadline, EndsAConnectionWhoseAnswerNeverComes) {
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  ServerFixture at(
      [opened](const web::Request&, const std::string&) {
        opened.wait();
        return web::json_response(200, "{}");
      },
      TestService::Mode::OtherThread);
  at.options.patience.answer = k_short;
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.send(k_get));
  EXPECT_TRUE(client.sees_end());
  gate.set_value();  // The late answer finds nobody and is dropped.
  EXPECT_EQ(Client(at.port).ask(get("/")).status, 200);
  EXPECT_TRUE(eventually([&] { return at.service.notes().size() == 2; }));
  EXPECT_EQ(at.service.notes()[0].status, 0);
}

TEST(Stream, IsSentInChunksAndTheConnectionGoesOn) {
  for (const auto mode : {TestService::Mode::AtOnce, TestService::Mode::OtherThread}) {
    ServerFixture at(
        [](const web::Request&, const std::string&) {
          std::vector<web::BodySource::Piece> pieces;
          pieces.push_back({"ab", false, {}});
          pieces.push_back({"", false, {}});
          pieces.push_back({std::string(100'000, 'c'), false, Span::millis(10)});
          pieces.push_back({"d", true, {}});
          return streamed(std::move(pieces));
        },
        mode);
    at.start();
    Client client(at.port);
    for (int i = 0; i < 3; ++i) {
      const Reply reply = client.ask(k_get);
      EXPECT_TRUE(reply.is_complete);
      EXPECT_TRUE(reply.has("transfer-encoding: chunked"));
      EXPECT_EQ(reply.body, "ab" + std::string(100'000, 'c') + "d");
    }
    ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(client.receive(Client::Expect::NoBody).status, 200);
    EXPECT_EQ(client.ask(k_get).body.size(), 100'003U);
  }
}

TEST(Stream, ThatFailsIsCutWithoutItsEnd) {
  ServerFixture at([](const web::Request&, const std::string&) {
    std::vector<web::BodySource::Piece> pieces;
    pieces.push_back({"ab", false, {}});
    return streamed(std::move(pieces));
  });
  at.start();
  Client client(at.port);
  const Reply reply = client.ask(k_get);
  EXPECT_EQ(reply.body, "ab");
  EXPECT_FALSE(reply.is_complete);
  EXPECT_TRUE(client.sees_end());
}

TEST(Stream, EndsWhenTheClientLeaves) {
  std::atomic<int> alive = 0;
  ServerFixture at(
      [&](const web::Request&, const std::string&) {
        web::Response response;
        response.source = std::make_unique<Endless>(alive);
        return response;
      },
      TestService::Mode::OtherThread);
  at.start();
  {
    Client client(at.port);
    ASSERT_TRUE(client.send(k_get));
    ASSERT_TRUE(eventually([&] { return alive == 1; }));
  }
  EXPECT_TRUE(eventually([&] { return alive == 0; }));
  EXPECT_TRUE(eventually([&] { return at.server->state().connections == 0; }));
}

TEST(Drain, ClosesIdleConnectionsAndTakesNoMore) {
  ServerFixture at;
  at.start();
  Client idle(at.port);
  EXPECT_EQ(idle.ask(k_get).status, 200);
  at.server->drain(Span::seconds(5));
  EXPECT_EQ(at.server->state().connections, 0U);
  EXPECT_EQ(at.server->state().why_closed, "draining");
  EXPECT_TRUE(idle.sees_end());
  EXPECT_EQ(idle.alert(), "close notify");
  EXPECT_FALSE(Client(at.port, Client::Kind::Plain).is_up());
}

TEST(Drain, FinishesRequestsInProgress) {
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  std::atomic<int> working = 0;
  ServerFixture at(
      [&, opened](const web::Request&, const std::string&) {
        ++working;
        opened.wait();
        return web::json_response(201, "{}");
      },
      TestService::Mode::OtherThread);
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.send(post("/", "x")));
  ASSERT_TRUE(eventually([&] { return working == 1; }));
  auto drained = std::async(std::launch::async, [&] { at.server->drain(Span::seconds(5)); });
  ASSERT_TRUE(eventually([&] { return !at.server->state().is_open; }));
  gate.set_value();
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 201);
  EXPECT_TRUE(reply.has("connection: close"));
  drained.get();
  EXPECT_EQ(at.server->state().connections, 0U);
}

TEST(Drain, EndsEventStreamsProperly) {
  std::atomic<int> alive = 0;
  ServerFixture at([&](const web::Request&, const std::string&) {
    web::Response response;
    response.source = std::make_unique<Endless>(alive);
    return response;
  });
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.send(k_get));
  ASSERT_TRUE(eventually([&] { return alive == 1; }));
  at.server->drain(Span::seconds(5));
  EXPECT_TRUE(client.receive().is_complete);
  EXPECT_EQ(alive, 0);
}

TEST(Drain, CutsWhatDoesNotEndInTime) {
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  ServerFixture at(
      [opened](const web::Request&, const std::string&) {
        opened.wait();
        return web::json_response(200, "{}");
      },
      TestService::Mode::OtherThread);
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.send(k_get));
  ASSERT_TRUE(eventually([&] { return at.service.admitted == 1; }));
  at.server->drain(k_short);
  EXPECT_TRUE(client.sees_end());
  gate.set_value();
}

TEST(Load, ManyConnectionsOnSeveralThreadsStayApart) {
  ServerFixture at(nullptr, TestService::Mode::OtherThread);
  at.options.io_threads = 3;
  at.start();
  std::vector<std::future<int>> all;
  for (int c = 0; c < 8; ++c) {
    all.push_back(std::async(std::launch::async, [&at, c] {
      Client client(at.port);
      int good = 0;
      for (int i = 0; i < 100; ++i) {
        const std::string path = "/" + std::to_string(c) + "/" + std::to_string(i);
        if (client.ask(post(path, "x")).body == "POST " + path + " x") ++good;
      }
      return good;
    }));
  }
  for (auto& one : all)
    EXPECT_EQ(one.get(), 100);
}

}  // namespace
}  // namespace probity::net
