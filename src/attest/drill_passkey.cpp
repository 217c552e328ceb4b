#include "attest/drill_passkey.hpp"

#include <initializer_list>
#include <utility>

#include "base/json_writer.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace probity::attest {
namespace {

constexpr std::uint8_t k_present_and_verified = 0x05;
constexpr std::uint8_t k_has_key = 0x40;
constexpr std::uint8_t k_id_bytes = 32;

void append(Bytes& out, BytesView more) { out.insert(out.end(), more.begin(), more.end()); }
void append(Bytes& out, std::initializer_list<std::uint8_t> more) {
  out.insert(out.end(), more.begin(), more.end());
}

std::string credential_json(BytesView id, std::string_view client_data, std::string_view name,
                            BytesView data, BytesView signature) {
  JsonWriter json;
  json.begin_object();
  json.field("id", to_base64url(id));
  json.field("type", "public-key");
  json.key("response");
  json.begin_object();
  json.field("clientDataJSON", to_base64url(as_bytes(client_data)));
  json.field(name, to_base64url(data));
  if (!signature.empty()) json.field("signature", to_base64url(signature));
  json.end_object();
  json.end_object();
  return std::move(json).text();
}

}  // namespace

DrillPasskey::DrillPasskey(std::string relying_party, std::string origin)
    : relying_party_(std::move(relying_party)),
      origin_(std::move(origin)),
      key_(crypto::SigningKey::random()),
      id_(crypto::random_bytes(k_id_bytes)) {}

std::string DrillPasskey::client_data(std::string_view type, std::string_view challenge) const {
  JsonWriter json;
  json.begin_object();
  json.field("type", type);
  json.field("challenge", challenge);
  json.field("origin", origin_);
  json.field("crossOrigin", false);
  json.end_object();
  return std::move(json).text();
}

Bytes DrillPasskey::head(std::uint8_t flags) const {
  const crypto::Digest party = crypto::sha256(as_bytes(relying_party_));
  Bytes out(party.begin(), party.end());
  out.push_back(flags);
  append_u32(out, count_);
  return out;
}

std::string DrillPasskey::make(std::string_view challenge) const {
  const std::string client = client_data("webauthn.create", challenge);
  Bytes data = head(k_present_and_verified | k_has_key);
  append(data, Bytes(16));  // No model is named.
  append(data, {0, k_id_bytes});
  append(data, id_);
  // The key as COSE has it: type OKP, algorithm EdDSA, curve Ed25519, x.
  append(data, {0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20});
  append(data, key_.public_key());
  // A map of three in CBOR: fmt "none", attStmt {}, authData.
  Bytes object{0xA3, 0x63, 'f', 'm', 't',  0x64, 'n', 'o', 'n', 'e', 0x67, 'a', 't', 't',
               'S',  't',  'm', 't', 0xA0, 0x68, 'a', 'u', 't', 'h', 'D',  'a', 't', 'a'};
  append(object, {0x58, static_cast<std::uint8_t>(data.size())});
  append(object, data);
  return credential_json(id_, client, "attestationObject", object, {});
}

std::string DrillPasskey::use(std::string_view challenge) {
  ++count_;
  const std::string client = client_data("webauthn.get", challenge);
  const Bytes data = head(k_present_and_verified);
  Bytes signed_bytes = data;
  append(signed_bytes, crypto::sha256(as_bytes(client)));
  return credential_json(id_, client, "authenticatorData", data, key_.sign(signed_bytes));
}

}  // namespace probity::attest
