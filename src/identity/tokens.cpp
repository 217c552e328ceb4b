#include "identity/tokens.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "audit/entry.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "identity/limits.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

constexpr crypto::Purpose k_name_purpose = "token.name";
constexpr std::size_t k_token_bytes = 16 + 16 + k_token_secret_bytes;

std::int64_t day_of(Instant at) { return at.s() / (24 * 60 * 60); }

/// The permissions named, or what is wrong with them.
Result<Permissions> check_scopes(const Acting& acting, const std::vector<std::string>& scopes) {
  Permissions asked;
  for (const std::string& scope : scopes) {
    const auto permission = parse_permission(scope);
    if (!permission)
      return refuse_field(Code::BadRequest, "/scopes", "One of them is no permission.");
    asked.add(*permission);
  }
  if (asked.is_empty()) return refuse_field(Code::BadRequest, "/scopes", "At least one is needed.");
  if (!acting.permissions.contains(asked))
    return refuse_field(Code::Forbidden, "/scopes", "A token cannot hold more than its maker.");
  return asked;
}

std::string text_of(Permissions permissions) {
  std::string text;
  for (std::size_t i = 0; i < k_permission_count; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (!permissions.has(permission)) continue;
    if (!text.empty()) text += ' ';
    text += text_of(permission);
  }
  return text;
}

Permissions permissions_in(std::string_view text) {
  Permissions permissions;
  for (const std::string_view word : split(text, ' '))
    if (const auto permission = parse_permission(word)) permissions.add(*permission);
  return permissions;
}

struct ParsedToken {
  TenantId tenant;
  TokenId id;
  crypto::Digest secret_hash{};
};

std::optional<ParsedToken> parse_token(std::string_view text) {
  if (!text.starts_with(k_token_prefix) || text.size() > 2 * k_token_bytes) return {};
  const auto bytes = from_base64url(text.substr(k_token_prefix.size()));
  if (!bytes || bytes->size() != k_token_bytes) return {};
  const BytesView view = *bytes;
  const TenantId tenant = *TenantId::from_bytes(view.first(16));
  // The nil tenant stands for the system's space, which no token may name.
  if (tenant.is_nil()) return {};
  return ParsedToken{tenant, *TokenId::from_bytes(view.subspan(16, 16)),
                     crypto::sha256(view.subspan(32))};
}

struct StoredToken {
  UserId user;
  Bytes secret_hash;
  Permissions scopes;
  std::optional<Instant> expires_at;
  std::int64_t used_day = 0;
  Role role = Role::None;
  bool is_user_active = false;
  /// From when on it is too old for the tenant's rules.
  std::optional<Instant> ends_at;
  Bytes networks_allowed;  ///< Sealed.
  Bytes networks_denied;
};

StoredToken token_of(const store::Row& row) {
  return {row.id<UserId>(0),
          to_bytes(row.bytes(1)),
          permissions_in(row.text(2)),
          row.maybe_instant(3),
          row.is_null(4) ? -1 : row.integer(4),
          parse_role(row.text(5)).value_or(Role::None),
          row.text(6) == k_state_active,
          password_age(profile_of(profile_kind_of(row.is_null(8) ? std::optional<std::int64_t>()
                                                                 : row.integer(8))),
                       row.instant(7), row.instant(7))
              .ends_at,
          row.is_null(9) ? Bytes() : to_bytes(row.bytes(9)),
          row.is_null(10) ? Bytes() : to_bytes(row.bytes(10))};
}

void touch(store::Engine& engine, const ParsedToken& token, std::int64_t day) {
  // Once a day and not waited for; leaves no audit entry, as activity of sessions leaves none.
  store::Change change{k_grant, {}, std::nullopt, store::Growth::Essential};
  change.apply = [id = token.id, day](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::identity::touch_token, {tx.space().tenant(), id, day}));
    return store::Journal{};
  };
  engine.submit(store::Space::of(token.tenant), std::move(change), [](Result<void>) {});
}

}  // namespace

