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

/// How the server listens.
struct ServerOptions {
  std::vector<std::string> listen;            ///< "ADDR:PORT", "[::1]:PORT"; port 0 picks a free one.
  std::filesystem::path certificate;          ///< PEM chain.
  std::filesystem::path private_key;          ///< PEM.
  std::vector<std::string> trusted_proxies;   ///< CIDR blocks whose X-Forwarded-For is believed.
  std::size_t connections_max = 4096;
  std::size_t connections_per_address_max = 512;
  std::size_t io_threads = 2;
};

/// Whether strangers can reach the server, for /readyz and the statement's probes.
struct ListenerState {
  bool is_open = false;
  std::string why_closed;                     ///< "certificate_missing", "certificate_expired", …
  std::vector<std::string> addresses;         ///< With the ports really bound.
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

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace probity::net
