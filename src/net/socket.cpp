#include "net/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "web/address.hpp"

namespace probity::net {
namespace {

/// Connections the kernel holds until they are accepted.
constexpr int k_backlog = 1024;

/// The address of either family in the form the kernel takes.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress out;
  if (endpoint.address.is_v6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.bytes.data(), 16);
    std::memcpy(&out.storage, &v6, sizeof(v6));
    out.size = sizeof(v6);
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.bytes.data(), 4);
    std::memcpy(&out.storage, &v4, sizeof(v4));
    out.size = sizeof(v4);
  }
  return out;
}

Endpoint to_endpoint(const SocketAddress& from) {
  Endpoint out;
  if (from.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from.storage, sizeof(v6));
    out.port = ntohs(v6.sin6_port);
    std::memcpy(out.address.bytes.data(), &v6.sin6_addr, 16);
    out.address.is_v6 = true;
    // Brings an IPv4-mapped address into the form every comparison expects.
    if (const auto plain = web::parse_address(web::address_text(out.address))) out.address = *plain;
  } else {
    sockaddr_in v4{};
    std::memcpy(&v4, &from.storage, sizeof(v4));
    out.port = ntohs(v4.sin_port);
    std::memcpy(out.address.bytes.data(), &v4.sin_addr, 4);
  }
  return out;
}

std::string last_error() { return std::strerror(errno); }

}  // namespace

void Socket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const auto address = web::parse_address(host);
  const auto port =
      colon == std::string_view::npos ? std::nullopt : parse_int(text.substr(colon + 1));
  if (!address || !port || *port < 0 || *port > 65535 || is_bracketed != address->is_v6)
    return fail(Code::Config, "not ADDR:PORT or [ADDR]:PORT: " + std::string(text));
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

std::string text_of(const Endpoint& endpoint) {
  const std::string address = web::address_text(endpoint.address);
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address.is_v6 ? "[" + address + "]:" + port : address + ":" + port;
}

Result<Socket> listen_on(const Endpoint& endpoint) {
  const int family = endpoint.address.is_v6 ? AF_INET6 : AF_INET;
  Socket socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (socket.is_open()) {
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (endpoint.address.is_v6)
      ::setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    SocketAddress address = to_socket_address(endpoint);
    if (::bind(socket.fd(), address.data(), address.size) == 0 &&
        ::listen(socket.fd(), k_backlog) == 0)
      return socket;
  }
  const bool is_taken = errno == EADDRINUSE;
  Error error{
      Code::Config, "cannot listen on " + text_of(endpoint) + ": " + last_error(), {}, {}, 0};
  if (is_taken) error.hint = "Another program uses this port. Listen on another, or end that one.";
  return std::unexpected(std::move(error));
}

std::uint16_t port_of(const Socket& socket) {
  SocketAddress address;
  if (::getsockname(socket.fd(), address.data(), &address.size) != 0) return 0;
  return to_endpoint(address).port;
}

std::string own_host_of(const Socket& socket) {
  SocketAddress address;
  if (::getsockname(socket.fd(), address.data(), &address.size) != 0) return {};
  const web::Address own = to_endpoint(address).address;
  return own.is_v6 ? "[" + web::address_text(own) + "]" : web::address_text(own);
}

Result<Accepted> accept_from(const Socket& listener) {
  SocketAddress address;
  // A peer that left while it waited is not the end of the queue.
  for (int tries = 0; tries < k_backlog; ++tries) {
    address.size = sizeof(sockaddr_storage);
    Socket socket(
        ::accept4(listener.fd(), address.data(), &address.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.is_open()) {
      const int on = 1;
      ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      return Accepted{std::move(socket), to_endpoint(address).address};
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      return fail(Code::Overloaded, last_error());
    if (errno == EAGAIN || errno == EBADF || errno == EINVAL) break;
  }
  return fail(Code::NotFound);
}

}  // namespace probity::net
