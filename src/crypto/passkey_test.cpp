#include "crypto/passkey.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "crypto/sign.hpp"

namespace probity::crypto {
namespace {

const std::string k_party = "ask.example";
const BytesView k_client = as_bytes(R"({"type":"webauthn.get","challenge":"AAAA"})");

void append(Bytes& out, BytesView more) { out.insert(out.end(), more.begin(), more.end()); }

/// An authenticator's answers, put together byte by byte from WebAuthn 6.1 and 6.5.
class Passkey : public testing::Test {
 protected:
  static constexpr std::uint8_t k_present = 0x01;
  static constexpr std::uint8_t k_verified = 0x04;
  static constexpr std::uint8_t k_has_key = 0x40;

  [[nodiscard]] Bytes head(std::uint8_t flags, std::uint32_t count,
                           std::string_view party = k_party) const {
    const Digest hash = sha256(as_bytes(party));
    Bytes out(hash.begin(), hash.end());
    out.push_back(flags);
    append_u32(out, count);
    return out;
  }
  /// A map of fmt, attStmt and authData for a key by EdDSA.
  [[nodiscard]] Bytes object(std::uint8_t flags, std::string_view party = k_party,
                             std::string_view form = "none") const {
    Bytes data = head(flags, 5, party);
    append(data, Bytes(16));
    append(data, Bytes{0, 32});
    append(data, id);
    append(data, Bytes{0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20});
    append(data, key.public_key());
    Bytes out{0xA3, 0x63, 'f', 'm', 't', static_cast<std::uint8_t>(0x60 + form.size())};
    append(out, as_bytes(form));
    append(out, as_bytes("\x67"
                         "attStmt\xA0\x68"
                         "authData\x58"));
    out.push_back(static_cast<std::uint8_t>(data.size()));
    append(out, data);
    return out;
  }
  struct Signed {
    Bytes data;
    Bytes signature;
  };
  [[nodiscard]] Signed use(std::uint8_t flags, std::uint32_t count,
                           std::string_view party = k_party) const {
    Signed out{head(flags, count, party), {}};
    Bytes message = out.data;
    append(message, sha256(k_client));
    const Signature signature = key.sign(message);
    out.signature = Bytes(signature.begin(), signature.end());
    return out;
  }
  [[nodiscard]] Result<PasskeyUse> verify(const Signed& given, BytesView client = k_client) const {
    return verify_passkey(stored(), k_party, {given.data, client, given.signature});
  }
  [[nodiscard]] PasskeyPublicKey stored() const {
    return {SignatureScheme::EdDsa, to_bytes(key.public_key())};
  }

  SigningKey key = SigningKey::random();
  Bytes id = Bytes(32, 0x5A);
};

TEST_F(Passkey, IsReadFromItsAttestation) {
  const auto made = read_attestation(object(k_present | k_verified | k_has_key), k_party, k_client);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->id, id);
  EXPECT_EQ(made->key.scheme, SignatureScheme::EdDsa);
  EXPECT_EQ(made->key.bytes, to_bytes(key.public_key()));
  EXPECT_EQ(made->sign_count, 5U);
}

TEST_F(Passkey, IsRefusedForAnotherPartyAndWithNobodyPresent) {
  for (const Bytes& wrong : {object(k_present | k_has_key, "evil.example"), object(k_has_key),
                             object(k_present | k_has_key, k_party, "fido-u2f"), object(k_present)})
    EXPECT_EQ(read_attestation(wrong, k_party, k_client).error().code, Code::BadRequest);
}

TEST_F(Passkey, IsReadFromWholeAttestationsAlone) {
  const Bytes whole = object(k_present | k_has_key);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_attestation(BytesView(whole).first(size), k_party, k_client)) << size;
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(read_attestation(longer, k_party, k_client));
}

// Nine bytes that say a map holds 2^31 pairs: a library that believed them would take 32 GB.
TEST_F(Passkey, IsNotBelievedAboutHowMuchItHolds) {
  for (const auto kind : {std::uint8_t{0x9A}, std::uint8_t{0xBA}}) {
    const Bytes huge{kind, 0x7F, 0xFF, 0xFF, 0xFF};
    EXPECT_FALSE(read_attestation(huge, k_party, k_client));
    Bytes whole = object(k_present | k_has_key);
    // In the place of the key, which is the last 42 bytes.
    whole.resize(whole.size() - 42);
    append(whole, huge);
    append(whole, Bytes(37));
    EXPECT_FALSE(read_attestation(whole, k_party, k_client));
    Signed extended = use(k_present | 0x80, 7);
    append(extended.data, huge);
    EXPECT_FALSE(verify(extended));
  }
}

TEST_F(Passkey, SaysWhatItsSignatureHolds) {
  const auto present = verify(use(k_present, 7));
  ASSERT_TRUE(present);
  EXPECT_EQ(present->sign_count, 7U);
  EXPECT_FALSE(present->is_user_verified);
  EXPECT_TRUE(verify(use(k_present | k_verified, 8))->is_user_verified);
}

TEST_F(Passkey, RefusesEveryFlippedBitOfWhatWasSigned) {
  const Signed good = use(k_present, 7);
  const auto flipped = [](Bytes bytes, std::size_t bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    return bytes;
  };
  for (std::size_t bit = 0; bit < good.data.size() * 8; ++bit)
    EXPECT_FALSE(verify({flipped(good.data, bit), good.signature})) << bit;
  for (std::size_t bit = 0; bit < good.signature.size() * 8; ++bit)
    EXPECT_FALSE(verify({good.data, flipped(good.signature, bit)})) << bit;
  for (std::size_t bit = 0; bit < k_client.size() * 8; ++bit)
    EXPECT_FALSE(verify(good, flipped(to_bytes(k_client), bit))) << bit;
}

TEST_F(Passkey, RefusesAnotherKeyPartyAndNobody) {
  EXPECT_FALSE(verify(use(0, 7)));
  EXPECT_FALSE(verify(use(k_present, 7, "evil.example")));
  const Signed good = use(k_present, 7);
  const PasskeyPublicKey other{SignatureScheme::EdDsa, to_bytes(SigningKey::random().public_key())};
  EXPECT_FALSE(verify_passkey(other, k_party, {good.data, k_client, good.signature}));
  for (const auto scheme : {SignatureScheme::Es256, SignatureScheme::Rs256}) {
    const PasskeyPublicKey mixed{scheme, to_bytes(key.public_key())};
    EXPECT_FALSE(verify_passkey(mixed, k_party, {good.data, k_client, good.signature}));
  }
}

}  // namespace
}  // namespace probity::crypto
