#include "crypto/aes_gcm.hpp"

#include <gtest/gtest.h>

#include <set>

namespace probity::crypto {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value_or(Bytes()); }

TEST(AesGcm, AnswersAsTheSpecificationSays) {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 and 14 (256-bit keys).
  const Bytes key(32), nonce(12);
  EXPECT_EQ(to_hex(*aes_gcm_seal(key, nonce, {}, {})), "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(to_hex(*aes_gcm_seal(key, nonce, {}, Bytes(16))),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(AesGcm, AnswersAsNistsValidationVectorsSay) {
  // NIST CAVP, GCM, gcmEncryptExtIV256: 96-bit nonce, 128 bits of plaintext and of bound data.
  const Bytes key = hex("92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b");
  const Bytes nonce = hex("ac93a1a6145299bde902f21a");
  const Bytes plain = hex("2d71bcfa914e4ac045b2aa60955fad24");
  const Bytes bound = hex("1e0889016f67601c8ebea4943bc23ad6");
  const auto sealed = aes_gcm_seal(key, nonce, bound, plain);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(to_hex(*sealed), "8995ae2e6df3dbf96fac7b7137bae67feca5aa77d51d4a0a14d9c51e1da474ab");
  EXPECT_EQ(*aes_gcm_open(key, nonce, bound, *sealed), plain);
}

TEST(AesGcm, TakesOneKeyAndNonceLengthOnly) {
  for (const std::size_t size : {0U, 16U, 24U, 31U, 33U}) {
    EXPECT_EQ(aes_gcm_seal(Bytes(size), Bytes(12), {}, {}).error().code, Code::Config) << size;
    EXPECT_EQ(aes_gcm_open(Bytes(size), Bytes(12), {}, Bytes(16)).error().code, Code::Config);
  }
  for (const std::size_t size : {0U, 1U, 8U, 11U, 13U, 16U}) {
    EXPECT_EQ(aes_gcm_seal(Bytes(32), Bytes(size), {}, {}).error().code, Code::Config) << size;
    EXPECT_EQ(aes_gcm_open(Bytes(32), Bytes(size), {}, Bytes(16)).error().code, Code::Config);
  }
}

TEST(AesGcm, TakesWholeTagsOnly) {
  const auto sealed = aes_gcm_seal(Bytes(32), Bytes(12), {}, {});
  ASSERT_TRUE(sealed);
  ASSERT_EQ(sealed->size(), k_gcm_tag_bytes);
  EXPECT_TRUE(aes_gcm_open(Bytes(32), Bytes(12), {}, *sealed));
  for (std::size_t size = 0; size < k_gcm_tag_bytes; ++size)
    EXPECT_FALSE(aes_gcm_open(Bytes(32), Bytes(12), {}, BytesView(*sealed).first(size))) << size;
}

TEST(AesGcm, AContextServesManyMessagesAndSurvivesARefusal) {
  AesGcm aes(Bytes(32, 1));
  for (std::uint8_t i = 0; i < 20; ++i) {
    GcmNonce nonce{};
    nonce[11] = i;
    const Bytes plain(i, i);
    Bytes sealed(plain.size() + k_gcm_tag_bytes);
    aes.seal(nonce, as_bytes("bound"), plain, sealed.data());
    Bytes opened(plain.size() + 1);
    EXPECT_FALSE(aes.open(nonce, as_bytes("bounds"), sealed, opened.data()));
    EXPECT_TRUE(aes.open(nonce, as_bytes("bound"), sealed, opened.data()));
    opened.pop_back();
    EXPECT_EQ(opened, plain);
    EXPECT_EQ(sealed, *aes_gcm_seal(Bytes(32, 1), nonce, as_bytes("bound"), plain));
  }
}

TEST(NonceSequence, CountsByOneWithinAPrefix) {
  NonceSequence nonces;
  const auto counter = [](const GcmNonce& nonce) {
    std::uint32_t value = 0;
    for (std::size_t i = 8; i < 12; ++i)
      value = value << 8U | nonce[i];
    return value;
  };
  const GcmNonce first = nonces.next();
  const GcmNonce second = nonces.next();
  EXPECT_TRUE(std::equal(first.begin(), first.begin() + 8, second.begin()));
  EXPECT_EQ(counter(second), counter(first) + 1);
}

TEST(NonceSequence, DrawsAnewBeforeTheCounterHasGoneRound) {
  constexpr std::uint64_t k_limit = 5;
  NonceSequence nonces(k_limit);
  std::set<std::string> prefixes;
  std::set<std::string> all;
  for (int i = 0; i < 50; ++i) {
    const GcmNonce nonce = nonces.next();
    prefixes.insert(to_hex(BytesView(nonce).first(8)));
    all.insert(to_hex(nonce));
  }
  EXPECT_EQ(prefixes.size(), 50 / k_limit);
  EXPECT_EQ(all.size(), 50U);
}

TEST(NonceSequence, NeverGoesRoundInProduction) {
  // The counter has 32 bits: one more use would repeat the first nonce of a prefix.
  EXPECT_EQ(NonceSequence::k_uses_max, 1ULL << 32U);
}

TEST(NonceSequence, TwoSequencesDiffer) {
  NonceSequence a;
  NonceSequence b;
  EXPECT_NE(a.next(), b.next());
}

}  // namespace
}  // namespace probity::crypto
