#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace probity::attest {

// TLS greetings as bytes, so that versions and suites can be offered that the TLS library itself no
// longer speaks (RFC 5246 section 7.4.1.2, RFC 8446 section 4.1.2).

inline constexpr std::uint16_t k_ssl_3_0 = 0x0300;
inline constexpr std::uint16_t k_tls_1_0 = 0x0301;
inline constexpr std::uint16_t k_tls_1_1 = 0x0302;
inline constexpr std::uint16_t k_tls_1_2 = 0x0303;
inline constexpr std::uint16_t k_tls_1_3 = 0x0304;

/// A cipher suite by its registered number.
struct Suite {
  std::uint16_t number;
  std::string_view name;
  /// Fresh elliptic-curve agreement with AES-GCM or ChaCha20-Poly1305.
  bool is_strong;
  bool is_1_3;
};
/// What is offered: the strong ones, and those without encryption, authentication or forward
/// secrecy, with CBC, CCM, RC4, DES and export strength.
[[nodiscard]] const std::vector<Suite>& known_suites();

/// A client hello whose highest version is `version`, offering these suites.
[[nodiscard]] Bytes client_hello(std::uint16_t version, const std::vector<std::uint16_t>& suites,
                                 const std::string& server_name);

/// What a server says first.
struct Greeting {
  enum class Kind : std::uint8_t { ServerHello, Alert, Closed, Other };
  Kind kind = Kind::Closed;
  std::uint16_t version = 0;  ///< Chosen, when it is a server hello.
  std::uint16_t suite = 0;
  std::uint8_t alert = 0;  ///< Description, when it is an alert (70: protocol_version).
};
[[nodiscard]] Greeting read_greeting(BytesView bytes);

}  // namespace probity::attest
