#include "admin/passkey_json.hpp"

#include <boost/json.hpp>

#include <fmt/core.h>

#include "base/json_writer.hpp"
#include "web/request.hpp"

namespace probity::admin {
namespace {

// Decoded bytes, each above what any authenticator makes.
constexpr std::size_t k_client_data_bytes_max = 4096;
constexpr std::size_t k_authenticator_bytes_max = 16 * 1024;
constexpr std::size_t k_signature_bytes_max = 1024;
constexpr std::size_t k_handle_bytes_max = 64;
constexpr std::size_t k_transports_max = 16;

/// Members of one object of a credential; the first that is wrong is kept.
class Members {
 public:
  Members(const boost::json::value* object, std::string path)
      : object_(object == nullptr ? nullptr : object->if_object()), path_(std::move(path)) {
    if (object_ == nullptr) note("", "An object is needed.");
  }

  /// Decoded from base64url.
  Bytes bytes(std::string_view name, std::size_t most, bool may_miss = false) {
    const boost::json::value* found = object_ == nullptr ? nullptr : object_->if_contains(name);
    if (may_miss && (found == nullptr || found->is_null())) return {};
    const boost::json::string* text = found == nullptr ? nullptr : found->if_string();
    auto decoded = text != nullptr && text->size() <= most * 4 / 3 + 4
                       ? from_base64url(std::string_view(*text))
                       : std::nullopt;
    if (!decoded || decoded->size() > most || (decoded->empty() && !may_miss)) {
      note(name, fmt::format("Base64url of 1 to {} bytes.", most));
      return {};
    }
    return std::move(*decoded);
  }

  [[nodiscard]] const boost::json::value* member(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }
  [[nodiscard]] Result<void> finish() const {
    if (!wrong_) return {};
    return refuse_field(Code::BadRequest, wrong_->field, wrong_->reason);
  }

 private:
  void note(std::string_view name, std::string reason) {
    if (wrong_) return;
    wrong_ =
        FieldError{name.empty() ? path_ : fmt::format("{}/{}", path_, name), std::move(reason)};
  }

  const boost::json::object* object_;
  std::string path_;
  std::optional<FieldError> wrong_;
};

constexpr std::string_view k_path = "/credential";
constexpr std::string_view k_response_path = "/credential/response";

void add_known(JsonWriter& json, std::string_view name,
               const std::vector<identity::KnownPasskey>& known) {
  json.key(name);
  json.begin_array();
  for (const identity::KnownPasskey& one : known) {
    json.begin_object();
    json.field("type", "public-key");
    json.field("id", to_base64url(one.id));
    json.key("transports");
    json.begin_array();
    for (const std::string& transport : one.transports)
      json.value(transport);
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

std::int64_t timeout_ms() { return identity::k_challenge_life.us() / 1000; }

}  // namespace

Result<identity::RelyingParty> relying_party_of(const web::Call& call, const AdminParts& parts) {
  return identity::relying_party_of(web::origin_of(call.request(), parts.public_url));
}

Result<identity::Attestation> read_attestation(const boost::json::value& credential,
                                               identity::RelyingParty party) {
  const Members outer(&credential, std::string(k_path));
  PROBITY_CHECK(outer.finish());
  Members response(outer.member("response"), std::string(k_response_path));
  identity::Attestation made;
  made.party = std::move(party);
  made.client_data = response.bytes("clientDataJSON", k_client_data_bytes_max);
  made.attestation_object = response.bytes("attestationObject", k_authenticator_bytes_max);
  PROBITY_CHECK(response.finish());
  const boost::json::value* transports = response.member("transports");
  if (transports != nullptr && transports->is_array()) {
    for (const boost::json::value& one : transports->get_array())
      if (one.is_string() && made.transports.size() < k_transports_max)
        made.transports.emplace_back(std::string_view(one.get_string()));
  }
  return made;
}

Result<identity::Assertion> read_assertion(const boost::json::value& credential,
                                           identity::RelyingParty party) {
  Members outer(&credential, std::string(k_path));
  identity::Assertion given;
  given.party = std::move(party);
  given.id = outer.bytes("id", crypto::k_credential_id_bytes_max);
  PROBITY_CHECK(outer.finish());
  Members response(outer.member("response"), std::string(k_response_path));
  given.client_data = response.bytes("clientDataJSON", k_client_data_bytes_max);
  given.authenticator_data = response.bytes("authenticatorData", k_authenticator_bytes_max);
  given.signature = response.bytes("signature", k_signature_bytes_max);
  given.handle = response.bytes("userHandle", k_handle_bytes_max, true);
  PROBITY_CHECK(response.finish());
  return given;
}

Result<std::optional<identity::Assertion>> maybe_assertion(const web::Call& call,
                                                           const AdminParts& parts,
                                                           const boost::json::value* credential) {
  if (credential == nullptr) return std::optional<identity::Assertion>();
  PROBITY_TRY(party, relying_party_of(call, parts));
  PROBITY_TRY(given, read_assertion(*credential, std::move(party)));
  return std::optional<identity::Assertion>(std::move(given));
}

std::string creation_options(const PasskeyOffer& offer) {
  JsonWriter json;
  json.begin_object();
  json.key("rp");
  json.begin_object();
  json.field("id", offer.party.id);
  json.field("name", offer.organisation);
  json.end_object();
  json.key("user");
  json.begin_object();
  json.field("id", to_base64url(offer.handle));
  json.field("name", offer.email);
  json.field("displayName", offer.email);
  json.end_object();
  json.field("challenge", offer.challenge);
  json.key("pubKeyCredParams");
  json.begin_array();
  for (const crypto::SignatureScheme scheme : crypto::k_signature_schemes) {
    json.begin_object();
    json.field("type", "public-key");
    json.field("alg", static_cast<std::int64_t>(scheme));
    json.end_object();
  }
  json.end_array();
  json.field("timeout", timeout_ms());
  add_known(json, "excludeCredentials", offer.known);
  json.key("authenticatorSelection");
  json.begin_object();
  // Preferred: a key that can neither keep passkeys nor ask for a PIN is a second factor still.
  json.field("residentKey", "preferred");
  json.field("userVerification", "preferred");
  json.end_object();
  json.field("attestation", "none");
  json.end_object();
  return std::move(json).text();
}

std::string request_options(const identity::RelyingParty& party, const std::string& challenge,
                            const std::vector<identity::KnownPasskey>& known) {
  JsonWriter json;
  json.begin_object();
  json.field("challenge", challenge);
  json.field("rpId", party.id);
  json.field("timeout", timeout_ms());
  add_known(json, "allowCredentials", known);
  // Besides a password it is enough to hold the key.
  json.field("userVerification", known.empty() ? "required" : "discouraged");
  json.end_object();
  return std::move(json).text();
}

Result<std::string> second_step_options(web::Call& call, const AdminParts& parts,
                                        const UserId& user) {
  const auto party = relying_party_of(call, parts);
  if (!party) return std::string();
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(known, identity::list_passkeys(*reader, *cipher, user, party->id));
  if (known.empty()) return std::string();
  PROBITY_TRY(challenge, identity::make_challenge(*cipher, identity::k_challenge_to_member,
                                                  user.bytes(), call.now()));
  return request_options(*party, challenge, known);
}

web::Response factor_missing(const std::string& options, const RequestId& request) {
  return web::problem_response(Error{Code::MfaRequired, {}, {}, {}, 0}, request,
                               {"passkey", options});
}

}  // namespace probity::admin
