#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "web/service.hpp"

namespace probity::net {

/// How long a connection is waited for. Whoever is slower is closed; none of it holds a worker.
struct Patience {
  Span handshake = Span::seconds(10);    ///< From accept to the end of the TLS handshake.
  Span head = Span::seconds(10);         ///< From its first byte (or the handshake) to its end.
  Span idle = Span::seconds(60);         ///< Between two requests.
  Span body = Span::seconds(10);         ///< For the body, and more with every byte that came:
  std::int64_t bytes_per_s_min = 4096;   ///< a body, and a response being read, keep this rate…
  Span body_total = Span::seconds(300);  ///< …and a body ends by then at the latest.
  Span write = Span::seconds(30);        ///< For a response, and more with every byte that left.
  Span stall = Span::seconds(10);        ///< For a streamed body, without one record taken.
  Span answer = Span::seconds(330);      ///< For the service; longer than its own deadlines.
  Span linger = Span::seconds(1);        ///< After our end, for the peer to read it.
  Span watch = Span::seconds(1);         ///< Between two looks at the certificate.
  Span tick = Span::millis(100);         ///< How exactly all of these are kept.
};

/// How the server listens.
struct ServerOptions {
  std::vector<std::string> listen;           ///< "ADDR:PORT", "[::1]:PORT"; port 0: a free one.
  std::filesystem::path certificate;         ///< PEM chain.
  std::filesystem::path private_key;         ///< PEM.
  std::vector<std::string> trusted_proxies;  ///< CIDR blocks whose X-Forwarded-For is believed.
  /// "https://…", where plain HTTP is sent; empty: to the host asked for, when it is ours.
  std::string public_url;
  std::size_t connections_max = 4096;
  std::size_t connections_per_address_max = 512;
  std::size_t io_threads = 2;
  Patience patience;
};

/// Whether strangers can reach the server, for /readyz and the statement's probes.
struct ListenerState {
  bool is_open = false;
  std::string why_closed;              ///< "certificate_missing", "certificate_expired", …
  std::vector<std::string> addresses;  ///< With the ports really bound.
  std::size_t connections = 0;
};

/// TLS and HTTP/1.1 in front of a web::Service. Connections, deadlines and bytes live here and
/// nothing else does. Threads: any.
class Server {
 public:
  /// Config when an address cannot be bound or the certificate does not load. `clock` decides
  /// whether a certificate has expired.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options,
                                                             web::Service& service,
                                                             const Clock& clock, Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Reads the certificate files again (SIGHUP); connections in progress keep theirs. The files are
  /// also watched every second: missing, expired or mismatched ones close the listener and all
  /// connections (SW-13), good ones open it again.
  [[nodiscard]] Result<void> reload_certificate();
  [[nodiscard]] ListenerState state() const;
  /// Stops accepting, lets requests in progress finish for at most `within`, then closes.
  void drain(Span within);

  /// For start(); State is defined in server.cpp alone.
  struct State;
  explicit Server(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace probity::net
