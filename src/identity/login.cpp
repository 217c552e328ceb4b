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

Result<Login::Account> Login::find_account(const Acting& acting, const crypto::Digest& name,
                                           BytesView address, Instant& failed_at) {
  Account account;
  PROBITY_TRY(counters, counters_of(*acting.cipher, name));
  PROBITY_TRY(network, known_network_of(*acting.cipher, name, address));
  account.counters = counters;
  account.network = network;
  // In this order: what is committed in between is then seen in the store.
  const std::int64_t of_strangers = pending_->expected(counters.strangers);
  const std::int64_t of_known = pending_->expected(counters.known);
  PROBITY_TRY(reader, engine_.read(store::Space::of(acting.tenant), k_grant));
  const auto row_of = [&](const crypto::Digest& key) {
    return reader->first(sql::identity::attempts, {acting.tenant, key}, [](const store::Row& row) {
      return Attempts{row.integer(0), row.instant(1)};
    });
  };
  PROBITY_TRY(seen, row_of(network));
  account.is_known = seen && acting.now < seen->failed_at + k_network_memory;
  PROBITY_TRY(stored, row_of(account.counter()));
  const Attempts attempts = stored.value_or(Attempts{0, acting.now});
  const std::int64_t expected = account.is_known ? of_known : of_strangers;
  account.failures = std::max(attempts.failures, expected);
  failed_at = expected > attempts.failures ? acting.now : attempts.failed_at;
  return account;
}

Result<Login::Account> Login::check_waits(const Acting& acting, const crypto::Digest& name,
                                          BytesView address) {
  if (const Span wait = addresses_.wait_of(address, acting.now); wait > Span())
    return throttled(wait);
  Instant since;
  PROBITY_TRY(account, find_account(acting, name, address, since));
  const std::int64_t most =
      account.is_known ? k_failures_of_known_max : k_failures_of_strangers_max;
  if (account.failures >= most) {
    return refuse(
        Code::Banned,
        "Shut out after too many failed log-ins. Log in from where you did before, or ask "
        "an owner, or who runs this server, for a new set-up link.");
  }
  const Span wait = wait_after(account.failures);
  // A clock that was set back does not make anybody wait longer than the rule says.
  const Span left = std::min(since + wait - acting.now, wait);
  if (left > Span()) return throttled(left);
  return account;
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
  PROBITY_TRY(account, check_waits(acting, name, credentials.address));
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
  const crypto::Digest counter = account.counter();
  change.apply = [counter, now = acting.now, entry = std::move(entry),
                  counted = std::make_unique<CountedFailure>(pending_, counter, account.failures)](
                     store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::identity::note_failure, {tx.space().tenant(), counter, now}));
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
  plan.change.apply = [found, account, now = acting.now, id = session.id,
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
    // The other counter goes on: a member who comes in daily gives strangers no fresh guesses.
    PROBITY_CHECK(tx.run(sql::identity::clear_failures, {tenant, account.counter()}));
    PROBITY_CHECK(tx.run(sql::identity::know_network, {tenant, account.network, now}));
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
  PROBITY_TRY(account, check_waits(acting, *name, address));
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
