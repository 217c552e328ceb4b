#include "crypto/known_answers.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

#include "base/bytes.hpp"
#include "crypto/aes_gcm.hpp"
#include "crypto/hash.hpp"
#include "crypto/password.hpp"
#include "crypto/sign.hpp"

namespace probity::crypto {
namespace {

/// Of the constants below only.
Bytes hex(std::string_view text) { return from_hex(text).value_or(Bytes()); }

template <typename T>
bool is(const T& computed, std::string_view expected_hex) {
  const Bytes expected = hex(expected_hex);
  return !expected.empty() && std::ranges::equal(computed, expected);
}

constexpr std::string_view k_gcm_key =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr std::string_view k_gcm_nonce = "cafebabefacedbaddecaf888";
constexpr std::string_view k_gcm_bound = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr std::string_view k_gcm_plain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr std::string_view k_gcm_sealed =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b";

bool gcm_seals() {
  const auto sealed =
      aes_gcm_seal(hex(k_gcm_key), hex(k_gcm_nonce), hex(k_gcm_bound), hex(k_gcm_plain));
  return sealed && is(*sealed, k_gcm_sealed);
}

bool gcm_opens() {
  const auto plain =
      aes_gcm_open(hex(k_gcm_key), hex(k_gcm_nonce), hex(k_gcm_bound), hex(k_gcm_sealed));
  return plain && is(*plain, k_gcm_plain);
}

bool gcm_refuses() {
  Bytes sealed = hex(k_gcm_sealed);
  sealed.back() ^= 1;
  return !aes_gcm_open(hex(k_gcm_key), hex(k_gcm_nonce), hex(k_gcm_bound), sealed);
}

bool sha256_answers() {
  return is(sha256(as_bytes("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

bool hmac_answers() {
  return is(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

bool hkdf_answers() {
  const Bytes key(22, 0x0b);
  return is(hkdf_sha256(key, hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865");
}

constexpr std::string_view k_ed25519_seed =
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";
constexpr std::string_view k_ed25519_public =
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
constexpr std::string_view k_ed25519_signature =
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";

bool ed25519_signs() {
  const auto key = SigningKey::from_seed(hex(k_ed25519_seed));
  return key && is(key->public_key(), k_ed25519_public) &&
         is(key->sign(hex("af82")), k_ed25519_signature);
}

bool ed25519_verifies() {
  return verify_signature(hex(k_ed25519_public), hex("af82"), hex(k_ed25519_signature));
}

bool ed25519_refuses() {
  return !verify_signature(hex(k_ed25519_public), hex("af83"), hex(k_ed25519_signature));
}

constexpr std::string_view k_argon2id =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

bool argon2id_verifies() { return verify_password(k_argon2id, "password"); }

bool argon2id_refuses() { return !verify_password(k_argon2id, "passwore"); }

}  // namespace

Result<std::vector<KnownAnswer>> run_known_answers() {
  if (sodium_init() < 0) return fail(Code::Internal, "libsodium does not start");
  static constexpr std::string_view k_gcm_spec = "McGrew and Viega, GCM, test case 16";
  static constexpr std::string_view k_rfc8032 = "RFC 8032, 7.1, test 3";
  static constexpr std::string_view k_argon2 = "Argon2 reference implementation, v=19 m=256 t=2";
  std::vector<KnownAnswer> answers{
      {"AES-256-GCM seals", k_gcm_spec, gcm_seals()},
      {"AES-256-GCM opens", k_gcm_spec, gcm_opens()},
      {"AES-256-GCM refuses a changed tag", k_gcm_spec, gcm_refuses()},
      {"SHA-256", "FIPS 180-4 examples, \"abc\"", sha256_answers()},
      {"HMAC-SHA-256", "RFC 4231, test case 2", hmac_answers()},
      {"HKDF-SHA-256", "RFC 5869, A.1", hkdf_answers()},
      {"Ed25519 signs", k_rfc8032, ed25519_signs()},
      {"Ed25519 verifies", k_rfc8032, ed25519_verifies()},
      {"Ed25519 refuses another message", k_rfc8032, ed25519_refuses()},
      {"Argon2id verifies", k_argon2, argon2id_verifies()},
      {"Argon2id refuses another password", k_argon2, argon2id_refuses()},
  };
  PROBITY_CHECK(require_all_passed(answers));
  return answers;
}

Result<void> require_all_passed(const std::vector<KnownAnswer>& answers) {
  std::string failed;
  for (const KnownAnswer& answer : answers)
    if (!answer.has_passed) failed += (failed.empty() ? "" : ", ") + std::string(answer.name);
  if (answers.empty()) return fail(Code::Internal, "no known-answer test was run");
  if (!failed.empty()) return fail(Code::Internal, "known-answer tests failed: " + failed);
  return {};
}

}  // namespace probity::crypto
