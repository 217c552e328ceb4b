#include "identity/factors.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "audit/entry.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "crypto/random.hpp"
#include "crypto/totp.hpp"
#include "identity/passkeys.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

constexpr crypto::Purpose k_offer_purpose = "factor.offer";
/// Characters of a recovery code between two hyphens.
constexpr std::size_t k_recovery_group = 4;

/// What was typed, without what people put in to read it, and in one case.
std::string bare(std::string_view code) {
  std::string out;
  for (const char c : code) {
    if (c == ' ' || c == '-') continue;
    out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out;
}

crypto::Digest hash_of_recovery_code(std::string_view bare_code) {
  return crypto::sha256(as_bytes(bare_code));
}

struct RecoveryCodes {
  std::vector<std::string> texts;
  std::vector<crypto::Digest> hashes;
};

RecoveryCodes make_recovery_codes() {
  RecoveryCodes codes;
  for (std::size_t i = 0; i < k_recovery_codes; ++i) {
    const SecretBytes random(crypto::random_bytes(k_recovery_code_bytes));
    const std::string code = to_base32(random.expose());
    codes.hashes.push_back(hash_of_recovery_code(code));
    std::string text;
    for (std::size_t at = 0; at < code.size(); at += k_recovery_group)
      text += (at == 0 ? "" : "-") + code.substr(at, k_recovery_group);
    codes.texts.push_back(std::move(text));
  }
  return codes;
}

Result<void> put_recovery_codes(store::Tx& tx, const UserId& user,
                                const std::vector<crypto::Digest>& hashes) {
  const TenantId& tenant = tx.space().tenant();
  PROBITY_CHECK(tx.run(sql::identity::delete_recovery_codes, {tenant, user}));
  for (const crypto::Digest& hash : hashes)
    PROBITY_CHECK(tx.run(sql::identity::insert_recovery_code, {tenant, user, hash}));
  return {};
}

Result<std::int64_t> count_factors(store::Reader& reader, const UserId& user) {
  PROBITY_TRY(count, reader.first(sql::identity::count_factors, {reader.space().tenant(), user},
                                  [](const store::Row& row) { return row.integer(0); }));
  return count.value_or(0);
}

/// The member's role; Gone unless it is active. Locked until the end of the transaction, so that
/// two requests count one after the other.
Result<Role> lock_active(store::Tx& tx, const UserId& user) {
  bool is_active = false;
  PROBITY_TRY(role, tx.first(sql::identity::lock_user, {tx.space().tenant(), user},
                             [&](const store::Row& row) {
                               is_active = row.text(0) == k_state_active;
                               return parse_role(row.text(1)).value_or(Role::None);
                             }));
  if (!role || !is_active) return fail(Code::Gone, "the member is gone");
  return *role;
}

/// Conflict for a passkey the member has set up before.
Result<void> check_is_new(store::Tx& tx, const crypto::Cipher& cipher, const UserId& user,
                          const ShownFactor& factor) {
  if (factor.kind != FactorKind::Passkey) return {};
  PROBITY_TRY(known, list_passkeys(tx, cipher, user, factor.relying_party));
  for (const KnownPasskey& one : known)
    if (one.id == factor.credential)
      return refuse(Code::Conflict, "You have set up this passkey already.");
  return {};
}

Result<SecretBytes> secret_of_offer(const Acting& acting, const UserId& user,
                                    std::string_view ticket) {
  const auto refused = [] {
    return refuse_field(Code::BadRequest, "/ticket",
                        fmt::format("It is not an offer to you of the last {} minutes: begin anew.",
                                    k_offer_life.s() / 60));
  };
  const auto sealed = ticket.size() <= 512 ? from_base64url(ticket) : std::nullopt;
  if (!sealed) return refused();
  auto opened = acting.cipher->open(k_offer_purpose, user.bytes(), *sealed);
  if (!opened && opened.error().code == Code::KeyUnavailable && !acting.cipher->is_usable())
    return std::unexpected(std::move(opened).error());
  if (!opened) return refused();
  const SecretBytes held(std::move(*opened));
  ByteReader reader(held.expose());
  const auto until = Instant::from_us(static_cast<std::int64_t>(reader.u64()));
  SecretBytes secret(to_bytes(reader.take(crypto::k_totp_secret_bytes)));
  if (!reader.is_whole() || !reader.is_at_end() || acting.now >= until) return refused();
  return secret;
}

Result<Bytes> sealed_name(const Acting& acting, const FactorId& id, std::string_view name) {
  const std::string_view trimmed = trim(name);
  if (trimmed.empty() || trimmed.size() > k_factor_name_bytes_max || !is_utf8(trimmed)) {
    return refuse_field(Code::BadRequest, "/name",
                        fmt::format("From 1 to {} bytes.", k_factor_name_bytes_max));
  }
  return acting.cipher->seal(k_factor_name_purpose, id.bytes(), as_bytes(trimmed));
}

}  // namespace

