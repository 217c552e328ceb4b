#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/openssl.hpp"

/// AES-256-GCM with a nonce given by the caller. Internal to this room: the layers that choose
/// nonces (Cipher, MasterKeys) and the test vectors use it, nobody else.
namespace probity::crypto {

inline constexpr std::size_t k_gcm_key_bytes = 32;
inline constexpr std::size_t k_gcm_nonce_bytes = 12;  ///< SP 800-38D: the one length we offer.
inline constexpr std::size_t k_gcm_tag_bytes = 16;    ///< Never a shortened tag.
/// Far below GCM's own end (64 GiB) and OpenSSL's (2 GiB a call); larger things are sealed in
/// pieces so that nothing unverified is ever that large in memory.
inline constexpr std::size_t k_gcm_plain_bytes_max = 64U * 1024 * 1024;

using GcmNonce = std::array<std::uint8_t, k_gcm_nonce_bytes>;

/// Contexts with an expanded key, ready for any number of messages. Not shared between threads.
/// The expanded key is wiped when it goes.
class AesGcm {
 public:
  /// `key` has k_gcm_key_bytes, else the process ends.
  explicit AesGcm(BytesView key);

  /// Writes `plain.size()` bytes of ciphertext and then the tag to `out`, which has room for both.
  /// The caller has checked k_gcm_plain_bytes_max.
  void seal(const GcmNonce& nonce, BytesView bound, BytesView plain, std::uint8_t* out);
  /// `sealed` is ciphertext and tag; `out` has room for the ciphertext's size. False when it does
  /// not verify; what `out` then holds is wiped.
  [[nodiscard]] bool open(BytesView nonce, BytesView bound, BytesView sealed, std::uint8_t* out);

 private:
  ssl::CipherContext sealing_;
  ssl::CipherContext opening_;
};

/// One message, one key. Ciphertext and tag. Config when the key is not 256 bits or the nonce not
/// 96; LimitExceeded above k_gcm_plain_bytes_max.
[[nodiscard]] Result<Bytes> aes_gcm_seal(BytesView key, BytesView nonce, BytesView bound,
                                         BytesView plain);
/// The same back. IntegrityError when it does not verify or is shorter than a tag.
[[nodiscard]] Result<Bytes> aes_gcm_open(BytesView key, BytesView nonce, BytesView bound,
                                         BytesView sealed);

/// Nonces that never repeat under one key: 8 random bytes and a 4-byte counter with a random start,
/// drawn anew before the counter has gone round and after a fork. The random start matters: two
/// sequences under one key meet only when prefixes are equal *and* the counted stretches overlap,
/// so a key may be taken up millions of times (a restart, another node) before the odds reach the
/// 2^-32 of SP 800-38D, section 8.
class NonceSequence {
 public:
  static constexpr std::uint64_t k_uses_max = std::uint64_t{1} << 32U;

  /// A lower limit is for tests.
  explicit NonceSequence(std::uint64_t uses_max = k_uses_max) : uses_max_(uses_max) {}
  [[nodiscard]] GcmNonce next();

 private:
  void draw();

  std::uint64_t uses_max_;
  std::uint64_t uses_left_ = 0;
  std::uint32_t forks_seen_ = 0;
  std::uint32_t counter_ = 0;
  GcmNonce nonce_{};
};

}  // namespace probity::crypto
