#include "identity/passkeys.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include <fmt/core.h>

#include "base/json.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "crypto/random.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

/// Random bytes of a challenge (WebAuthn, 13.4.3: at least 16), beside its moment.
constexpr std::size_t k_challenge_random_bytes = 16;
constexpr std::size_t k_transports_max = 8;
constexpr std::size_t k_transport_bytes_max = 16;

/// A passkey as it lies sealed in the column of secrets.
struct StoredPasskey {
  crypto::PasskeyPublicKey key;
  Bytes id;
  std::string relying_party;
  std::string transports;  ///< Joined by commas.
};

Bytes packed(const StoredPasskey& passkey) {
  Bytes out;
  append_u32(out, static_cast<std::uint32_t>(passkey.key.scheme));
  append_sized(out, passkey.key.bytes);
  append_sized(out, passkey.id);
  append_sized(out, as_bytes(passkey.relying_party));
  append_sized(out, as_bytes(passkey.transports));
  return out;
}

Result<StoredPasskey> unpacked(BytesView bytes) {
  ByteReader reader(bytes);
  StoredPasskey passkey;
  passkey.key.scheme = static_cast<crypto::SignatureScheme>(reader.u32());
  passkey.key.bytes = to_bytes(reader.sized());
  passkey.id = to_bytes(reader.sized());
  passkey.relying_party = as_text(reader.sized());
  passkey.transports = as_text(reader.sized());
  if (!reader.is_whole() || !reader.is_at_end())
    return fail(Code::IntegrityError, "a stored passkey is not whole");
  return passkey;
}

/// Calls `see` with each passkey of a member that is bound to the relying party.
template <typename See>
Result<void> each_passkey(store::Reader& reader, const crypto::Cipher& cipher, const UserId& user,
                          std::string_view relying_party, See see) {
  return reader.each(sql::identity::factors_of_user, {reader.space().tenant(), user},
                     [&](const store::Row& row) -> Result<bool> {
                       if (row.integer(1) != static_cast<std::int64_t>(FactorKind::Passkey))
                         return true;
                       const auto id = row.id<FactorId>(0);
                       PROBITY_TRY(plain,
                                   cipher.open(k_factor_secret_purpose, id.bytes(), row.bytes(5)));
                       PROBITY_TRY(passkey, unpacked(plain));
                       if (passkey.relying_party == relying_party) see(row, id, passkey);
                       return true;
                     });
}

