#include "net/server.hpp"

#include <gtest/gtest.h>

#include "net/server_for_test.hpp"
#include "net/wire.hpp"
#include "web/address.hpp"

namespace probity::net {
namespace {

TEST(Server, AnswersOverTls) {
  ServerFixture at;
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.is_up());
  EXPECT_EQ(client.version(), "TLSv1.3");
  const Reply reply = client.ask(post("/a", "hello"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "POST /a hello");
  EXPECT_TRUE(reply.has("date: Thu, 01 Jan 2026 "));
  EXPECT_FALSE(reply.has("connection:"));
}

TEST(Server, TellsItsStateWithTheBoundPort) {
  ServerFixture at;
  at.start();
  const ListenerState state = at.server->state();
  EXPECT_TRUE(state.is_open);
  EXPECT_EQ(state.why_closed, "");
  EXPECT_EQ(state.addresses.size(), 1U);
  EXPECT_NE(at.port, 0);
}

TEST(Server, RefusesToStartOnABusyAddressOrWithoutACertificate) {
  ServerFixture at;
  at.start();
  ServerOptions busy = at.options;
  busy.listen = {"127.0.0.1:" + std::to_string(at.port)};
  const auto second = Server::start(busy, at.service, at.clock, at.log);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::Config);
  ServerOptions bare = at.options;
  bare.certificate = at.folder / "none.pem";
  const auto third = Server::start(bare, at.service, at.clock, at.log);
  ASSERT_FALSE(third);
  EXPECT_NE(third.error().detail.find("certificate_missing"), std::string::npos);
  for (const auto* address : {"localhost:1", "127.0.0.1", "127.0.0.1:65536", ":80", "::1:80", ""}) {
    ServerOptions wrong = at.options;
    wrong.listen = {address};
    EXPECT_FALSE(Server::start(wrong, at.service, at.clock, at.log)) << address;
  }
}

TEST(Server, KeepsAConnectionForManyRequests) {
  for (const auto mode : {TestService::Mode::AtOnce, TestService::Mode::OtherThread}) {
    ServerFixture at(nullptr, mode);
    at.start();
    Client client(at.port);
    for (int i = 0; i < 50; ++i) {
      const std::string path = "/" + std::to_string(i);
      ASSERT_EQ(client.ask(post(path, "x")).body, "POST " + path + " x");
    }
    EXPECT_EQ(at.server->state().connections, 1U);
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  for (const auto mode : {TestService::Mode::AtOnce, TestService::Mode::OtherThread}) {
    ServerFixture at(nullptr, mode);
    at.start();
    Client client(at.port);
    std::string all;
    for (int i = 0; i < 2000; ++i)
      all += post("/" + std::to_string(i), "body");
    ASSERT_TRUE(client.send(all));
    for (int i = 0; i < 2000; ++i)
      ASSERT_EQ(client.receive().body, "POST /" + std::to_string(i) + " body");
  }
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  ServerFixture at;
  at.start();
  Client client(at.port);
  const Reply reply = client.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.has("connection: close"));
  EXPECT_TRUE(client.sees_end());
  EXPECT_EQ(client.alert(), "close notify");
}

TEST(Server, SendsNoBodyToHeadAndWhereThereIsNone) {
  ServerFixture at([](const web::Request& request, const std::string&) {
    return request.path == "/empty" ? web::empty_response(204) : web::json_response(200, "{}");
  });
  at.start();
  Client client(at.port);
  ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"));
  const Reply head = client.receive(Client::Expect::NoBody);
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.has("content-length: 2\r\n"));
  const Reply empty = client.ask(get("/empty"));
  EXPECT_EQ(empty.status, 204);
  EXPECT_FALSE(empty.has("content-length"));
  EXPECT_EQ(client.ask(get("/")).body, "{}");
}

