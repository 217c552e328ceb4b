#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "net/tls.hpp"

namespace probity::net {

/// How an attempt to move bytes ended.
enum class Io : std::uint8_t {
  Done,       ///< Something was moved, or the handshake is finished.
  WantRead,   ///< Nothing more until the socket has bytes.
  WantWrite,  ///< Nothing more until the socket takes bytes.
  Ended,      ///< The peer closed properly.
  Failed,     ///< Broken: reset, bad record, refused handshake.
};

struct Moved {
  Io io = Io::Failed;
  std::size_t bytes = 0;
};

/// A TLS byte stream over a socket that does not block. Never waits: the caller comes back when
/// note_ready has been told that the socket changed, and brings its own deadline. One thread.
class TlsStream {
 public:
  /// `fd` stays the caller's and outlives the stream.
  TlsStream(int fd, const std::shared_ptr<const TlsContext>& context);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// The socket may have bytes again; until then reads answer WantRead without a system call.
  void note_readable();
  /// The peer sends no more: what is left is read to its end.
  void note_finished();

  [[nodiscard]] Io handshake();
  [[nodiscard]] Moved read_some(std::span<char> into);
  [[nodiscard]] Moved write_some(std::string_view from);
  /// Sends close_notify, in one attempt, if there was a handshake and nothing broke.
  void say_goodbye();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probity::net