std::string_view text_of(FactorKind kind) {
  return kind == FactorKind::Passkey ? "passkey" : "totp";
}

bool counts_on(std::int64_t known, std::int64_t now) {
  return now > known || (now == 0 && known == 0);
}

Result<FactorList> list_factors(store::Reader& reader, const crypto::Cipher& cipher,
                                const UserId& user) {
  FactorList list;
  const TenantId& tenant = reader.space().tenant();
  PROBITY_CHECK(reader.each(
      sql::identity::factors_of_user, {tenant, user}, [&](const store::Row& row) -> Result<bool> {
        FactorRecord record;
        record.id = row.id<FactorId>(0);
        record.kind = static_cast<FactorKind>(row.integer(1));
        PROBITY_TRY(name, cipher.open(k_factor_name_purpose, record.id.bytes(), row.bytes(2)));
        record.name = as_text(name);
        record.created_at = row.instant(3);
        record.used_at = row.maybe_instant(4);
        list.factors.push_back(std::move(record));
        return true;
      }));
  PROBITY_TRY(codes, reader.first(sql::identity::count_recovery_codes, {tenant, user},
                                  [](const store::Row& row) { return row.integer(0); }));
  list.recovery_codes = codes.value_or(0);
  return list;
}

Result<TotpOffer> offer_totp(const Acting& acting, const UserId& user, std::string_view issuer,
                             std::string_view email) {
  const SecretBytes secret(crypto::random_bytes(crypto::k_totp_secret_bytes));
  Bytes plain;
  append_u64(plain, static_cast<std::uint64_t>((acting.now + k_offer_life).us()));
  plain.insert(plain.end(), secret.expose().begin(), secret.expose().end());
  auto sealed = acting.cipher->seal(k_offer_purpose, user.bytes(), plain);
  wipe(plain.data(), plain.size());
  if (!sealed) return std::unexpected(std::move(sealed).error());
  TotpOffer offer;
  offer.ticket = to_base64url(*sealed);
  offer.secret = to_base32(secret.expose());
  // A colon divides issuer and account, so neither may hold one (Key Uri Format).
  std::string shown(issuer);
  std::ranges::replace(shown, ':', ' ');
  offer.uri = fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}", percent_encode(shown),
                          percent_encode(email), offer.secret);
  return offer;
}

Result<ShownFactor> confirm_totp(const Acting& acting, const UserId& user, std::string_view ticket,
                                 std::string_view code) {
  PROBITY_TRY(secret, secret_of_offer(acting, user, ticket));
  const auto step = crypto::matching_totp_step(secret.expose(), bare(code), acting.now, 0);
  if (!step) {
    return refuse_field(Code::BadRequest, "/code",
                        "It is not the code the app shows now. Is the clock of the device right?");
  }
  ShownFactor factor;
  factor.secret = std::move(secret);
  factor.counter = *step;
  return factor;
}

Result<Planned<Enrolled>> plan_enrol(const Acting& acting, const Enrolment& enrolment,
                                     ShownFactor factor) {
  const FactorId id = FactorId::make(acting.now);
  PROBITY_TRY(name, sealed_name(acting, id, enrolment.name));
  PROBITY_TRY(sealed,
              acting.cipher->seal(k_factor_secret_purpose, id.bytes(), factor.secret.expose()));
  factor.secret = SecretBytes();
  RecoveryCodes codes = make_recovery_codes();
  const std::string detail = fmt::format(R"({{"factor":"{}"}})", text_of(factor.kind));
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "factor.enrol", acting.actor,
                                                        id.text(), detail}));
  Planned<Enrolled> plan{{k_grant, {}, std::nullopt, store::Growth::Grows},
                         std::make_shared<Enrolled>(Enrolled{id, {}})};
  plan.change.apply = [user = enrolment.user, session = enrolment.session, id, now = acting.now,
                       cipher = acting.cipher, factor = std::move(factor), name = std::move(name),
                       sealed = std::move(sealed), codes = std::move(codes), outcome = plan.outcome,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    const TenantId& tenant = tx.space().tenant();
    PROBITY_CHECK(lock_active(tx, user));
    PROBITY_TRY(count, count_factors(tx, user));
    if (count >= k_factors_per_user_max) {
      return refuse(Code::Conflict, fmt::format("You have {} already: remove one you do not use.",
                                                k_factors_per_user_max));
    }
    PROBITY_CHECK(check_is_new(tx, *cipher, user, factor));
    PROBITY_CHECK(tx.run(sql::identity::insert_factor,
                         {tenant, id, user, static_cast<std::int64_t>(factor.kind), name, sealed,
                          factor.counter, now, factor.sign_count}));
    if (count == 0) PROBITY_CHECK(put_recovery_codes(tx, user, codes.hashes));
    outcome->recovery_codes = count == 0 ? codes.texts : std::vector<std::string>();
    // Whoever came in by the password alone does so again with the factor.
    PROBITY_CHECK(tx.run(sql::identity::delete_other_sessions_of_user, {tenant, user, session}));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Nothing>> plan_remove_factor(const Acting& acting, const UserId& user,
                                            const SessionId& session, const FactorId& factor) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher,
                                       {acting.now, "factor.remove", acting.actor, factor.text()}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [user, session, factor,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    const TenantId& tenant = tx.space().tenant();
    PROBITY_TRY(role, lock_active(tx, user));
    PROBITY_TRY(removed, tx.run(sql::identity::delete_factor, {tenant, user, factor}));
    if (removed == 0) return fail(Code::NotFound, "no such factor of this member");
    PROBITY_TRY(left, count_factors(tx, user));
    PROBITY_TRY(roles, second_factor_roles(tx));
    if (left == 0 && roles.has(role)) {
      return refuse(Code::Conflict,
                    "Your organisation asks for a second factor: set up another one first.");
    }
    if (left == 0) PROBITY_CHECK(delete_factors(tx, user));
    PROBITY_CHECK(tx.run(sql::identity::delete_other_sessions_of_user, {tenant, user, session}));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<std::vector<std::string>>> plan_renew_recovery_codes(const Acting& acting,
                                                                    const UserId& user) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "factor.renew_codes",
                                                        acting.actor, user.text()}));
  RecoveryCodes codes = make_recovery_codes();
  Planned<std::vector<std::string>> plan{
      {k_grant, {}, std::nullopt, store::Growth::Grows},
      std::make_shared<std::vector<std::string>>(std::move(codes.texts))};
  plan.change.apply = [user, hashes = std::move(codes.hashes),
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(lock_active(tx, user));
    PROBITY_TRY(count, count_factors(tx, user));
    if (count == 0) return refuse(Code::Conflict, "Set up a second factor first.");
    PROBITY_CHECK(put_recovery_codes(tx, user, hashes));
    return store::Journal{entry};
  };
  return plan;
}

