#include "net/outgoing.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace probity::net {
namespace {

constexpr std::size_t k_chunk_bytes = 16 * 1024;

template <typename Address>
Target target_of(const Address& address) {
  Target out;
  std::memcpy(&out.address, &address, sizeof address);
  out.size = sizeof address;
  return out;
}

Result<Target> local_target(std::string_view path) {
  sockaddr_un file{};
  file.sun_family = AF_UNIX;
  if (!path.starts_with('/') || path.size() >= sizeof file.sun_path)
    return refuse(Code::Config, "After unix: stands a whole path of at most 107 bytes.");
  std::ranges::copy(path, file.sun_path);
  return target_of(file);
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  constexpr std::string_view k_unix = "unix:";
  if (text.starts_with(k_unix)) return local_target(text.substr(k_unix.size()));
  PROBITY_TRY(endpoint, parse_endpoint(text));
  if (endpoint.port == 0) return refuse(Code::Config, "The port is missing.");
  if (endpoint.address.is_v6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.bytes.data(), sizeof v6.sin6_addr);
    return target_of(v6);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(endpoint.port);
  std::memcpy(&v4.sin_addr, endpoint.address.bytes.data(), sizeof v4.sin_addr);
  return target_of(v4);
}

Result<Outgoing> Outgoing::open(const Target& target, const Deadline& deadline) {
  Outgoing out(
      Socket(::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
  if (!out.socket_.is_open()) return fail(Code::Overloaded, "no socket");
  const void* generic = &target.address;
  const int fd = out.socket_.fd();
  const int rc = ::connect(fd, static_cast<const sockaddr*>(generic), target.size);
  if (rc != 0 && (errno != EINPROGRESS || !out.wait(POLLOUT, deadline)))
    return fail(Code::Overloaded, "no connection");
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
    return fail(Code::Overloaded, "no connection");
  return out;
}

bool Outgoing::send(BytesView bytes, const Deadline& deadline) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0)
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    else if (errno != EAGAIN && errno != EINTR)
      return false;
    else if (!wait(POLLOUT, deadline))
      return false;
  }
  return true;
}

Bytes Outgoing::receive(const Deadline& deadline) const {
  std::array<std::uint8_t, k_chunk_bytes> chunk;  // NOLINT(*-member-init): recv fills what is read.
  while (wait(POLLIN, deadline)) {
    const ssize_t got = ::recv(socket_.fd(), chunk.data(), chunk.size(), 0);
    if (got > 0) return {chunk.begin(), chunk.begin() + got};
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) return {};
  }
  return {};
}

bool Outgoing::wait(short what, const Deadline& deadline) const {
  while (!deadline.has_passed()) {
    pollfd poll{socket_.fd(), what, 0};
    const std::int64_t left_ms = std::clamp<std::int64_t>(deadline.left().ms(), 1, 60'000);
    const int ready = ::poll(&poll, 1, static_cast<int>(left_ms));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

}  // namespace probity::net
