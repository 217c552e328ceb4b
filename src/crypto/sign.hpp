#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

namespace probity::crypto {

using Signature = std::array<std::uint8_t, 64>;
using PublicKey = std::array<std::uint8_t, 32>;

/// An Ed25519 key pair (RFC 8032), made from a 32-byte seed. Threads: any number may sign.
class SigningKey {
 public:
  /// IntegrityError when the seed has not 32 bytes.
  [[nodiscard]] static Result<SigningKey> from_seed(BytesView seed);
  [[nodiscard]] static SigningKey random();
  [[nodiscard]] Signature sign(BytesView message) const;
  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] BytesView expose_seed() const;

 private:
  SigningKey() = default;

  SecretBytes secret_;
  PublicKey public_key_{};
};

/// Strict: small-order keys and non-canonical signatures are refused (libsodium), as is anything of
/// another length than 32 (key) and 64 (signature) bytes.
[[nodiscard]] bool verify_signature(BytesView public_key, BytesView message, BytesView signature);

}  // namespace probity::crypto
