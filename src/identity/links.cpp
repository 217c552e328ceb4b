#include "identity/links.hpp"

#include <algorithm>
#include <span>

#include "audit/entry.hpp"
#include "crypto/random.hpp"
#include "identity/counters.hpp"
#include "identity/email.hpp"
#include "identity/limits.hpp"
#include "identity/policy.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

constexpr std::size_t k_link_bytes = 16 + k_link_secret_bytes;

struct StoredLink {
  RawId id;
  UserId user;
  Instant expires_at;
  bool has_ended = false;
};

std::optional<Bytes> parse_link(std::string_view token) {
  if (token.size() > 2 * k_link_bytes) return {};
  auto bytes = from_base64url(token);
  if (!bytes || bytes->size() != k_link_bytes) return {};
  return bytes;
}

Result<StoredLink> find_link(store::Reader& reader, std::string_view token, Instant now) {
  const auto bytes = parse_link(token);
  if (!bytes) return fail(Code::NotFound, "no link of this server");
  PROBITY_TRY(found, reader.first(sql::identity::link_by_token,
                                  {reader.space().tenant(), crypto::sha256(*bytes)},
                                  [](const store::Row& row) {
                                    return StoredLink{row.id<UserId>(0).raw(), row.id<UserId>(1),
                                                      row.instant(2), !row.is_null(3)};
                                  }));
  if (!found) return fail(Code::NotFound, "unknown link");
  if (found->has_ended || now >= found->expires_at)
    return refuse(Code::Gone,
                  "This link has been used, replaced or has expired. Ask for a new one.");
  return *found;
}

/// What is known of a member whose password is set.
struct Owner {
  Counters counters;
  Bytes password_sealed;
  std::string state;
  PasswordContext context;
};

Result<Owner> load_owner(store::Reader& reader, const crypto::Cipher& cipher, const UserId& user,
                         std::string_view slug) {
  Owner owner;
  bool is_found = false;
  crypto::Digest name{};
  PROBITY_CHECK(reader.each(sql::identity::user_by_id, {reader.space().tenant(), user},
                            [&](const store::Row& row) -> Result<bool> {
                              is_found = true;
                              owner.state = std::string(row.text(2));
                              if (!row.is_null(3)) owner.password_sealed = to_bytes(row.bytes(3));
                              PROBITY_TRY(email,
                                          cipher.open(k_email_purpose, user.bytes(), row.bytes(5)));
                              owner.context.email = as_text(email);
                              if (row.bytes(6).size() == name.size())
                                std::ranges::copy(row.bytes(6), name.begin());
                              return false;
                            }));
  if (!is_found) return fail(Code::Gone, "the member is gone");
  PROBITY_TRY(counters, counters_of(cipher, name));
  owner.counters = counters;
  PROBITY_TRY(settings, load_settings(reader, cipher));
  owner.context.organisation = settings.organisation_name;
  owner.context.slug = std::string(slug);
  owner.context.profile = settings.password_profile;
  return owner;
}

struct NewPassword {
  Bytes sealed;
  Counters counters;
  PasswordContext context;
  std::optional<crypto::Digest> tag;  ///< Where the profile asks for what was used before.
};

/// By which a password that was used before is found again; nothing can be tried at it without the
/// tenant's key.
Result<crypto::Digest> tag_of(Hasher& hasher, const crypto::Cipher& cipher,
                              std::string_view password) {
  PROBITY_TRY(salt, cipher.lookup_hash("password.tag.salt", {}));
  PROBITY_TRY(slow, hasher.tag(password, std::span(salt).first<16>()));
  return cipher.lookup_hash("password.tag", slow);
}

/// Checks, hashes and seals a new password. Blocks for a hash; for up to three under a profile that
/// asks for what was used before.
Result<NewPassword> make_password(Hasher& hasher, const crypto::Cipher& cipher, const UserId& user,
                                  Owner owner, std::string_view text) {
  PROBITY_TRY(password, check_password(text, owner.context));
  NewPassword fresh{{}, owner.counters, owner.context, {}};
  if (profile_of(owner.context.profile).history > 0) {
    // The one in force may be older than the profile, and have no tag.
    if (!owner.password_sealed.empty()) {
      PROBITY_TRY(now, cipher.open(k_password_purpose, user.bytes(), owner.password_sealed));
      if (hasher.verify(as_text(now), password.expose_text()))
        return std::unexpected(reused_password(owner.context));
    }
    PROBITY_TRY(tag, tag_of(hasher, cipher, password.expose_text()));
    fresh.tag = tag;
  }
  PROBITY_TRY(encoded, hasher.hash(password.expose_text()));
  PROBITY_TRY(sealed, cipher.seal(k_password_purpose, user.bytes(), as_bytes(encoded)));
  fresh.sealed = std::move(sealed);
  return fresh;
}

/// Notes a new password among those that must not come back; refuses one that is there.
Result<void> note_password(store::Tx& tx, const UserId& user, const NewPassword& fresh,
                           Instant now) {
  const TenantId& tenant = tx.space().tenant();
  if (!fresh.tag) {
    PROBITY_CHECK(tx.run(sql::identity::delete_password_tags, {tenant, user}));
    return {};
  }
  const PasswordProfile& profile = profile_of(fresh.context.profile);
  // Two members who choose alike at one moment: one after the other.
  if (profile.is_unique) PROBITY_CHECK(tx.run(sql::identity::lock_settings, {tenant}));
  PROBITY_TRY(alike, tx.first(sql::identity::passwords_alike,
                              {tenant, *fresh.tag, user, profile.is_unique ? 1 : 0},
                              [](const store::Row& row) { return row.integer(0); }));
  if (alike.value_or(0) > 0) return std::unexpected(reused_password(fresh.context));
  PROBITY_CHECK(tx.run(sql::identity::retire_password_tags, {tenant, user}));
  PROBITY_CHECK(tx.run(sql::identity::insert_password_tag, {tenant, user, *fresh.tag, now}));
  PROBITY_CHECK(
      tx.run(sql::identity::delete_password_tags_beyond, {tenant, user, profile.history}));
  return {};
}

