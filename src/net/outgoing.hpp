#pragma once

#include <sys/socket.h>

#include <string_view>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/socket.hpp"

namespace probity::net {

/// Where a connection goes.
struct Target {
  sockaddr_storage address{};
  socklen_t size = 0;
};
/// "192.0.2.1:3310", "[2001:db8::1]:3310", "unix:/PATH" (at most 107 bytes of path). Config for
/// anything else; names are not looked up.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

/// A connection this program begins: its only ones, and none goes where the operator did not say.
/// Every wait ends with the deadline it is given. Threads: one at a time.
class Outgoing {
 public:
  /// Overloaded when nobody answers in time.
  [[nodiscard]] static Result<Outgoing> open(const Target& target, const Deadline& deadline);
  /// False when the peer is gone or the time is up.
  [[nodiscard]] bool send(BytesView bytes, const Deadline& deadline) const;
  /// What has come, at least one byte; empty when the peer closed or the time is up.
  [[nodiscard]] Bytes receive(const Deadline& deadline) const;

 private:
  explicit Outgoing(Socket socket) : socket_(std::move(socket)) {}
  [[nodiscard]] bool wait(short what, const Deadline& deadline) const;

  Socket socket_;
};

}  // namespace probity::net
