#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/client_for_test.hpp"
#include "net/server.hpp"
#include "net/service_for_test.hpp"
#include "net/socket.hpp"

namespace probity::net {

/// Waits until `condition` holds, at most some seconds; for what another thread does.
template <typename Condition>
bool eventually(Condition condition) {
  const Deadline deadline = Deadline::after(Span::seconds(10));
  while (!condition()) {
    if (deadline.has_passed()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// A real server on a free port of loopback, with a certificate valid for a day around its clock.
struct ServerFixture {
  explicit ServerFixture(TestService::Answer answer = nullptr,
                         TestService::Mode mode = TestService::Mode::AtOnce)
      : service(answer ? std::move(answer) : default_answer(), mode) {
    std::string name = (std::filesystem::temp_directory_path() / "probity-net-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    write_certificate(folder, clock.now() - Span::hours(12), clock.now() + Span::hours(12));
    options.listen = {"127.0.0.1:0"};
    options.certificate = folder / "cert.pem";
    options.private_key = folder / "key.pem";
    options.patience.tick = Span::millis(5);
    options.patience.watch = Span::millis(10);
    options.patience.linger = Span::millis(200);
  }
  ~ServerFixture() {
    server.reset();
    std::filesystem::remove_all(folder);
  }
  ServerFixture(const ServerFixture&) = delete;
  ServerFixture& operator=(const ServerFixture&) = delete;

  void start() {
    auto started = Server::start(options, service, clock, log);
    ASSERT_TRUE(started) << started.error().detail;
    server = std::move(*started);
    const auto endpoint = parse_endpoint(server->state().addresses.front());
    ASSERT_TRUE(endpoint);
    port = endpoint->port;
  }

  static TestService::Answer default_answer() {
    return [](const web::Request& request, const std::string& body) {
      return web::json_response(
          200, std::string(web::text_of(request.method)) + " " + request.path + " " + body);
    };
  }

  FakeClock clock;
  Log log{log_fd(), clock};
  TestService service;
  std::filesystem::path folder;
  ServerOptions options;
  std::uint16_t port = 0;
  std::unique_ptr<Server> server;

 private:
  static int log_fd() {
    static const int fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    return fd;
  }
};

inline constexpr std::string_view k_get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

inline std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

inline std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

}  // namespace probity::net
