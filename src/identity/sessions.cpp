#include "identity/sessions.hpp"

#include <algorithm>

#include "audit/entry.hpp"
#include "crypto/random.hpp"
#include "identity/settings.hpp"
#include "identity/tokens.hpp"
#include "identity/users.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

constexpr crypto::Purpose k_cookie_purpose = "session.cookie";
constexpr crypto::Purpose k_csrf_purpose = "session.csrf";
constexpr std::uint8_t k_cookie_version = 1;
constexpr std::size_t k_cookie_content_bytes = 1 + 16 + 16 + k_session_secret_bytes;
constexpr int k_sessions_shown_max = 1000;

/// The time in an id's prefix, in milliseconds: when the session began, even if its row has gone.
Instant begin_of(const SessionId& id) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i)
    ms = ms << 8 | id.raw().bytes[i];
  return Instant::from_us(ms * 1000);
}

std::unexpected<Error> unknown_session(const SessionId& id, Instant now) {
  // Swept away already: still told apart from a cookie that was never one of ours.
  if (now >= begin_of(id) + k_session_absolute) return fail(Code::SessionExpired);
  return fail(Code::Unauthenticated, "unknown or revoked session");
}

}  // namespace

struct StoreAuthenticator::StoredSession {
  UserId user;
  crypto::Digest secret_hash{};
  Instant created_at;
  Instant last_active_at;
  Role role = Role::None;
  bool is_user_active = false;
  Span idle;
  bool is_enrolment_due = false;
  ProfileKind profile = ProfileKind::NistR4;
  std::optional<Instant> password_changed_at;
  Bytes networks_allowed;  ///< Sealed.
  Bytes networks_denied;
};

Result<NewSession> make_session(const crypto::Cipher& system, TenantId tenant, Instant now) {
  NewSession session;
  session.id = SessionId::make(now);
  SecretBytes secret(crypto::random_bytes(k_session_secret_bytes));
  session.secret_hash = crypto::sha256(secret.expose());
  Bytes content{k_cookie_version};
  content.reserve(k_cookie_content_bytes);
  const auto add = [&content](BytesView part) {
    content.insert(content.end(), part.begin(), part.end());
  };
  add(session.id.bytes());
  add(tenant.bytes());
  add(secret.expose());
  auto sealed = system.seal(k_cookie_purpose, {}, content);
  wipe(content.data(), content.size());
  if (!sealed) return std::unexpected(std::move(sealed).error());
  session.cookie = to_base64url(*sealed);
  return session;
}

Result<CookieContent> open_cookie(const crypto::Cipher& system, std::string_view value) {
  constexpr std::size_t k_value_bytes = k_cookie_content_bytes + crypto::k_sealed_overhead;
  const auto sealed = value.size() <= 2 * k_value_bytes ? from_base64url(value) : std::nullopt;
  if (!sealed || sealed->size() != k_value_bytes)
    return fail(Code::Unauthenticated, "no cookie of this server");
  if (!system.is_usable()) return fail(Code::KeyUnavailable, "no system key");
  auto opened = system.open(k_cookie_purpose, {}, *sealed);
  if (!opened || opened->size() != k_cookie_content_bytes || opened->front() != k_cookie_version)
    return fail(Code::Unauthenticated, "the cookie does not open");
  SecretBytes plain(std::move(*opened));
  const BytesView view = plain.expose();
  CookieContent content;
  content.session = *SessionId::from_bytes(view.subspan(1, 16));
  content.tenant = *TenantId::from_bytes(view.subspan(17, 16));
  content.secret = SecretBytes(to_bytes(view.subspan(33)));
  return content;
}

std::string set_cookie_text(std::string_view value) {
  return std::string(k_session_cookie) + "=" + std::string(value) +
         "; Path=/; Secure; HttpOnly; SameSite=Lax";
}

std::string clear_cookie_text() { return set_cookie_text({}); }

bool ActivityBook::note(const SessionId& id, Instant now, Instant stored) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) {
    if (entries_.size() >= entries_max_) {
      // Those written a while ago are in the store as they are here.
      std::erase_if(entries_, [now](const auto& entry) {
        return entry.second.last + k_session_touch_every < now;
      });
      if (entries_.size() >= entries_max_) entries_.erase(entries_.begin());
    }
    const bool is_due = now - stored >= k_session_touch_every;
    entries_.emplace(id, Entry{now, is_due ? now : stored});
    return is_due;
  }
  Entry& entry = found->second;
  entry.last = std::max(entry.last, now);
  entry.written = std::max(entry.written, stored);
  if (now - entry.written < k_session_touch_every) return false;
  entry.written = now;
  return true;
}

Instant ActivityBook::last(const SessionId& id, Instant stored) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? stored : std::max(found->second.last, stored);
}

void ActivityBook::forget(const SessionId& id) {
  const std::scoped_lock lock(mutex_);
  entries_.erase(id);
}

std::size_t ActivityBook::entries() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

