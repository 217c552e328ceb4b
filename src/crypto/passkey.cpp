#include "crypto/passkey.hpp"

#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/hash.hpp"

namespace probity::crypto {
namespace {

// Flags of the authenticator data (WebAuthn, 6.1).
constexpr unsigned k_user_present = 0x01;
constexpr unsigned k_user_verified = 0x04;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* held) const {
    Free(&held);
  }
};
using Credential = std::unique_ptr<fido_cred_t, Freer<fido_cred_free>>;
using Assertion = std::unique_ptr<fido_assert_t, Freer<fido_assert_free>>;

template <typename T>
T* allocated(T* held) {
  if (held == nullptr) throw std::bad_alloc();
  return held;
}

std::unexpected<Error> no_passkey(std::string_view why) {
  return fail(Code::BadRequest, std::string(why));
}

struct CborFreer {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using Cbor = std::unique_ptr<cbor_item_t, CborFreer>;

// Where the parts of authenticator data begin (WebAuthn, 6.1).
constexpr std::size_t k_head_bytes = 37;
constexpr std::size_t k_flags_at = 32;
constexpr std::size_t k_model_bytes = 16;
constexpr unsigned k_has_credential = 0x40;

/// Whether no list and no map in a sequence of CBOR items says it holds more than there are bytes
/// left: the library makes room for what is said before it looks at what is there.
bool is_modest(BytesView items) {
  std::size_t declared = 0;
  cbor_callbacks callbacks = cbor_empty_callbacks;
  callbacks.array_start = [](void* at, std::size_t size) { *static_cast<std::size_t*>(at) = size; };
  callbacks.map_start = callbacks.array_start;
  while (!items.empty()) {
    declared = 0;
    const cbor_decoder_result step =
        cbor_stream_decode(items.data(), items.size(), &callbacks, &declared);
    if (step.status != CBOR_DECODER_FINISHED || step.read == 0) return false;
    items = items.subspan(step.read);
    if (declared > items.size()) return false;
  }
  return true;
}

/// The same of what CBOR there is in authenticator data: a key, extensions.
bool is_modest_data(BytesView data) {
  if (data.size() < k_head_bytes) return false;
  const bool has_credential = (data[k_flags_at] & k_has_credential) != 0;
  BytesView rest = data.subspan(k_head_bytes);
  if (!has_credential) return is_modest(rest);
  if (rest.size() < k_model_bytes + 2) return false;
  const std::size_t id_bytes = rest[k_model_bytes] * 256U + rest[k_model_bytes + 1];
  rest = rest.subspan(k_model_bytes + 2);
  return rest.size() >= id_bytes && is_modest(rest.subspan(id_bytes));
}

/// The three parts of an attestation object.
struct AttestationParts {
  std::string form;
  Bytes authenticator_data;
  Bytes statement;  ///< CBOR.
};

Bytes encoded(const cbor_item_t* item) {
  unsigned char* out = nullptr;
  std::size_t room = 0;
  const std::size_t size = cbor_serialize_alloc(item, &out, &room);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owned(out, &std::free);
  return out == nullptr ? Bytes() : Bytes(out, out + size);
}

/// Nothing unless it is a map of exactly these, each once, and nothing behind it.
std::optional<AttestationParts> divide(BytesView object) {
  if (!is_modest(object)) return {};
  cbor_load_result told{};
  const Cbor root(cbor_load(object.data(), object.size(), &told));
  if (!root || told.read != object.size() || !cbor_isa_map(root.get()) ||
      cbor_map_size(root.get()) != 3)
    return {};
  AttestationParts parts;
  for (const cbor_pair& pair : std::span(cbor_map_handle(root.get()), 3)) {
    if (!cbor_isa_string(pair.key) || cbor_string_is_indefinite(pair.key)) return {};
    const std::string_view name(reinterpret_cast<const char*>(cbor_string_handle(pair.key)),
                                cbor_string_length(pair.key));
    if (name == "fmt" && cbor_isa_string(pair.value) && cbor_string_is_definite(pair.value)) {
      parts.form.assign(reinterpret_cast<const char*>(cbor_string_handle(pair.value)),
                        cbor_string_length(pair.value));
    } else if (name == "authData" && cbor_isa_bytestring(pair.value) &&
               cbor_bytestring_is_definite(pair.value)) {
      const unsigned char* data = cbor_bytestring_handle(pair.value);
      parts.authenticator_data.assign(data, data + cbor_bytestring_length(pair.value));
    } else if (name == "attStmt" && cbor_isa_map(pair.value)) {
      parts.statement = encoded(pair.value);
    }
  }
  if (parts.form.empty() || parts.authenticator_data.empty() || parts.statement.empty()) return {};
  return parts;
}

/// The credential read with one scheme; nothing when its key is of another.
Credential parse(const AttestationParts& parts, SignatureScheme scheme,
                 const std::string& relying_party, const Digest& client_data) {
  Credential credential(allocated(fido_cred_new()));
  fido_cred_t* const held = credential.get();
  const Bytes& data = parts.authenticator_data;
  const bool is_read =
      fido_cred_set_type(held, static_cast<int>(scheme)) == FIDO_OK &&
      fido_cred_set_rp(held, relying_party.c_str(), nullptr) == FIDO_OK &&
      fido_cred_set_clientdata_hash(held, client_data.data(), client_data.size()) == FIDO_OK &&
      fido_cred_set_authdata_raw(held, data.data(), data.size()) == FIDO_OK;
  return is_read ? std::move(credential) : nullptr;
}

/// Whether it was made for this relying party while somebody was present: what libfido2 checks with
/// a signature, and cannot where the form has none.
bool is_for(const fido_cred_t* credential, BytesView raw, const std::string& relying_party) {
  const Digest party = sha256(as_bytes(relying_party));
  return raw.size() > party.size() && equal_constant_time(raw.first(party.size()), party) &&
         (fido_cred_flags(credential) & k_user_present) != 0;
}

/// Whether its form is one we take, and holds.
bool is_attested(fido_cred_t* credential, const AttestationParts& parts) {
  if (parts.form == "none") return true;
  return parts.form == "packed" && fido_cred_set_fmt(credential, "packed") == FIDO_OK &&
         fido_cred_set_attstmt(credential, parts.statement.data(), parts.statement.size()) ==
             FIDO_OK &&
         fido_cred_x5c_len(credential) == 0 && fido_cred_verify_self(credential) == FIDO_OK;
}

int check(const fido_assert_t* assertion, const PasskeyPublicKey& key) {
  const auto with = [&](auto* held, auto fill, auto release) {
    const std::unique_ptr<std::remove_pointer_t<decltype(held)>, decltype(release)> owned(
        allocated(held), release);
    const int read = fill(owned.get(), key.bytes.data(), key.bytes.size());
    if (read != FIDO_OK) return read;
    return fido_assert_verify(assertion, 0, static_cast<int>(key.scheme), owned.get());
  };
  switch (key.scheme) {
    case SignatureScheme::Es256:
      return with(es256_pk_new(), es256_pk_from_ptr, [](es256_pk_t* pk) { es256_pk_free(&pk); });
    case SignatureScheme::EdDsa:
      return with(eddsa_pk_new(), eddsa_pk_from_ptr, [](eddsa_pk_t* pk) { eddsa_pk_free(&pk); });
    case SignatureScheme::Rs256:
      return with(rs256_pk_new(), rs256_pk_from_ptr, [](rs256_pk_t* pk) { rs256_pk_free(&pk); });
  }
  return FIDO_ERR_UNSUPPORTED_OPTION;
}

}  // namespace

