#include "crypto/hash.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <string>

#include "crypto/openssl.hpp"

namespace probity::crypto {
namespace {

OSSL_PARAM octets(const char* name, BytesView bytes) {
  // OpenSSL only reads these; its parameter type has no const.
  auto* const data = const_cast<std::uint8_t*>(bytes.data());
  return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

OSSL_PARAM sha256_digest() {
  static std::string name = "SHA2-256";
  return OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name.data(), 0);
}

/// OpenSSL takes a null pointer for an absent value, an empty view may hold one.
BytesView never_null(BytesView bytes) {
  static constexpr std::uint8_t k_nothing = 0;
  return bytes.data() == nullptr ? BytesView(&k_nothing, 0) : bytes;
}

void run_hkdf(BytesView key, BytesView salt, BytesView info, std::span<std::uint8_t> out) {
  const ssl::KdfContext kdf(ssl::require(EVP_KDF_CTX_new(ssl::hkdf())));
  const std::array params{sha256_digest(), octets(OSSL_KDF_PARAM_KEY, never_null(key)),
                          octets(OSSL_KDF_PARAM_SALT, never_null(salt)),
                          octets(OSSL_KDF_PARAM_INFO, never_null(info)),
                          OSSL_PARAM_construct_end()};
  ssl::require(EVP_KDF_derive(kdf.get(), out.data(), out.size(), params.data()) == 1);
}

}  // namespace

struct Sha256::State {
  ssl::DigestContext digest{ssl::require(EVP_MD_CTX_new())};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  ssl::require(EVP_DigestInit_ex2(state_->digest.get(), ssl::sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(BytesView data) {
  ssl::require(EVP_DigestUpdate(state_->digest.get(), data.data(), data.size()) == 1);
}

Digest Sha256::finish() {
  Digest out;
  ssl::require(EVP_DigestFinal_ex(state_->digest.get(), out.data(), nullptr) == 1);
  ssl::require(EVP_DigestInit_ex2(state_->digest.get(), ssl::sha256(), nullptr) == 1);
  return out;
}

Digest sha256(BytesView data) {
  Digest out;
  ssl::require(EVP_Digest(data.data(), data.size(), out.data(), nullptr, ssl::sha256(), nullptr) ==
               1);
  return out;
}

Digest hmac_sha256(BytesView key, BytesView data) {
  const ssl::MacContext mac(ssl::require(EVP_MAC_CTX_new(ssl::hmac())));
  const std::array params{sha256_digest(), OSSL_PARAM_construct_end()};
  const BytesView held = never_null(key);
  Digest out;
  std::size_t size = 0;
  ssl::require(EVP_MAC_init(mac.get(), held.data(), held.size(), params.data()) == 1);
  ssl::require(EVP_MAC_update(mac.get(), data.data(), data.size()) == 1);
  ssl::require(EVP_MAC_final(mac.get(), out.data(), &size, out.size()) == 1);
  return out;
}

Bytes hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t length) {
  if (length == 0 || length > k_hkdf_bytes_max) return {};
  Bytes out(length);
  run_hkdf(key, salt, info, out);
  return out;
}

void hkdf_sha256_into(BytesView key, BytesView info, std::span<std::uint8_t> out) {
  ssl::require(!out.empty() && out.size() <= k_hkdf_bytes_max);
  run_hkdf(key, {}, info, out);
}

}  // namespace probity::crypto