Result<StoreAuthenticator::StoredSession> StoreAuthenticator::load(const CookieContent& content) {
  auto reader = engine_.read(store::Space::of(content.tenant), k_grant);
  if (!reader && reader.error().code == Code::NotFound)
    return fail(Code::Unauthenticated, "the tenant is unknown");
  if (!reader) return std::unexpected(std::move(reader).error());
  PROBITY_TRY(found, (*reader)->first(
                         sql::identity::session_by_id, {content.tenant, content.session},
                         [](const store::Row& row) {
                           StoredSession stored;
                           stored.user = row.id<UserId>(0);
                           if (row.bytes(1).size() == stored.secret_hash.size())
                             std::ranges::copy(row.bytes(1), stored.secret_hash.begin());
                           stored.created_at = row.instant(2);
                           stored.last_active_at = row.instant(3);
                           stored.role = parse_role(row.text(4)).value_or(Role::None);
                           stored.is_user_active = row.text(5) == k_state_active;
                           stored.idle = idle_span_of(row.is_null(6) ? std::optional<std::int64_t>()
                                                                     : row.integer(6));
                           const auto roles = Roles::from_bits(row.is_null(7) ? 0 : row.integer(7));
                           stored.is_enrolment_due = roles.has(stored.role) && row.integer(8) == 0;
                           stored.profile = profile_kind_of(
                               row.is_null(9) ? std::optional<std::int64_t>() : row.integer(9));
                           stored.password_changed_at = row.maybe_instant(10);
                           if (!row.is_null(11)) stored.networks_allowed = to_bytes(row.bytes(11));
                           if (!row.is_null(12)) stored.networks_denied = to_bytes(row.bytes(12));
                           return stored;
                         }));
  if (!found) return unknown_session(content.session, clock_.now());
  return *found;
}

Result<Principal> StoreAuthenticator::by_cookie(std::string_view cookie, Activity activity) {
  PROBITY_TRY(system, engine_.cipher(store::Space::system()));
  PROBITY_TRY(content, open_cookie(*system, cookie));
  PROBITY_TRY(stored, load(content));
  const crypto::Digest given = crypto::sha256(content.secret.expose());
  if (!equal_constant_time(given, stored.secret_hash) || !stored.is_user_active)
    return fail(Code::Unauthenticated, "the session is not this one, or its user not active");
  const Instant now = clock_.now();
  PROBITY_TRY(networks, open_networks(engine_, content.tenant, stored.networks_allowed,
                                      stored.networks_denied));
  const Instant last = activity_.last(content.session, stored.last_active_at);
  Member member{content.tenant,
                stored.user,
                content.session,
                stored.role,
                stored.created_at + k_session_absolute,
                last + stored.idle,
                stored.is_enrolment_due,
                password_age(profile_of(stored.profile), stored.password_changed_at, now),
                networks};
  if (now >= member.expires_at || now >= member.idle_expires_at) {
    activity_.forget(content.session);
    return fail(Code::SessionExpired);
  }
  if (activity == Activity::User) {
    touch(member, now, stored.last_active_at);
    member.idle_expires_at = std::max(last, now) + stored.idle;
  }
  member.idle_expires_at = std::min(member.idle_expires_at, member.expires_at);
  return member;
}

void StoreAuthenticator::touch(const Member& member, Instant now, Instant stored) {
  if (!activity_.note(member.session, now, stored)) return;
  // Not waited for: if it is lost the session ends a little early. It leaves no audit entry: it
  // would be one for every quarter of a minute of everybody's work.
  store::Change change{k_grant, {}, std::nullopt, store::Growth::Essential};
  change.apply = [member, now](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::identity::touch_session, {member.tenant, member.session, now}));
    return store::Journal{};
  };
  engine_.submit(store::Space::of(member.tenant), std::move(change), [](Result<void>) {});
}

Result<Principal> StoreAuthenticator::by_bearer(std::string_view token) {
  return holder_of_token(engine_, token, clock_.now());
}

Result<std::string> StoreAuthenticator::csrf_token(const Member& member) {
  PROBITY_TRY(system, engine_.cipher(store::Space::system()));
  PROBITY_TRY(hash, system->lookup_hash(k_csrf_purpose, member.session.bytes()));
  return to_base64url(hash);
}

Result<std::vector<SessionRecord>> list_sessions(store::Reader& reader, const Acting& acting,
                                                 UserId user) {
  PROBITY_TRY(idle_s, reader.first(sql::identity::setting_number, {acting.tenant, "session_idle_s"},
                                   [](const store::Row& row) { return row.integer(0); }));
  const Span idle = idle_span_of(idle_s);
  std::vector<SessionRecord> records;
  PROBITY_CHECK(reader.each(
      sql::identity::sessions_of_user, {acting.tenant, user, k_sessions_shown_max},
      [&](const store::Row& row) -> Result<bool> {
        SessionRecord record;
        record.id = row.id<SessionId>(0);
        record.started_at = row.instant(1);
        record.last_active_at = row.instant(2);
        if (acting.now >= record.started_at + k_session_absolute ||
            acting.now >= record.last_active_at + idle + k_session_touch_every)
          return true;
        PROBITY_TRY(network,
                    acting.cipher->open(k_network_purpose, record.id.bytes(), row.bytes(3)));
        record.network = as_text(network);
        records.push_back(std::move(record));
        return true;
      }));
  return records;
}

Result<Planned<Nothing>> plan_end_session(const Acting& acting, UserId user, SessionId session) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "session.revoke", acting.actor,
                                                        session.text()}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [tenant = acting.tenant, user, session,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(ended, tx.run(sql::identity::delete_session_of_user, {tenant, session, user}));
    if (ended == 0) return fail(Code::NotFound, "no such session of this member");
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Nothing>> plan_logout(const Acting& acting, SessionId session) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "session.logout", acting.actor,
                                                        session.text()}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [tenant = acting.tenant, session,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::identity::delete_session, {tenant, session}));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Nothing>> plan_revoke_all(const Acting& acting, UserId user, Tokens tokens) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher,
                                       {acting.now, "session.revoke_all", acting.actor, user.text(),
                                        tokens == Tokens::Revoke ? R"({"tokens":true})" : ""}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [tenant = acting.tenant, user, tokens,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::identity::delete_sessions_of_user, {tenant, user}));
    if (tokens == Tokens::Revoke)
      PROBITY_CHECK(tx.run(sql::identity::delete_tokens_of_user, {tenant, user}));
    return store::Journal{entry};
  };
  return plan;
}

}  // namespace probity::identity
