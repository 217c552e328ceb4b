#include "crypto/aes_gcm.hpp"

#include <algorithm>

#include "base/secret.hpp"
#include "crypto/random.hpp"

namespace probity::crypto {
namespace {

int to_int(std::size_t size) {
  ssl::require(size <= std::numeric_limits<int>::max());
  return static_cast<int>(size);
}

/// An empty view may hold a null pointer, which OpenSSL takes for another kind of call.
const std::uint8_t* data_of(BytesView bytes) {
  static constexpr std::uint8_t k_nothing = 0;
  return bytes.empty() ? &k_nothing : bytes.data();
}

Result<void> check_sizes(BytesView key, BytesView nonce) {
  if (key.size() != k_gcm_key_bytes)
    return fail(Code::Config, "AES-256-GCM takes 256-bit keys only");
  if (nonce.size() != k_gcm_nonce_bytes)
    return fail(Code::Config, "AES-256-GCM takes 96-bit nonces only");
  return {};
}

}  // namespace

AesGcm::AesGcm(BytesView key)
    : sealing_(ssl::require(EVP_CIPHER_CTX_new())), opening_(ssl::require(EVP_CIPHER_CTX_new())) {
  ssl::require(key.size() == k_gcm_key_bytes);
  const auto* const cipher = ssl::aes_256_gcm();
  ssl::require(EVP_EncryptInit_ex2(sealing_.get(), cipher, key.data(), nullptr, nullptr) == 1);
  ssl::require(EVP_DecryptInit_ex2(opening_.get(), cipher, key.data(), nullptr, nullptr) == 1);
}

void AesGcm::seal(const GcmNonce& nonce, BytesView bound, BytesView plain, std::uint8_t* out) {
  EVP_CIPHER_CTX* const context = sealing_.get();
  int size = 0;
  ssl::require(EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1);
  ssl::require(EVP_EncryptUpdate(context, nullptr, &size, data_of(bound), to_int(bound.size())) ==
               1);
  ssl::require(EVP_EncryptUpdate(context, out, &size, data_of(plain), to_int(plain.size())) == 1);
  ssl::require(EVP_EncryptFinal_ex(context, out + size, &size) == 1);
  ssl::require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, k_gcm_tag_bytes,
                                   out + plain.size()) == 1);
}

bool AesGcm::open(BytesView nonce, BytesView bound, BytesView sealed, std::uint8_t* out) {
  if (nonce.size() != k_gcm_nonce_bytes || sealed.size() < k_gcm_tag_bytes) return false;
  const std::size_t plain_size = sealed.size() - k_gcm_tag_bytes;
  if (plain_size > k_gcm_plain_bytes_max) return false;
  std::array<std::uint8_t, k_gcm_tag_bytes> tag{};
  std::copy_n(sealed.data() + plain_size, tag.size(), tag.data());
  EVP_CIPHER_CTX* const context = opening_.get();
  int size = 0;
  std::uint8_t nowhere = 0;
  ssl::require(EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1);
  ssl::require(EVP_DecryptUpdate(context, nullptr, &size, data_of(bound), to_int(bound.size())) ==
               1);
  std::uint8_t* const to = plain_size == 0 ? &nowhere : out;
  const bool is_read =
      EVP_DecryptUpdate(context, to, &size, sealed.data(), to_int(plain_size)) == 1;
  ssl::require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, k_gcm_tag_bytes, tag.data()) ==
               1);
  if (is_read && EVP_DecryptFinal_ex(context, &nowhere, &size) == 1) return true;
  wipe(out, plain_size);
  return false;
}

Result<Bytes> aes_gcm_seal(BytesView key, BytesView nonce, BytesView bound, BytesView plain) {
  PROBITY_CHECK(check_sizes(key, nonce));
  if (plain.size() > k_gcm_plain_bytes_max)
    return fail(Code::LimitExceeded, "a sealed value holds at most 64 MiB");
  GcmNonce fixed;
  std::ranges::copy(nonce, fixed.begin());
  Bytes out(plain.size() + k_gcm_tag_bytes);
  AesGcm(key).seal(fixed, bound, plain, out.data());
  return out;
}

Result<Bytes> aes_gcm_open(BytesView key, BytesView nonce, BytesView bound, BytesView sealed) {
  PROBITY_CHECK(check_sizes(key, nonce));
  if (sealed.size() < k_gcm_tag_bytes) return fail(Code::IntegrityError, "shorter than its tag");
  Bytes out(sealed.size() - k_gcm_tag_bytes);
  if (!AesGcm(key).open(nonce, bound, sealed, out.data()))
    return fail(Code::IntegrityError, "does not verify");
  return out;
}

void NonceSequence::draw() {
  fill_random(nonce_);
  counter_ = 0;
  for (std::size_t i = 8; i < k_gcm_nonce_bytes; ++i)
    counter_ = counter_ << 8U | nonce_[i];
  uses_left_ = uses_max_;
}

GcmNonce NonceSequence::next() {
  const std::uint32_t forks = fork_count();
  if (uses_left_ == 0 || forks != forks_seen_) draw();
  forks_seen_ = forks;
  for (std::size_t i = 0; i < 4; ++i)
    nonce_[8 + i] = static_cast<std::uint8_t>(counter_ >> (8 * (3 - i)));
  ++counter_;
  --uses_left_;
  return nonce_;
}

}  // namespace probity::crypto
