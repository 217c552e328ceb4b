#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/instant.hpp"

namespace probity::web {

enum class TlsVersion : std::uint8_t { Tls12, Tls13 };

/// What a client tries: one TLS connection, some bytes, and everything that comes back.
struct TalkAsk {
  std::string server_name;         ///< Sent as SNI, and the name the certificate must have.
  std::string trusted_pem;         ///< Issuers to believe; empty: nothing is verified.
  Instant verified_at;             ///< The time certificates are judged by.
  std::optional<TlsVersion> only;  ///< Empty: the best both sides speak.
  std::string send;                ///< Plain text sent once the handshake is done.
  /// Tried as early data on a second connection that resumes the first one's session.
  std::string early_data;
  Span listen_first;               ///< Silence kept after the handshake, to see who speaks first.
  Span within = Span::seconds(5);  ///< For the whole of it.
};

/// One TLS record as it went over the wire.
struct WireRecord {
  bool is_from_client = false;
  std::uint8_t type = 0;  ///< 20 change cipher, 21 alert, 22 handshake, 23 data.
  Bytes bytes;            ///< Header and content.
};

enum class EarlyData : std::uint8_t { NotTried, Refused, Accepted };

/// What came of it. A handshake that fails is an answer and no error.
struct Talk {
  bool is_established = false;  ///< The handshake ended well, the peer was verified if asked.
  std::string failure;          ///< Words of the library or the alert; empty when established.
  /// The connection ended or the time was up before the peer had said yes or no: not an answer.
  bool is_cut_off = false;
  std::string version;                        ///< "TLSv1.3".
  std::string cipher;                         ///< "TLS_AES_256_GCM_SHA384".
  std::vector<std::string> chain_sha256_hex;  ///< Certificates presented, the server's own first.
  std::string received;             ///< Plain text, until the peer closed or the time was up.
  bool has_spoken_first = false;    ///< Plain text came before anything was sent.
  std::vector<WireRecord> records;  ///< In the order they went, of the (last) connection.
  EarlyData early_data = EarlyData::NotTried;
};

/// What an exchange reads at most.
inline constexpr std::size_t k_exchange_max_bytes = 64 * 1024;

/// The server's own listener, seen as a stranger on the network sees it. Probes use it; `net`
/// implements it. Threads: any.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// A TCP connection without TLS: sends, then reads until the peer closes, `within` is over or
  /// `enough_bytes` have come (at most k_exchange_max_bytes). Overloaded when no connection can be
  /// made.
  [[nodiscard]] virtual Result<Bytes> exchange(BytesView sent, Span within,
                                               std::size_t enough_bytes) = 0;
  /// Overloaded when no connection can be made, Config when an asked-for issuer is no certificate.
  [[nodiscard]] virtual Result<Talk> talk(const TalkAsk& ask) = 0;
};

}  // namespace probity::web