/// Transports as WebAuthn names them, those it may name later too; what is none of that is left
/// out, since it only helps the browser to ask.
std::string joined(const std::vector<std::string>& transports) {
  std::string out;
  std::size_t count = 0;
  for (const std::string& one : transports) {
    const bool is_name =
        !one.empty() && one.size() <= k_transport_bytes_max &&
        std::ranges::all_of(one, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
    if (!is_name || ++count > k_transports_max) continue;
    if (!out.empty()) out += ',';
    out += one;
  }
  return out;
}

std::vector<std::string> divided(std::string_view transports) {
  std::vector<std::string> out;
  if (transports.empty()) return out;
  for (const std::string_view one : split(transports, ','))
    out.emplace_back(one);
  return out;
}

/// When the challenge was made; errors as those of challenged_at.
Result<Instant> moment_of(const crypto::Cipher& cipher, crypto::Purpose purpose, BytesView bound_to,
                          std::string_view challenge, Instant now) {
  constexpr std::size_t k_sealed_bytes = 8 + k_challenge_random_bytes + crypto::k_sealed_overhead;
  const auto sealed =
      challenge.size() <= 2 * k_sealed_bytes ? from_base64url(challenge) : std::nullopt;
  if (!sealed || sealed->size() != k_sealed_bytes)
    return fail(Code::BadCredentials, "no challenge of this server");
  if (!cipher.is_usable()) return fail(Code::KeyUnavailable, "no key of the tenant");
  const auto plain = cipher.open(purpose, bound_to, *sealed);
  if (!plain) return fail(Code::BadCredentials, "the challenge does not open");
  const auto made = Instant::from_us(static_cast<std::int64_t>(ByteReader(*plain).u64()));
  if (now >= made + k_challenge_life)
    return fail(Code::Unauthenticated, "the challenge is too old");
  return made;
}

std::string_view text_in(const boost::json::object& object, std::string_view name) {
  const boost::json::value* found = object.if_contains(name);
  const boost::json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

/// What the browser says of the ceremony (WebAuthn, 5.8.1): of which kind, for whose page, to
/// which challenge. Gives the challenge.
Result<std::string> challenge_in(BytesView client_data, std::string_view ceremony,
                                 const RelyingParty& party) {
  const auto json = parse_json(as_text(client_data), {.depth_max = 4, .bytes_max = 4096});
  const boost::json::object* said = json ? json->if_object() : nullptr;
  if (said == nullptr) return fail(Code::BadCredentials, "client data that is no object");
  if (text_in(*said, "type") != ceremony) return fail(Code::BadCredentials, "another ceremony");
  if (text_in(*said, "origin") != party.origin) return fail(Code::BadCredentials, "another origin");
  const boost::json::value* crossed = said->if_contains("crossOrigin");
  const bool is_framed = crossed != nullptr && (!crossed->is_bool() || crossed->as_bool());
  if (is_framed || said->contains("topOrigin"))
    return fail(Code::BadCredentials, "from within a page of somebody else");
  return std::string(text_in(*said, "challenge"));
}

}  // namespace

Result<RelyingParty> relying_party_of(std::string_view origin) {
  constexpr std::string_view k_scheme = "https://";
  constexpr std::string_view k_usual_port = ":443";
  // As a browser spells it.
  std::string spelt(origin);
  std::ranges::transform(spelt, spelt.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (spelt.ends_with(k_usual_port)) spelt.resize(spelt.size() - k_usual_port.size());
  std::string_view host = spelt;
  if (host.starts_with(k_scheme)) host.remove_prefix(k_scheme.size());
  host = host.substr(0, host.find(':', host.starts_with('[') ? host.find(']') : 0));
  const bool is_address =
      host.empty() || host.starts_with('[') || (host.back() >= '0' && host.back() <= '9');
  if (is_address) {
    return refuse(Code::BadRequest,
                  "Passkeys need a host name: open this server under its name, not its number.");
  }
  return RelyingParty{std::string(host), spelt};
}

Bytes passkey_handle_of(const TenantId& tenant, const UserId& user) {
  Bytes handle = to_bytes(tenant.bytes());
  handle.insert(handle.end(), user.bytes().begin(), user.bytes().end());
  return handle;
}

std::optional<PasskeyOwner> owner_of_handle(BytesView handle) {
  if (handle.size() != 32) return {};
  const auto tenant = TenantId::from_bytes(handle.first(16));
  const auto user = UserId::from_bytes(handle.last(16));
  if (!tenant || !user) return {};
  return PasskeyOwner{*tenant, *user};
}

Result<std::vector<KnownPasskey>> list_passkeys(store::Reader& reader, const crypto::Cipher& cipher,
                                                const UserId& user,
                                                std::string_view relying_party) {
  std::vector<KnownPasskey> known;
  PROBITY_CHECK(each_passkey(reader, cipher, user, relying_party,
                             [&](const store::Row&, const FactorId&, const StoredPasskey& one) {
                               known.push_back({one.id, divided(one.transports)});
                             }));
  return known;
}

Result<std::string> make_challenge(const crypto::Cipher& cipher, crypto::Purpose purpose,
                                   BytesView bound_to, Instant now) {
  Bytes plain;
  append_u64(plain, static_cast<std::uint64_t>(now.us()));
  const Bytes random = crypto::random_bytes(k_challenge_random_bytes);
  plain.insert(plain.end(), random.begin(), random.end());
  PROBITY_TRY(sealed, cipher.seal(purpose, bound_to, plain));
  return to_base64url(sealed);
}

Result<ShownFactor> confirm_passkey(const Acting& acting, const UserId& user,
                                    const Attestation& attestation) {
  const auto refused = [](const Error& error) -> Result<ShownFactor> {
    if (error.code == Code::KeyUnavailable) return std::unexpected(error);
    auto out = refuse_field(Code::BadRequest, "/credential",
                            error.code == Code::Unauthenticated
                                ? "That took too long: begin anew."
                                : "It is no passkey made for this server just now: begin anew.");
    return out;
  };
  const auto challenge =
      challenge_in(attestation.client_data, "webauthn.create", attestation.party);
  if (!challenge) return refused(challenge.error());
  const auto made =
      moment_of(*acting.cipher, k_challenge_to_make, user.bytes(), *challenge, acting.now);
  if (!made) return refused(made.error());
  auto read = crypto::read_attestation(attestation.attestation_object, attestation.party.id,
                                       attestation.client_data);
  if (!read) return refused(read.error());
  ShownFactor factor;
  factor.kind = FactorKind::Passkey;
  factor.secret = SecretBytes(packed(
      {std::move(read->key), read->id, attestation.party.id, joined(attestation.transports)}));
  factor.credential = std::move(read->id);
  factor.relying_party = attestation.party.id;
  factor.sign_count = read->sign_count;
  return factor;
}

Result<Instant> challenged_at(const crypto::Cipher& cipher, crypto::Purpose purpose,
                              BytesView bound_to, const Assertion& assertion, Instant now) {
  PROBITY_TRY(challenge, challenge_in(assertion.client_data, "webauthn.get", assertion.party));
  return moment_of(cipher, purpose, bound_to, challenge, now);
}

Result<FactorMatch> match_assertion(store::Reader& reader, const crypto::Cipher& cipher,
                                    const UserId& user, const Assertion& assertion,
                                    Instant challenged) {
  FactorMatch match;
  const bool is_named = !assertion.handle.empty();
  if (is_named && assertion.handle != passkey_handle_of(reader.space().tenant(), user))
    return match;
  const auto see = [&](const store::Row& row, const FactorId& id, const StoredPasskey& passkey) {
    if (passkey.id != assertion.id) return;
    const auto use = crypto::verify_passkey(
        passkey.key, passkey.relying_party,
        {assertion.authenticator_data, assertion.client_data, assertion.signature});
    if (!use) return;
    // Two authenticators with one key count apart (WebAuthn, 6.1.1).
    const std::int64_t known = row.integer(7);
    if (!counts_on(known, use->sign_count)) {
      match.is_copy_suspected = true;
    } else if (challenged.us() > row.integer(6)) {
      match.used = UsedFactor{.name = text_of(FactorKind::Passkey),
                              .factor = id,
                              .counter = challenged.us(),
                              .sign_count = use->sign_count,
                              .is_user_verified = use->is_user_verified};
    }
  };
  PROBITY_CHECK(each_passkey(reader, cipher, user, assertion.party.id, see));
  return match;
}

}  // namespace probity::identity
