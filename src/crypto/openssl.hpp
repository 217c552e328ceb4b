#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

/// Owners of OpenSSL's objects. Internal to this room: no other folder includes it.
namespace probity::crypto::ssl {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <typename T, auto Free>
using Owner = std::unique_ptr<T, Freer<Free>>;

using CipherContext = Owner<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using DigestContext = Owner<EVP_MD_CTX, EVP_MD_CTX_free>;
using MacContext = Owner<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using KdfContext = Owner<EVP_KDF_CTX, EVP_KDF_CTX_free>;
using PrivateKey = Owner<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owner<X509, X509_free>;
using Extension = Owner<X509_EXTENSION, X509_EXTENSION_free>;
using Names = Owner<GENERAL_NAMES, GENERAL_NAMES_free>;
using Number = Owner<BIGNUM, BN_free>;
using Stream = Owner<BIO, BIO_free_all>;

/// Algorithms looked up once: a look-up by name costs as much as sealing a record. They never
/// change and are never freed. The process ends when one is missing: nothing here works without.
[[nodiscard]] const EVP_CIPHER* aes_256_gcm();
[[nodiscard]] const EVP_MD* sha256();
[[nodiscard]] EVP_MAC* hmac();
[[nodiscard]] EVP_KDF* hkdf();

/// Ends the process when OpenSSL cannot do what cannot fail but for want of memory.
void require(bool is_done);
template <typename T>
[[nodiscard]] T* require(T* object) {
  require(object != nullptr);
  return object;
}

}  // namespace probity::crypto::ssl