/// What both ways of setting a password have in common, within a Change. Failed log-ins were
/// guesses at the old password: their counters start anew.
Result<void> store_password(store::Tx& tx, const UserId& user, const NewPassword& fresh,
                            Instant now) {
  const TenantId& tenant = tx.space().tenant();
  PROBITY_CHECK(note_password(tx, user, fresh, now));
  PROBITY_TRY(stored, tx.run(sql::identity::set_password,
                             {tenant, user, fresh.sealed, now, k_state_active}));
  if (stored == 0) return fail(Code::Gone, "the member is gone");
  PROBITY_CHECK(clear_counters(tx, fresh.counters));
  PROBITY_CHECK(tx.run(sql::identity::delete_sessions_of_user, {tenant, user}));
  return end_links_of(tx, user, now);
}

Result<std::string> lock_state(store::Tx& tx, const UserId& user) {
  PROBITY_TRY(state, tx.first(sql::identity::lock_user, {tx.space().tenant(), user},
                              [](const store::Row& row) { return std::string(row.text(0)); }));
  return state.value_or(std::string());
}

}  // namespace

NewLink make_link(TenantId tenant, UserId user, Instant now) {
  NewLink link;
  link.id = make_raw_id(now);
  link.user = user;
  link.created_at = now;
  Bytes bytes = to_bytes(tenant.bytes());
  const SecretBytes secret(crypto::random_bytes(k_link_secret_bytes));
  bytes.insert(bytes.end(), secret.expose().begin(), secret.expose().end());
  link.token = to_base64url(bytes);
  link.token_hash = crypto::sha256(bytes);
  wipe(bytes.data(), bytes.size());
  return link;
}

Result<void> insert_link(store::Tx& tx, const NewLink& link) {
  PROBITY_CHECK(tx.run(sql::identity::insert_link,
                       {tx.space().tenant(), link.id.bytes, link.token_hash, link.user,
                        link.created_at, link.created_at + k_link_life}));
  return {};
}

Result<void> end_links_of(store::Tx& tx, const UserId& user, Instant now) {
  PROBITY_CHECK(tx.run(sql::identity::end_links_of_user, {tx.space().tenant(), user, now}));
  return {};
}

std::optional<TenantId> tenant_of_link(std::string_view token) {
  const auto bytes = parse_link(token);
  if (!bytes) return {};
  const auto tenant = TenantId::from_bytes(BytesView(*bytes).first(16));
  // The nil tenant stands for the system's space, which no link may name.
  if (!tenant || tenant->is_nil()) return {};
  return tenant;
}

Result<UserId> look_at_link(store::Reader& reader, std::string_view token, Instant now) {
  PROBITY_TRY(link, find_link(reader, token, now));
  return link.user;
}

Result<Planned<Nothing>> plan_redeem(store::Reader& reader, Hasher& hasher, const Acting& acting,
                                     const Redemption& redemption) {
  PROBITY_TRY(link, find_link(reader, redemption.token, acting.now));
  PROBITY_TRY(owner, load_owner(reader, *acting.cipher, link.user, redemption.tenant_slug));
  PROBITY_TRY(fresh, make_password(hasher, *acting.cipher, link.user, std::move(owner),
                                   redemption.password));
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "link.redeem", link.user.text(),
                                                        link.user.text()}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [link, now = acting.now, fresh = std::move(fresh),
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    const TenantId& tenant = tx.space().tenant();
    PROBITY_TRY(ended, tx.run(sql::identity::end_link, {tenant, link.id.bytes, now}));
    PROBITY_TRY(state, lock_state(tx, link.user));
    if (ended == 0 || state.empty() || state == k_state_disabled)
      return refuse(Code::Gone, "This link has been used or replaced. Ask for a new one.");
    PROBITY_CHECK(store_password(tx, link.user, fresh, now));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Nothing>> plan_change_password(store::Reader& reader, Hasher& hasher,
                                              const Acting& acting, const PasswordChange& change) {
  PROBITY_TRY(owner, load_owner(reader, *acting.cipher, change.user, change.tenant_slug));
  PROBITY_TRY(current, normal_password(change.current));
  PROBITY_TRY(encoded,
              acting.cipher->open(k_password_purpose, change.user.bytes(), owner.password_sealed));
  if (!hasher.verify(as_text(encoded), current.expose_text()))
    return fail(Code::BadCredentials, "the current password is wrong");
  owner.context.field = "/new";
  PROBITY_TRY(fresh,
              make_password(hasher, *acting.cipher, change.user, std::move(owner), change.fresh));
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "password.change", acting.actor,
                                                        change.user.text()}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [user = change.user, now = acting.now, fresh = std::move(fresh),
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(state, lock_state(tx, user));
    if (state != k_state_active) return fail(Code::Unauthenticated, "the member is not active");
    PROBITY_CHECK(store_password(tx, user, fresh, now));
    return store::Journal{entry};
  };
  return plan;
}

}  // namespace probity::identity
