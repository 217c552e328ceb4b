#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"

namespace probity::net {

/// How a test's client introduces itself.
struct ClientOptions {
  int version_min = 0;  ///< 10, 11, 12, 13; 0 leaves it to OpenSSL.
  int version_max = 0;
  std::string tls12_suites;  ///< OpenSSL's names; empty for the default.
  std::string groups;
  std::string alpn;     ///< One protocol name; empty for none.
  std::string session;  ///< What session() of an earlier client gave, to be resumed.
};

struct Reply {
  int status = 0;
  std::string head;
  std::string body;
  bool is_complete = false;  ///< The body ended as its framing says.

  [[nodiscard]] bool has(std::string_view text) const {
    return head.find(text) != std::string::npos;
  }
};

/// A blocking client on loopback with a time limit of some seconds on everything.
class Client {
 public:
  enum class Kind : std::uint8_t { Tls, Plain };
  explicit Client(std::uint16_t port, Kind kind = Kind::Tls, const ClientOptions& options = {},
                  const char* from = nullptr);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Connected, and for TLS the handshake is done.
  [[nodiscard]] bool is_up() const;
  bool send(std::string_view text);
  /// One response; `to_head` when no body follows whatever the head says.
  enum class Expect : std::uint8_t { Body, NoBody };
  [[nodiscard]] Reply receive(Expect expect = Expect::Body);
  /// Sends and receives.
  [[nodiscard]] Reply ask(std::string_view request);
  /// Everything up to the end of the connection.
  [[nodiscard]] std::string receive_all();
  /// The server ended the connection (waits for it).
  [[nodiscard]] bool sees_end();
  /// Name of the last TLS alert that came, empty when none did.
  [[nodiscard]] std::string alert() const;
  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::string suite() const;
  [[nodiscard]] std::string alpn() const;
  /// The session with the newest ticket that came; empty when none did.
  [[nodiscard]] std::string session() const;
  /// Where in session() the ticket lies, which the server alone can read.
  [[nodiscard]] std::string ticket() const;
  [[nodiscard]] bool is_resumed() const;
  /// Serial number of the server's certificate.
  [[nodiscard]] long serial() const;
  /// Asks for a renegotiation (TLS 1.2); false when the server does not take part.
  [[nodiscard]] bool renegotiate();
  /// Ends both directions without good-bye.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes cert.pem and key.pem (P-256, signed by itself) into the folder.
void write_certificate(const std::filesystem::path& folder, Instant not_before, Instant not_after,
                       long serial = 1);
/// Writes key.pem alone, of nobody's certificate.
void write_other_key(const std::filesystem::path& folder);

}  // namespace probity::net