Result<NewPasskey> read_attestation(BytesView attestation_object, const std::string& relying_party,
                                    BytesView client_data) {
  const auto parts = divide(attestation_object);
  if (!parts || !is_modest_data(parts->authenticator_data))
    return no_passkey("no attestation object");
  const Digest hash = sha256(client_data);
  for (const SignatureScheme scheme : k_signature_schemes) {
    const Credential credential = parse(*parts, scheme, relying_party, hash);
    if (!credential) continue;
    if (!is_for(credential.get(), parts->authenticator_data, relying_party))
      return no_passkey("made for another relying party, or with nobody present");
    if (!is_attested(credential.get(), *parts))
      return no_passkey("an attestation of no form we take");
    const BytesView id(fido_cred_id_ptr(credential.get()), fido_cred_id_len(credential.get()));
    const BytesView key(fido_cred_pubkey_ptr(credential.get()),
                        fido_cred_pubkey_len(credential.get()));
    if (id.empty() || id.size() > k_credential_id_bytes_max || key.empty())
      return no_passkey("a credential without id or key");
    return NewPasskey{to_bytes(id), {scheme, to_bytes(key)}, fido_cred_sigcount(credential.get())};
  }
  return no_passkey("no key of a scheme we take");
}

Result<PasskeyUse> verify_passkey(const PasskeyPublicKey& key, const std::string& relying_party,
                                  const PasskeySignature& given) {
  if (!is_modest_data(given.authenticator_data))
    return fail(Code::BadCredentials, "no authenticator data");
  const Assertion assertion(allocated(fido_assert_new()));
  const Digest hash = sha256(given.client_data);
  const bool is_read =
      fido_assert_set_count(assertion.get(), 1) == FIDO_OK &&
      fido_assert_set_rp(assertion.get(), relying_party.c_str()) == FIDO_OK &&
      fido_assert_set_clientdata_hash(assertion.get(), hash.data(), hash.size()) == FIDO_OK &&
      fido_assert_set_authdata_raw(assertion.get(), 0, given.authenticator_data.data(),
                                   given.authenticator_data.size()) == FIDO_OK &&
      fido_assert_set_sig(assertion.get(), 0, given.signature.data(), given.signature.size()) ==
          FIDO_OK &&
      fido_assert_set_up(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK;
  if (!is_read || check(assertion.get(), key) != FIDO_OK)
    return fail(Code::BadCredentials, "the signature of the passkey does not hold");
  return PasskeyUse{fido_assert_sigcount(assertion.get(), 0),
                    (fido_assert_flags(assertion.get(), 0) & k_user_verified) != 0};
}

}  // namespace probity::crypto
