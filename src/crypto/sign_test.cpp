#include "crypto/sign.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace probity::crypto {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value_or(Bytes()); }

struct Vector {
  std::string_view seed, public_key, message, signature;
};

// RFC 8032, section 7.1, tests 1, 2 and SHA(abc).
constexpr std::array k_vectors{
    Vector{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
           "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
           "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
           "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    Vector{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
           "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
           "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
           "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    Vector{"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
           "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
           "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
           "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
           "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
           "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
};

TEST(SigningKey, AnswersAsRfc8032Says) {
  for (const Vector& v : k_vectors) {
    const auto key = SigningKey::from_seed(hex(v.seed));
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->public_key()), v.public_key);
    EXPECT_EQ(to_hex(key->sign(hex(v.message))), v.signature);
    EXPECT_TRUE(verify_signature(key->public_key(), hex(v.message), hex(v.signature)));
  }
}

TEST(SigningKey, ComesBackFromItsSeed) {
  const SigningKey key = SigningKey::random();
  const auto again = SigningKey::from_seed(key.expose_seed());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), key.public_key());
  EXPECT_EQ(again->sign(as_bytes("x")), key.sign(as_bytes("x")));
  EXPECT_NE(SigningKey::random().public_key(), key.public_key());
}

TEST(SigningKey, TakesThirtyTwoBytesOnly) {
  for (const std::size_t size : {0U, 31U, 33U, 64U})
    EXPECT_EQ(SigningKey::from_seed(Bytes(size)).error().code, Code::IntegrityError);
}

TEST(Signature, RefusesAFlippedBitAnywhere) {
  const SigningKey key = SigningKey::random();
  const Bytes message = to_bytes(as_bytes("the statement"));
  const Signature signature = key.sign(message);
  ASSERT_TRUE(verify_signature(key.public_key(), message, signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Signature changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(verify_signature(key.public_key(), message, changed)) << bit;
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    Bytes changed = message;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(verify_signature(key.public_key(), changed, signature)) << bit;
  }
  EXPECT_FALSE(verify_signature(SigningKey::random().public_key(), message, signature));
}

TEST(Signature, RefusesOtherLengths) {
  const SigningKey key = SigningKey::random();
  const Signature signature = key.sign({});
  EXPECT_TRUE(verify_signature(key.public_key(), {}, signature));
  EXPECT_FALSE(verify_signature(BytesView(key.public_key()).first(31), {}, signature));
  EXPECT_FALSE(verify_signature({}, {}, signature));
  EXPECT_FALSE(verify_signature(key.public_key(), {}, BytesView(signature).first(63)));
  EXPECT_FALSE(verify_signature(key.public_key(), {}, {}));
}

TEST(Signature, RefusesSmallOrderKeys) {
  // The neutral element as public key and as R, with S = 0, signs every message under lax checks.
  Bytes neutral(32);
  neutral[0] = 1;
  Bytes signature(64);
  signature[0] = 1;
  EXPECT_FALSE(verify_signature(neutral, as_bytes("any"), signature));
  EXPECT_FALSE(verify_signature(Bytes(32), as_bytes("any"), Bytes(64)));
}

}  // namespace
}  // namespace probity::crypto
