#pragma once

#include <string>
#include <vector>

#include "base/instant.hpp"
#include "crypto/sign.hpp"
#include "store/engine.hpp"

namespace probity::attest {

inline constexpr crypto::Purpose k_seed_purpose = "attest.signing_key";

/// A public key by which statements of this installation can be checked.
struct PublishedKey {
  std::string key_id;  ///< First 16 hexadecimal digits of SHA-256 of the public key.
  crypto::PublicKey public_key{};
  Instant created_at;
};

[[nodiscard]] std::string key_id_of(BytesView public_key);

/// The installation's signing key: made at first use, its seed sealed in the system's space.
/// Several nodes that start together agree on one. Threads: any number may sign.
class SigningDesk {
 public:
  [[nodiscard]] static Result<SigningDesk> open(store::Engine& engine, const Clock& clock);
  [[nodiscard]] const PublishedKey& current() const { return published_.back(); }
  /// Every key there ever was, oldest first.
  [[nodiscard]] const std::vector<PublishedKey>& published() const { return published_; }
  [[nodiscard]] crypto::Signature sign(BytesView message) const { return key_.sign(message); }

 private:
  SigningDesk(crypto::SigningKey key, std::vector<PublishedKey> published)
      : key_(std::move(key)), published_(std::move(published)) {}

  crypto::SigningKey key_;
  std::vector<PublishedKey> published_;
};

/// The document under /.well-known/probity-keys.json.
[[nodiscard]] std::string keys_json(const std::vector<PublishedKey>& keys);

}  // namespace probity::attest
