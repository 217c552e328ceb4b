#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "web/request.hpp"

namespace probity::net {

/// Owns a file descriptor.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

/// A numeric address and a port, "127.0.0.1:8443" or "[::1]:8443".
struct Endpoint {
  web::Address address;
  std::uint16_t port = 0;
};

/// Config when the text is no endpoint; names are not looked up.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);
[[nodiscard]] std::string text_of(const Endpoint& endpoint);

/// A socket that listens, not blocking. Config when the address cannot be bound.
[[nodiscard]] Result<Socket> listen_on(const Endpoint& endpoint);
/// The port really bound.
[[nodiscard]] std::uint16_t port_of(const Socket& socket);
/// The address a connection reached, as a Host header names it: without a port, IPv6 in brackets.
[[nodiscard]] std::string own_host_of(const Socket& socket);

/// One accepted connection, not blocking, without Nagle's delay.
struct Accepted {
  Socket socket;
  web::Address peer;
};

/// Overloaded when descriptors have run out; NotFound when nobody waits.
[[nodiscard]] Result<Accepted> accept_from(const Socket& listener);

}  // namespace probity::net
