#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "admin/routes.hpp"
#include "identity/passkeys.hpp"

// Inside the room: passkeys as browsers write them (W3C Web Authentication, 5.1: the JSON forms of
// options and of what comes back; binary members are base64url).
namespace probity::admin {

/// What the server is to the browser that asks. BadRequest where it was reached by an address.
[[nodiscard]] Result<identity::RelyingParty> relying_party_of(const web::Call& call,
                                                              const AdminParts& parts);

/// `credential` of a body, where a passkey was made. BadRequest names what is wrong with it.
[[nodiscard]] Result<identity::Attestation> read_attestation(const boost::json::value& credential,
                                                             identity::RelyingParty party);
/// `credential` of a body, or of a form's field, where a passkey was used.
[[nodiscard]] Result<identity::Assertion> read_assertion(const boost::json::value& credential,
                                                         identity::RelyingParty party);

/// The same where there may be none.
[[nodiscard]] Result<std::optional<identity::Assertion>> maybe_assertion(
    const web::Call& call, const AdminParts& parts, const boost::json::value* credential);
/// For GivenFactor; nothing where there is none.
[[nodiscard]] inline const identity::Assertion* pointer_to(
    const std::optional<identity::Assertion>& assertion) {
  return assertion ? &*assertion : nullptr;
}

/// Whom a passkey is made for.
struct PasskeyOffer {
  identity::RelyingParty party;
  std::string organisation;
  std::string email;
  Bytes handle;
  std::string challenge;
  std::vector<identity::KnownPasskey> known;  ///< Not to be made twice.
};
/// PublicKeyCredentialCreationOptionsJSON.
[[nodiscard]] std::string creation_options(const PasskeyOffer& offer);

/// PublicKeyCredentialRequestOptionsJSON. `known` empty: any passkey for this server that knows its
/// owner, with a PIN, a finger or a face.
[[nodiscard]] std::string request_options(const identity::RelyingParty& party,
                                          const std::string& challenge,
                                          const std::vector<identity::KnownPasskey>& known);

/// What a member whose second factor is missing may answer with: options for the passkeys bound to
/// this server, empty without any.
[[nodiscard]] Result<std::string> second_step_options(web::Call& call, const AdminParts& parts,
                                                      const UserId& user);

/// The problem that a second factor is missing, with those options as its member `passkey`.
[[nodiscard]] web::Response factor_missing(const std::string& options, const RequestId& request);

}  // namespace probity::admin
