#include "crypto/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace probity::crypto {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value_or(Bytes()); }

TEST(Sha256, AnswersAsFips180Says) {
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(Bytes(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheSameAsTheWhole) {
  const std::string text(1000, 'x');
  for (const std::size_t step : {1U, 63U, 64U, 65U, 999U}) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += step)
      hash.add(as_bytes(std::string_view(text).substr(at, step)));
    EXPECT_EQ(hash.finish(), sha256(as_bytes(text))) << step;
  }
}

TEST(Sha256, StartsAnewAfterFinish) {
  Sha256 hash;
  hash.add(as_bytes("something else"));
  [[maybe_unused]] const Digest first = hash.finish();
  hash.add(as_bytes("abc"));
  EXPECT_EQ(hash.finish(), sha256(as_bytes("abc")));
  EXPECT_EQ(hash.finish(), sha256({}));
  Sha256 moved = std::move(hash);
  moved.add(as_bytes("abc"));
  EXPECT_EQ(moved.finish(), sha256(as_bytes("abc")));
}

TEST(Hmac, AnswersAsRfc4231Says) {
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0xaa), Bytes(50, 0xdd))),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa),
                               as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, TakesAnEmptyKeyAndMessage) {
  EXPECT_EQ(to_hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hkdf, AnswersAsRfc5869Says) {
  const Bytes key(22, 0x0b);
  EXPECT_EQ(
      to_hex(hkdf_sha256(key, hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), 42)),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(to_hex(hkdf_sha256(key, {}, {}, 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, HasALargestLength) {
  EXPECT_TRUE(hkdf_sha256(Bytes(32), {}, {}, 0).empty());
  EXPECT_EQ(hkdf_sha256(Bytes(32), {}, {}, 1).size(), 1U);
  EXPECT_EQ(hkdf_sha256(Bytes(32), {}, {}, k_hkdf_bytes_max).size(), k_hkdf_bytes_max);
  EXPECT_TRUE(hkdf_sha256(Bytes(32), {}, {}, k_hkdf_bytes_max + 1).empty());
}

TEST(Hkdf, TakesAnEmptyKey) { EXPECT_EQ(hkdf_sha256({}, {}, {}, 32).size(), 32U); }

TEST(Hkdf, IntoMemoryGivesTheSame) {
  Bytes out(77);
  hkdf_sha256_into(as_bytes("key"), as_bytes("info"), out);
  EXPECT_EQ(out, hkdf_sha256(as_bytes("key"), {}, as_bytes("info"), 77));
}

}  // namespace
}  // namespace probity::crypto
