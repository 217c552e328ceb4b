#include "crypto/openssl.hpp"

#include <cstdlib>

namespace probity::crypto::ssl {

void require(bool is_done) {
  if (!is_done) std::abort();
}

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher =
      require(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return cipher;
}

const EVP_MD* sha256() {
  static const EVP_MD* const digest = require(EVP_MD_fetch(nullptr, "SHA2-256", nullptr));
  return digest;
}

EVP_MAC* hmac() {
  static EVP_MAC* const mac = require(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  return mac;
}

EVP_KDF* hkdf() {
  static EVP_KDF* const kdf = require(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  return kdf;
}

}  // namespace probity::crypto::ssl
