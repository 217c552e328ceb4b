#include <array>
#include <utility>

#include <fmt/format.h>

#include "attest/probes.hpp"
#include "crypto/hash.hpp"
#include "crypto/keys.hpp"
#include "crypto/random.hpp"

namespace probity::attest {
namespace {

constexpr crypto::Purpose k_purpose = "attest.probe";

/// Vectors of this file's own, so that a mistake in the self-test's list is noticed: SHA-256 of
/// "abc" (FIPS 180-4, example 1) and test case 2 of RFC 4231.
void look_at_hashes(Observations& seen) {
  seen.expect(to_hex(crypto::sha256(as_bytes("abc"))) ==
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
              "SHA-256 of abc");
  seen.expect(
      to_hex(crypto::hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      "HMAC-SHA-256, RFC 4231 case 2");
}

void look_at_lengths(const CryptoSubject& subject, Observations& seen) {
  for (const std::size_t bytes : {0UZ, 16UZ, 24UZ, 31UZ, 33UZ, 64UZ})
    seen.expect(!subject.takes_key(bytes), fmt::format("a key of {} bytes is taken", bytes));
  seen.expect(subject.takes_key(32), "a key of 32 bytes is refused");
}

Result<void> look_at_head(const Ground& ground, const CryptoSubject& subject, Observations& seen) {
  const Bytes plain = crypto::random_bytes(40);
  PROBITY_TRY(system, ground.engine.cipher(store::Space::system()));
  PROBITY_TRY(tenant, ground.scratch.tenant(Which::First));
  PROBITY_TRY(own, ground.engine.cipher(store::Space::of(tenant.id)));
  for (const auto& cipher : {system, own}) {
    PROBITY_TRY(sealed, subject.seal(*cipher, plain));
    const bool is_long_enough = sealed.size() == plain.size() + crypto::k_sealed_overhead;
    seen.expect(is_long_enough, "a sealed value of another length");
    seen.expect(is_long_enough && sealed[0] == crypto::k_algorithm_aes_256_gcm,
                "a sealed value that does not name AES-256-GCM");
  }
  seen.note("cipher", "AES-256-GCM");
  return {};
}

}  // namespace

CryptoSubject product_crypto() {
  CryptoSubject subject;
  subject.takes_key = [](std::size_t bytes) {
    return crypto::Key::from_bytes(Bytes(bytes, 7)).has_value();
  };
  subject.seal = [](const crypto::Cipher& cipher, BytesView plain) {
    return cipher.seal(k_purpose, {}, plain);
  };
  return subject;
}

Probes crypto_probes(const Ground& ground, CryptoSubject subject) {
  Probes probes;
  probes.push_back(
      {.name = "crypto.known_answers_met",
       .run = [ground, subject = std::move(subject)](const Deadline&) -> Result<Finding> {
         Observations seen;
         // A failed vector is an error of the self-test: the finding, not a hindrance.
         const auto answers = subject.known_answers();
         seen.expect(answers.has_value(), "a known answer was not met");
         if (answers) {
           seen.note("vectors", static_cast<std::int64_t>(answers->size()));
           seen.need(!answers->empty(), "there were no vectors");
           for (const crypto::KnownAnswer& answer : *answers)
             seen.expect(answer.has_passed, answer.name);
         }
         look_at_hashes(seen);
         look_at_lengths(subject, seen);
         PROBITY_CHECK(look_at_head(ground, subject, seen));
         return seen.finding();
       }});
  return probes;
}

}  // namespace probity::attest