Result<void> delete_factors(store::Tx& tx, const UserId& user) {
  const TenantId& tenant = tx.space().tenant();
  PROBITY_CHECK(tx.run(sql::identity::delete_factors_of_user, {tenant, user}));
  PROBITY_CHECK(tx.run(sql::identity::delete_recovery_codes, {tenant, user}));
  return {};
}

Result<bool> has_factor(store::Reader& reader, const UserId& user) {
  PROBITY_TRY(count, count_factors(reader, user));
  return count > 0;
}

Result<FactorMatch> match_code(store::Reader& reader, const crypto::Cipher& cipher,
                               const UserId& user, std::string_view code, Instant now) {
  const TenantId& tenant = reader.space().tenant();
  const std::string given = bare(code);
  FactorMatch match;
  PROBITY_CHECK(reader.each(
      sql::identity::factors_of_user, {tenant, user}, [&](const store::Row& row) -> Result<bool> {
        if (row.integer(1) != static_cast<std::int64_t>(FactorKind::Totp)) return true;
        const auto id = row.id<FactorId>(0);
        PROBITY_TRY(plain, cipher.open(k_factor_secret_purpose, id.bytes(), row.bytes(5)));
        const SecretBytes secret(std::move(plain));
        const auto step = crypto::matching_totp_step(secret.expose(), given, now, row.integer(6));
        if (step && !match.used)
          match.used =
              UsedFactor{.name = text_of(FactorKind::Totp), .factor = id, .counter = *step};
        return true;
      }));
  if (match.used) return match;
  const crypto::Digest hash = hash_of_recovery_code(given);
  PROBITY_TRY(count, reader.first(sql::identity::has_recovery_code, {tenant, user, hash},
                                  [](const store::Row& row) { return row.integer(0); }));
  if (count.value_or(0) > 0) match.used = UsedFactor{.name = "recovery_code", .code_hash = hash};
  return match;
}

Result<bool> use_factor(store::Tx& tx, const UserId& user, const UsedFactor& used, Instant now) {
  const TenantId& tenant = tx.space().tenant();
  if (!used.factor) {
    PROBITY_TRY(deleted, tx.run(sql::identity::use_recovery_code, {tenant, user, used.code_hash}));
    return deleted == 1;
  }
  PROBITY_TRY(moved, tx.run(sql::identity::use_factor,
                            {tenant, user, *used.factor, used.counter, now, used.sign_count}));
  return moved == 1;
}

store::Change spending(store::Change change, const UserId& user,
                       const std::optional<UsedFactor>& used, Instant now) {
  if (!used) return change;
  change.apply = [user, used = *used, now,
                  act = std::move(change.apply)](store::Tx& tx) mutable -> Result<store::Journal> {
    PROBITY_TRY(is_used, use_factor(tx, user, used, now));
    if (!is_used) return fail(Code::BadCredentials, "somebody was quicker with the code");
    return act(tx);
  };
  return change;
}

}  // namespace probity::identity
