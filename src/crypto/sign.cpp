#include "crypto/sign.hpp"

#include <sodium.h>

#include <cstdlib>
#include <tuple>

#include "crypto/random.hpp"
#include "crypto/sodium.hpp"

namespace probity::crypto {

static_assert(crypto_sign_BYTES == std::tuple_size_v<Signature>);
static_assert(crypto_sign_PUBLICKEYBYTES == std::tuple_size_v<PublicKey>);

Result<SigningKey> SigningKey::from_seed(BytesView seed) {
  if (seed.size() != crypto_sign_SEEDBYTES)
    return fail(Code::IntegrityError, "an Ed25519 seed has 32 bytes");
  start_sodium();
  SigningKey key;
  Bytes secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(key.public_key_.data(), secret.data(), seed.data());
  key.secret_ = SecretBytes(std::move(secret));
  return key;
}

SigningKey SigningKey::random() {
  const SecretBytes seed(random_bytes(crypto_sign_SEEDBYTES));
  return *from_seed(seed.expose());
}

Signature SigningKey::sign(BytesView message) const {
  if (secret_.is_empty()) std::abort();  // Moved away: signing with it is a mistake of ours.
  Signature out;
  crypto_sign_detached(out.data(), nullptr, message.data(), message.size(),
                       secret_.expose().data());
  return out;
}

BytesView SigningKey::expose_seed() const {
  // libsodium keeps the seed in front of the public key.
  return secret_.expose().first(crypto_sign_SEEDBYTES);
}

bool verify_signature(BytesView public_key, BytesView message, BytesView signature) {
  if (public_key.size() != crypto_sign_PUBLICKEYBYTES || signature.size() != crypto_sign_BYTES)
    return false;
  start_sodium();
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     public_key.data()) == 0;
}

}  // namespace probity::crypto
