#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/keys.hpp"

namespace probity::crypto {

/// What a sealed value is for; part of its associated data, so a value sealed for one purpose does
/// not open for another. Fixed texts such as "response.answers"; one per sealed column.
using Purpose = std::string_view;

/// Bytes by which a sealed value exceeds its plaintext: algorithm (1), key number (4), nonce (12)
/// and tag (16).
inline constexpr std::size_t k_sealed_overhead = 33;
inline constexpr std::uint8_t k_algorithm_aes_256_gcm = 1;

/// Seals and opens the contents of one tenant (or of the system) with AES-256-GCM (NIST SP
/// 800-38D). Associated data: a label, the tenant (16 bytes), purpose and row binding, each with
/// its length. Contents and look-ups have keys of their own, derived (HKDF) from what add_key()
/// gives. Nonces: 8 random bytes and a 4-byte counter from a random start, drawn for each context
/// and key, and anew before the counter has gone round; so a nonce never repeats. A key keeps a few
/// contexts, of which each thread has a favourite: they are bounded in number and wiped with the
/// key. Threads: any, at any time, also while keys are added or destroyed.
class Cipher {
 public:
  /// `owner` is the tenant's 16-byte id (zeros for the system); another length ends the process.
  explicit Cipher(BytesView owner);
  ~Cipher();
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  /// Adds a key; the highest number seals from now on, all open. Number 1 also gives the look-up
  /// key, so look-ups survive rotation. A number that is there already, 0, and any key after
  /// destroy() are ignored.
  void add_key(std::uint32_t number, Key key);
  /// Forgets every key: waits for calls under way, then wipes keys and contexts. Nothing seals,
  /// opens or looks up afterwards, on any thread (KeyUnavailable). For good.
  void destroy();
  [[nodiscard]] bool is_usable() const;
  /// 0 when there is none.
  [[nodiscard]] std::uint32_t newest_key() const;

  /// Layout: algorithm | key number | nonce | ciphertext | tag. `row` binds the value to its row
  /// (usually the id's 16 bytes). KeyUnavailable after destroy(); LimitExceeded above 64 MiB.
  [[nodiscard]] Result<Bytes> seal(Purpose purpose, BytesView row, BytesView plain) const;
  /// IntegrityError when any byte, the tenant, the purpose or the row differ; KeyUnavailable when
  /// the key number is not held (a changed number reads like that too). Never partial output.
  [[nodiscard]] Result<Bytes> open(Purpose purpose, BytesView row, BytesView sealed) const;
  /// As open, into `plain` (cleared first, also on failure; capacity kept, so that a scan allocates
  /// only for its longest row). `plain` may not overlap `sealed`.
  [[nodiscard]] Result<void> open_into(Purpose purpose, BytesView row, BytesView sealed,
                                       Bytes& plain) const;
  /// HMAC-SHA-256 under the look-up key: equal texts give equal 32 bytes within a tenant, and
  /// nothing can be recomputed without the key.
  [[nodiscard]] Result<std::array<std::uint8_t, 32>> lookup_hash(Purpose purpose,
                                                                 BytesView value) const;
  /// Number of the key a sealed value was made with; 0 when it is no sealed value.
  [[nodiscard]] static std::uint32_t key_number_of(BytesView sealed);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probity::crypto