TEST(Server, ReadsABodyInManyPieces) {
  ServerFixture at;
  at.service.body_max_bytes = 3'000'000;
  at.start();
  Client client(at.port);
  const std::string big(2'500'000, 'b');
  ASSERT_TRUE(client.send(post("/big", big)));
  EXPECT_EQ(client.receive().body, "POST /big " + big);
  ASSERT_TRUE(client.send("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (const char* piece : {"3", "\r\nabc\r", "\n2\r\nde\r\n", "0\r\n\r", "\n"})
    ASSERT_TRUE(client.send(piece));
  EXPECT_EQ(client.receive().body, "POST /c abcde");
}

TEST(Server, TakesABodyUpToItsLimitAndNotOneByteMore) {
  ServerFixture at;
  at.start();
  for (const std::size_t size : {1023U, 1024U}) {
    Client client(at.port);
    EXPECT_EQ(client.ask(post("/", std::string(size, 'x'))).status, 200);
    const std::string chunk = std::string(size, 'x');
    std::string request = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    append_chunk(request, chunk);
    EXPECT_EQ(client.ask(request + std::string(k_last_chunk)).status, 200);
  }
  Client declared(at.port);
  // Refused by what it declares: the body is never sent.
  ASSERT_TRUE(declared.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1025\r\n\r\n"));
  const Reply reply = declared.receive();
  EXPECT_EQ(reply.status, 413);
  EXPECT_TRUE(reply.has("application/problem+json"));
  EXPECT_TRUE(declared.sees_end());
  Client chunked(at.port);
  ASSERT_TRUE(
      chunked.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n"));
  EXPECT_EQ(chunked.receive().status, 413);
  EXPECT_TRUE(chunked.sees_end());
}

TEST(Server, ReadsNoBodyAfterARefusedHead) {
  ServerFixture at;
  at.service.refuse_path = "/no";
  at.start();
  Client client(at.port);
  EXPECT_EQ(client.ask(get("/no")).status, 403);
  EXPECT_EQ(client.ask(get("/yes")).status, 200);
  ASSERT_TRUE(client.send(post("/no", "body that looks like GET / HTTP/1.1\r\n\r\n")));
  const Reply reply = client.receive();
  EXPECT_EQ(reply.status, 403);
  EXPECT_TRUE(reply.has("connection: close"));
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(at.service.admitted, 3);
}

TEST(Server, SaysContinueOnceTheHeadIsAdmitted) {
  ServerFixture at;
  at.service.refuse_path = "/no";
  at.start();
  Client client(at.port);
  const std::string head =
      " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  ASSERT_TRUE(client.send("POST /yes" + head));
  EXPECT_EQ(client.receive().status, 100);
  EXPECT_EQ(client.ask("ok").body, "POST /yes ok");
  ASSERT_TRUE(client.send("POST /no" + head));
  EXPECT_EQ(client.receive().status, 403);
  EXPECT_TRUE(client.sees_end());
}

TEST(Server, AnswersMalformedRequestsWithAProblemAndCloses) {
  ServerFixture at;
  at.start();
  struct Case {
    std::string request;
    int status;
  };
  const std::vector<Case> cases{
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.0\r\nHost: h\r\n\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405},
      {"GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: h\r\nx: " + std::string(16384, 'a') + "\r\n\r\n", 431},
      {std::string("\0\0\0\0", 4), 400},
  };
  for (const Case& one : cases) {
    Client client(at.port);
    const Reply reply = client.ask(one.request);
    EXPECT_EQ(reply.status, one.status) << one.request.substr(0, 40);
    EXPECT_TRUE(reply.has("application/problem+json"));
    EXPECT_TRUE(reply.has("connection: close"));
    EXPECT_TRUE(client.sees_end());
  }
  EXPECT_EQ(at.service.admitted, 0);
}

TEST(Server, GivesALargeAnswerToASlowReader) {
  const std::string large(8'000'000, 'z');
  ServerFixture at(
      [&](const web::Request&, const std::string&) { return web::json_response(200, large); });
  at.start();
  Client client(at.port);
  EXPECT_EQ(client.ask(get("/")).body, large);
  EXPECT_EQ(client.ask(get("/")).body.size(), large.size());
}

TEST(Server, TellsTheServiceWhatWasSent) {
  ServerFixture at(nullptr, TestService::Mode::OtherThread);
  at.start();
  {
    Client client(at.port);
    EXPECT_EQ(client.ask(post("/", "x")).status, 200);
    EXPECT_EQ(client.ask(post("/", std::string(2000, 'x'))).status, 413);
  }
  ASSERT_TRUE(eventually([&] { return at.service.notes().size() == 2; }));
  EXPECT_EQ(at.service.notes()[0].status, 200);
  EXPECT_GT(at.service.notes()[0].bytes, 100U);
  EXPECT_EQ(at.service.notes()[1].status, 413);
}

TEST(Server, CapsConnectionsOfOneAddressAndInAll) {
  ServerFixture at;
  at.options.connections_per_address_max = 2;
  at.options.connections_max = 3;
  at.start();
  Client first(at.port);
  auto second = std::make_unique<Client>(at.port);
  EXPECT_TRUE(first.is_up());
  EXPECT_TRUE(second->is_up());
  EXPECT_FALSE(Client(at.port).is_up());
  Client neighbour(at.port, Client::Kind::Tls, {}, "127.0.0.2");
  EXPECT_TRUE(neighbour.is_up());
  EXPECT_FALSE(Client(at.port, Client::Kind::Tls, {}, "127.0.0.3").is_up());
  second.reset();
  ASSERT_TRUE(eventually([&] { return at.server->state().connections == 2; }));
  EXPECT_TRUE(Client(at.port).is_up());
}

TEST(Server, TakesTheClientFromATrustedProxyOnly) {
  const auto echo = [](const web::Request& request, const std::string&) {
    return web::json_response(200, web::address_text(request.peer));
  };
  const std::string request =
      "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.9\r\n\r\n";
  ServerFixture open(echo);
  open.start();
  EXPECT_EQ(Client(open.port).ask(request).body, "127.0.0.1");
  ServerFixture behind(echo);
  behind.options.trusted_proxies = {"127.0.0.0/8"};
  behind.options.connections_per_address_max = 1;
  behind.start();
  Client first(behind.port);
  Client second(behind.port);
  EXPECT_EQ(first.ask(request).body, "203.0.113.9");
  EXPECT_EQ(second.ask(request).body, "203.0.113.9");
}

TEST(Server, SurvivesClientsThatLeaveAtAnyMoment) {
  ServerFixture at(nullptr, TestService::Mode::OtherThread);
  at.start();
  const std::string request = post("/", std::string(500, 'x'));
  for (std::size_t cut = 0; cut <= request.size(); cut += 23) {
    Client client(at.port);
    ASSERT_TRUE(client.is_up());
    ASSERT_TRUE(client.send(request.substr(0, cut)));
    client.reset();
  }
  EXPECT_EQ(Client(at.port).ask(request).status, 200);
  EXPECT_TRUE(eventually([&] { return at.server->state().connections == 0; }));
}

TEST(PlainHttp, IsSentToHttpsOrRefusedUnread) {
  ServerFixture at;
  at.start();
  const std::string host = "localhost:" + std::to_string(at.port);
  Client get_login(at.port, Client::Kind::Plain);
  const Reply moved = get_login.ask("GET /login?a=1 HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  EXPECT_EQ(moved.status, 308);
  EXPECT_TRUE(moved.has("location: https://" + host + "/login?a=1\r\n"));
  // The body stays where it is: the answer comes after the method alone.
  Client post_login(at.port, Client::Kind::Plain);
  EXPECT_EQ(post_login.ask("POST /login HTTP/1.1\r\nContent-Length: 1000000\r\n").status, 400);
  for (const char* request :
       {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: evil/\r\n\r\n", "SSH-2.0-x\r\n",
        "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "\r\n"}) {
    Client client(at.port, Client::Kind::Plain);
    EXPECT_EQ(client.ask(request).status, 400) << request;
    EXPECT_TRUE(client.sees_end());
  }
  EXPECT_EQ(at.service.admitted, 0);
}

}  // namespace
}  // namespace probity::net
