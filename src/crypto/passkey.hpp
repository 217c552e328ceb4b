#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

// The signatures of passkeys and security keys (W3C Web Authentication, FIDO2 and U2F), by way of
// libfido2. What a browser says of the ceremony (origin, challenge) is looked at in identity.
namespace probity::crypto {

/// How a key signs, by its number at IANA (COSE Algorithms).
enum class SignatureScheme : std::int32_t { Es256 = -7, EdDsa = -8, Rs256 = -257 };
/// Those taken, the preferred one first.
inline constexpr std::array k_signature_schemes{SignatureScheme::Es256, SignatureScheme::EdDsa,
                                                SignatureScheme::Rs256};

/// The public half of a passkey.
struct PasskeyPublicKey {
  SignatureScheme scheme = SignatureScheme::Es256;
  Bytes bytes;  ///< ES256: x and y, 64; EdDSA: 32; RS256: modulus and exponent, 259.
};

/// Bytes of the id of a credential, by which an authenticator finds it (WebAuthn, 4): at most.
inline constexpr std::size_t k_credential_id_bytes_max = 1023;

/// What an authenticator made for us.
struct NewPasskey {
  Bytes id;  ///< 1 to k_credential_id_bytes_max bytes.
  PasskeyPublicKey key;
  std::uint32_t sign_count = 0;
};

/// Reads an attestation object (CBOR; WebAuthn, 6.5.4) made for `relying_party` ("ask.example").
/// `client_data` is what the browser collected, as it was signed. Taken are the forms "none" and
/// self-signed "packed", the two a browser gives where no maker's certificate was asked for.
/// BadRequest with the reason in `detail`: another form, relying party or scheme, a signature that
/// does not hold, nobody present. Threads: any, as for everything here.
[[nodiscard]] Result<NewPasskey> read_attestation(BytesView attestation_object,
                                                  const std::string& relying_party,
                                                  BytesView client_data);

/// What an authenticator signed: bytes as they came, none of them believed yet.
struct PasskeySignature {
  BytesView authenticator_data;
  BytesView client_data;
  BytesView signature;
};
/// What a signature that holds says of the moment it was made.
struct PasskeyUse {
  std::uint32_t sign_count = 0;
  bool is_user_verified = false;  ///< By a PIN, a finger, a face; somebody was present in any case.
};
/// BadCredentials unless the key signed this for `relying_party` while somebody was present.
[[nodiscard]] Result<PasskeyUse> verify_passkey(const PasskeyPublicKey& key,
                                                const std::string& relying_party,
                                                const PasskeySignature& given);

}  // namespace probity::crypto