Result<Planned<MadeToken>> plan_token(const Acting& acting, UserId user, const NewToken& token) {
  PROBITY_TRY(scopes, check_scopes(acting, token.scopes));
  const std::string_view name = trim(token.name);
  if (name.empty() || name.size() > k_token_name_bytes_max || !is_utf8(name))
    return refuse_field(Code::BadRequest, "/name", "1 to 200 bytes of text.");
  if (token.expires_in_days &&
      (*token.expires_in_days < 1 || *token.expires_in_days > k_token_days_max))
    return refuse_field(Code::BadRequest, "/expires_in_days", "A whole number from 1 to 3660.");
  std::optional<Instant> expires_at;
  if (token.expires_in_days) expires_at = acting.now + Span::days(*token.expires_in_days);

  const TokenId id = TokenId::make(acting.now);
  Bytes content = to_bytes(acting.tenant.bytes());
  content.insert(content.end(), id.bytes().begin(), id.bytes().end());
  const SecretBytes secret(crypto::random_bytes(k_token_secret_bytes));
  content.insert(content.end(), secret.expose().begin(), secret.expose().end());
  PROBITY_TRY(sealed_name, acting.cipher->seal(k_name_purpose, id.bytes(), as_bytes(name)));
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher,
                                       {acting.now, "token.create", acting.actor, id.text()}));
  Planned<MadeToken> plan{{k_grant, {}, std::nullopt, store::Growth::Grows},
                          std::make_shared<MadeToken>(
                              MadeToken{id, std::string(k_token_prefix) + to_base64url(content)})};
  wipe(content.data(), content.size());
  plan.change.apply = [=, tenant = acting.tenant, now = acting.now, texts = text_of(scopes),
                       hash = crypto::sha256(secret.expose()), name_bytes = std::move(sealed_name),
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    // No token outlives what a password may.
    PROBITY_TRY(profile, password_profile(tx));
    const auto most = password_age(profile_of(profile), now, now).ends_at;
    if (most && expires_at && *expires_at > *most) {
      return refuse_field(Code::LimitExceeded, "/expires_in_days",
                          fmt::format("At most {} under the organisation's rules for passwords.",
                                      profile_of(profile).rotation_days));
    }
    PROBITY_CHECK(tx.run(sql::identity::insert_token, {tenant, id, user, hash, name_bytes, texts,
                                                       now, expires_at ? expires_at : most}));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Nothing>> plan_revoke_token(const Acting& acting, TokenId token) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher,
                                       {acting.now, "token.revoke", acting.actor, token.text()}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [tenant = acting.tenant, token,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(gone, tx.run(sql::identity::delete_token, {tenant, token}));
    if (gone == 0) return fail(Code::NotFound, "no such token");
    return store::Journal{entry};
  };
  return plan;
}

Result<std::vector<TokenRecord>> list_tokens(store::Reader& reader, const crypto::Cipher& cipher,
                                             TokenId after, int limit) {
  std::vector<TokenRecord> records;
  PROBITY_CHECK(
      reader.each(sql::identity::list_tokens, {reader.space().tenant(), after, limit},
                  [&](const store::Row& row) -> Result<bool> {
                    TokenRecord record;
                    record.id = row.id<TokenId>(0);
                    record.made_by = row.id<UserId>(1);
                    PROBITY_TRY(name, cipher.open(k_name_purpose, record.id.bytes(), row.bytes(2)));
                    record.name = as_text(name);
                    record.scopes = std::string(row.text(3));
                    record.created_at = row.instant(4);
                    record.expires_at = row.maybe_instant(5);
                    if (!row.is_null(6))
                      record.used_on = Instant::from_s(row.integer(6) * 24 * 60 * 60);
                    records.push_back(std::move(record));
                    return true;
                  }));
  return records;
}

Result<Principal> holder_of_token(store::Engine& engine, std::string_view text, Instant now) {
  const auto parsed = parse_token(text);
  if (!parsed) return fail(Code::Unauthenticated, "no token of this server");
  auto reader = engine.read(store::Space::of(parsed->tenant), k_grant);
  if (!reader && reader.error().code == Code::NotFound)
    return fail(Code::Unauthenticated, "the tenant is unknown");
  if (!reader) return std::unexpected(std::move(reader).error());
  PROBITY_TRY(stored,
              (*reader)->first(sql::identity::token_by_id, {parsed->tenant, parsed->id}, token_of));
  if (!stored || !equal_constant_time(stored->secret_hash, parsed->secret_hash) ||
      !stored->is_user_active || (stored->expires_at && now >= *stored->expires_at) ||
      (stored->ends_at && now >= *stored->ends_at))
    return fail(Code::Unauthenticated, "token unknown, expired, or its maker not active");
  if (day_of(now) > stored->used_day) touch(engine, *parsed, day_of(now));
  PROBITY_TRY(networks, open_networks(engine, parsed->tenant, stored->networks_allowed,
                                      stored->networks_denied));
  return TokenHolder{parsed->tenant, parsed->id, stored->user,
                     stored->scopes.common_with(permissions_of(stored->role)), networks};
}

}  // namespace probity::identity
