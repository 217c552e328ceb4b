#include "identity/login.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "audit/entry.hpp"
#include "identity/email.hpp"
#include "identity/sessions.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

std::unexpected<Error> throttled(Span wait) {
  Error error{Code::Throttled, {}, {}, {}, 0};
  error.retry_after_s = static_cast<int>((wait.us() + 999'999) / 1'000'000);
  return std::unexpected(std::move(error));
}

struct Attempts {
  std::int64_t failures = 0;
  Instant failed_at;
};

/// Counts a failure from the moment it is found until its row is committed or given up.
class CountedFailure {
 public:
  CountedFailure(std::shared_ptr<PendingFailures> book, const crypto::Digest& account,
                 std::int64_t seen)
      : book_(std::move(book)), account_(account) {
    book_->add(account_, seen);
  }
  ~CountedFailure() { book_->remove(account_); }
  CountedFailure(const CountedFailure&) = delete;
  CountedFailure& operator=(const CountedFailure&) = delete;

 private:
  std::shared_ptr<PendingFailures> book_;
  crypto::Digest account_;
};

}  // namespace

struct Login::Found {
  UserId id;
  Role role = Role::None;
  bool is_active = false;
  Bytes password_sealed;
  std::optional<Instant> password_changed_at;
  Bytes email_sealed;
};

Result<Login::Account> Login::check_waits(TenantId tenant, const crypto::Digest& name,
                                          BytesView address) {
  const Instant now = clock_.now();
  if (const Span wait = addresses_.wait_of(address, now); wait > Span()) return throttled(wait);
  // In this order: what is committed in between is then seen in the store.
  const std::int64_t expected = pending_->expected(name);
  PROBITY_TRY(reader, engine_.read(store::Space::of(tenant), k_grant));
  PROBITY_TRY(stored,
              reader->first(sql::identity::attempts, {tenant, name}, [](const store::Row& row) {
                return Attempts{row.integer(0), row.instant(1)};
              }));
  const Attempts attempts = stored.value_or(Attempts{0, now});
  const std::int64_t failures = std::max(attempts.failures, expected);
  if (failures >= k_failures_max) {
    return refuse(Code::Banned,
                  "Shut out after too many failed log-ins. Ask an owner for a new set-up link.");
  }
  const Span wait = wait_after(failures);
  const Instant since = expected > attempts.failures ? now : attempts.failed_at;
  // A clock that was set back does not make anybody wait longer than the rule says.
  const Span left = std::min(since + wait - now, wait);
  if (left > Span()) return throttled(left);
  return Account{name, failures};
}

Result<bool> Login::is_right(const Acting& acting, const std::optional<Found>& found,
                             std::string_view password) {
  PROBITY_TRY(normal, normal_password(password));
  if (!found || !found->is_active || found->password_sealed.empty()) {
    hasher_.spend(normal.expose_text());
    return false;
  }
  PROBITY_TRY(encoded,
              acting.cipher->open(k_password_purpose, found->id.bytes(), found->password_sealed));
  return hasher_.verify(as_text(encoded), normal.expose_text());
}

Result<Planned<LoginOutcome>> Login::attempt(const Credentials& credentials) {
  const Instant now = clock_.now();
  if (credentials.tenant.is_nil()) {
    if (const Span wait = addresses_.wait_of(credentials.address, now); wait > Span())
      return throttled(wait);
    PROBITY_TRY(normal, normal_password(credentials.password));
    hasher_.spend(normal.expose_text());
    addresses_.note_failure(credentials.address, now);
    return fail(Code::BadCredentials, "unknown tenant");
  }
  const store::Space space = store::Space::of(credentials.tenant);
  PROBITY_TRY(cipher, engine_.cipher(space));
  const Acting acting{credentials.tenant, "anonymous", {}, now, cipher};
  PROBITY_TRY(name, email_hash(*cipher, credentials.email));
  PROBITY_TRY(account, check_waits(credentials.tenant, name, credentials.address));
  PROBITY_TRY(reader, engine_.read(space, k_grant));
  PROBITY_TRY(found, reader->first(sql::identity::user_by_email, {credentials.tenant, name},
                                   [](const store::Row& row) {
                                     Found user;
                                     user.id = row.id<UserId>(0);
                                     user.role = parse_role(row.text(1)).value_or(Role::None);
                                     user.is_active = row.text(2) == k_state_active;
                                     if (!row.is_null(3))
                                       user.password_sealed = to_bytes(row.bytes(3));
                                     user.password_changed_at = row.maybe_instant(4);
                                     user.email_sealed = to_bytes(row.bytes(5));
                                     return user;
                                   }));
  PROBITY_TRY(is_in, is_right(acting, found, credentials.password));
  if (is_in) return open(acting, *found, credentials, account);
  PROBITY_TRY(change, failure(acting, found ? found->id.text() : std::string(), account,
                              credentials.address));
  return Planned<LoginOutcome>{std::move(change), std::make_shared<LoginOutcome>()};
}

Result<store::Change> Login::failure(const Acting& acting, std::string object,
                                     const Account& account, BytesView address) {
  addresses_.note_failure(address, acting.now);
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "session.login", acting.actor,
                                                        std::move(object)}));
  entry.outcome = fmt::format("refused:{}", code_info(Code::BadCredentials).text);
  store::Change change{k_grant, {}, std::nullopt, store::Growth::Essential};
  change.apply = [name = account.name, now = acting.now, entry = std::move(entry),
                  counted =
                      std::make_unique<CountedFailure>(pending_, account.name, account.failures)](
                     store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::identity::note_failure, {tx.space().tenant(), name, now}));
    return store::Journal{entry};
  };
  return change;
}

