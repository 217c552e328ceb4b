#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/passkey.hpp"
#include "identity/acting.hpp"
#include "identity/factors.hpp"
#include "identity/limits.hpp"
#include "store/tx.hpp"

// Passkeys and security keys of members (W3C Web Authentication; docs/decisions/061): what a
// browser is asked for, and what it brings back. The signatures are crypto/passkey.hpp's.
namespace probity::identity {

/// This server as a browser sees it: WebAuthn's relying party.
struct RelyingParty {
  std::string id;      ///< Host name, "ask.example": what passkeys are bound to.
  std::string origin;  ///< "https://ask.example:8443": the only page that may use them.
};
/// Of an origin "https://HOST[:PORT]". BadRequest for a host that is an IP address: browsers make
/// no passkeys for one.
[[nodiscard]] Result<RelyingParty> relying_party_of(std::string_view origin);

/// What an authenticator keeps to say whose a passkey is: 16 bytes of the tenant, 16 of the user.
[[nodiscard]] Bytes passkey_handle_of(const TenantId& tenant, const UserId& user);
struct PasskeyOwner {
  TenantId tenant;
  UserId user;
};
/// Nothing when it is no handle of ours. Says nothing about whether there is such a member.
[[nodiscard]] std::optional<PasskeyOwner> owner_of_handle(BytesView handle);

/// A passkey a member has here already.
struct KnownPasskey {
  Bytes id;
  std::vector<std::string> transports;  ///< How a browser reaches it: "usb", "internal", …
};
[[nodiscard]] Result<std::vector<KnownPasskey>> list_passkeys(store::Reader& reader,
                                                              const crypto::Cipher& cipher,
                                                              const UserId& user,
                                                              std::string_view relying_party);

/// A challenge, base64url: sealed, random, of the moment `now`, good for k_challenge_life and for
/// one purpose. `bound_to` is the user it is put to; empty for whoever comes.
[[nodiscard]] Result<std::string> make_challenge(const crypto::Cipher& cipher,
                                                 crypto::Purpose purpose, BytesView bound_to,
                                                 Instant now);
/// To make a passkey; to use one besides the password; to use one alone (the system's cipher).
inline constexpr crypto::Purpose k_challenge_to_make = "passkey.make";
inline constexpr crypto::Purpose k_challenge_to_member = "passkey.use";
inline constexpr crypto::Purpose k_challenge_to_anybody = "passkey.login";

/// What a browser brings back of a passkey that was made (RegistrationResponseJSON), decoded.
struct Attestation {
  RelyingParty party;  ///< Where it was brought.
  Bytes client_data;
  Bytes attestation_object;
  std::vector<std::string> transports;
};
/// The factor it makes. BadRequest names /credential: a challenge that is not this member's or is
/// past its life, another origin, or an attestation that does not hold.
[[nodiscard]] Result<ShownFactor> confirm_passkey(const Acting& acting, const UserId& user,
                                                  const Attestation& attestation);

/// What a browser brings back of a passkey that was used (AuthenticationResponseJSON), decoded.
struct Assertion {
  RelyingParty party;  ///< Where it was brought.
  Bytes id;
  Bytes client_data;
  Bytes authenticator_data;
  Bytes signature;
  Bytes handle;  ///< passkey_handle_of, or empty: security keys keep none.
};
/// When the challenge it answers was made. BadCredentials for another origin, another ceremony, or
/// a challenge that is not ours; Unauthenticated for one past its life.
[[nodiscard]] Result<Instant> challenged_at(const crypto::Cipher& cipher, crypto::Purpose purpose,
                                            BytesView bound_to, const Assertion& assertion,
                                            Instant now);
/// The member's passkey that signed it. `challenged` comes from challenged_at.
[[nodiscard]] Result<FactorMatch> match_assertion(store::Reader& reader,
                                                  const crypto::Cipher& cipher, const UserId& user,
                                                  const Assertion& assertion, Instant challenged);

}  // namespace probity::identity