Result<Planned<LoginOutcome>> Login::open(const Acting& acting, const Found& found,
                                          const Credentials& credentials, const Account& account) {
  PROBITY_TRY(system, engine_.cipher(store::Space::system()));
  PROBITY_TRY(session, make_session(*system, acting.tenant, acting.now));
  const std::string network = network_of(credentials.address, AddressFormat::V4Slash24);
  PROBITY_TRY(sealed_network,
              acting.cipher->seal(k_network_purpose, session.id.bytes(), as_bytes(network)));
  PROBITY_TRY(email, acting.cipher->open(k_email_purpose, found.id.bytes(), found.email_sealed));
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "session.login",
                                                        found.id.text(), session.id.text()}));
  Planned<LoginOutcome> plan{{k_grant, {}, std::nullopt, store::Growth::Essential},
                             std::make_shared<LoginOutcome>()};
  plan.outcome->cookie = session.cookie;
  plan.outcome->email = as_text(email);
  plan.change.apply = [found, name = account.name, now = acting.now, id = session.id,
                       secret_hash = session.secret_hash, sealed = std::move(sealed_network),
                       outcome = plan.outcome,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    const TenantId& tenant = tx.space().tenant();
    // Disabled, deleted or given another password while the hash was being computed.
    PROBITY_TRY(state, tx.first(sql::identity::lock_user, {tenant, found.id},
                                [](const store::Row& row) { return std::string(row.text(0)); }));
    PROBITY_TRY(changed_at, tx.first(sql::identity::user_by_id, {tenant, found.id},
                                     [](const store::Row& row) { return row.maybe_instant(4); }));
    if (state != k_state_active || !changed_at || *changed_at != found.password_changed_at)
      return fail(Code::BadCredentials, "the account changed during the log-in");
    PROBITY_CHECK(
        tx.run(sql::identity::insert_session, {tenant, id, found.id, secret_hash, now, sealed}));
    PROBITY_CHECK(
        tx.run(sql::identity::delete_sessions_beyond, {tenant, found.id, k_sessions_per_user_max}));
    PROBITY_CHECK(tx.run(sql::identity::clear_failures, {tenant, name}));
    PROBITY_CHECK(tx.run(sql::identity::set_last_login, {tenant, found.id, now}));
    PROBITY_TRY(idle, tx.first(sql::identity::setting_number, {tenant, "session_idle_s"},
                               [](const store::Row& row) { return row.integer(0); }));
    outcome->member = Member{
        tenant, found.id, id, found.role, now + k_session_absolute, now + idle_span_of(idle)};
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<PasswordOutcome>> Login::change_password(store::Reader& reader, const Acting& acting,
                                                        const PasswordChange& change,
                                                        BytesView address) {
  PROBITY_TRY(name, reader.first(sql::identity::user_by_id, {acting.tenant, change.user},
                                 [](const store::Row& row) {
                                   crypto::Digest hash{};
                                   if (row.bytes(6).size() == hash.size())
                                     std::ranges::copy(row.bytes(6), hash.begin());
                                   return hash;
                                 }));
  if (!name) return fail(Code::Unauthenticated, "the member is gone");
  PROBITY_TRY(account, check_waits(acting.tenant, *name, address));
  auto planned = plan_change_password(reader, hasher_, acting, change);
  if (planned) {
    return Planned<PasswordOutcome>{std::move(planned->change),
                                    std::make_shared<PasswordOutcome>(PasswordOutcome{true})};
  }
  if (planned.error().code != Code::BadCredentials)
    return std::unexpected(std::move(planned).error());
  PROBITY_TRY(noted, failure(acting, change.user.text(), account, address));
  return Planned<PasswordOutcome>{std::move(noted), std::make_shared<PasswordOutcome>()};
}

}  // namespace probity::identity
