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

crypto::Digest digest_of(BytesView bytes) {
  crypto::Digest digest{};
  if (bytes.size() == digest.size()) std::ranges::copy(bytes, digest.begin());
  return digest;
}

constexpr crypto::Purpose k_ticket_purpose = "login.ticket";

/// What the ticket of a second step says: this member's password was right, and which one.
struct Ticket {
  UserId user;
  std::optional<Instant> password_changed_at;
};

Result<std::string> make_ticket(const crypto::Cipher& cipher, const UserId& user,
                                std::optional<Instant> password_changed_at, Instant now) {
  Bytes plain = to_bytes(user.bytes());
  append_u64(plain, static_cast<std::uint64_t>(password_changed_at.value_or(Instant()).us()));
  append_u64(plain, static_cast<std::uint64_t>((now + k_second_step_life).us()));
  PROBITY_TRY(sealed, cipher.seal(k_ticket_purpose, {}, plain));
  return to_base64url(sealed);
}

Result<Ticket> open_ticket(const crypto::Cipher& cipher, std::string_view text, Instant now) {
  constexpr std::size_t k_plain_bytes = 16 + 8 + 8;
  const auto sealed = text.size() <= 256 ? from_base64url(text) : std::nullopt;
  if (!sealed || sealed->size() != k_plain_bytes + crypto::k_sealed_overhead)
    return fail(Code::Unauthenticated, "no ticket of this server");
  if (!cipher.is_usable()) return fail(Code::KeyUnavailable, "no key of the tenant");
  const auto plain = cipher.open(k_ticket_purpose, {}, *sealed);
  if (!plain) return fail(Code::Unauthenticated, "the ticket does not open");
  ByteReader reader(*plain);
  Ticket ticket;
  ticket.user = *UserId::from_bytes(reader.take(16));
  ticket.password_changed_at = Instant::from_us(static_cast<std::int64_t>(reader.u64()));
  if (now >= Instant::from_us(static_cast<std::int64_t>(reader.u64())))
    return fail(Code::Unauthenticated, "the ticket is too old");
  return ticket;
}

/// What the audit log says of a factor that was refused.
std::string_view detail_of(const FactorMatch& match) {
  return match.is_copy_suspected ? R"({"factor":"passkey","suspected":"copy"})" : "";
}

/// The factor that was given is used up; without one there is none meanwhile.
Result<void> check_factor(store::Tx& tx, const UserId& user, const std::optional<UsedFactor>& used,
                          Instant now) {
  PROBITY_TRY(is_fine, used ? use_factor(tx, user, *used, now) : has_factor(tx, user));
  if (is_fine == used.has_value()) return {};
  return fail(Code::BadCredentials, "somebody was quicker with the code, or it is needed by now");
}

}  // namespace

struct Login::Found {
  UserId id;
  Role role = Role::None;
  bool is_active = false;
  Bytes password_sealed;
  std::optional<Instant> password_changed_at;
  Bytes email_sealed;

  /// Of user_by_email and user_by_id.
  static Found of(const store::Row& row) {
    Found user;
    user.id = row.id<UserId>(0);
    user.role = parse_role(row.text(1)).value_or(Role::None);
    user.is_active = row.text(2) == k_state_active;
    if (!row.is_null(3)) user.password_sealed = to_bytes(row.bytes(3));
    user.password_changed_at = row.maybe_instant(4);
    user.email_sealed = to_bytes(row.bytes(5));
    return user;
  }
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

Result<void> Login::check_tenant(const TenantId& tenant, std::string_view password,
                                 BytesView address, Instant now) {
  if (!tenant.is_nil()) return {};
  if (const Span wait = addresses_.wait_of(address, now); wait > Span()) return throttled(wait);
  PROBITY_TRY(normal, normal_password(password));
  hasher_.spend(normal.expose_text());
  addresses_.note_failure(address, now);
  return fail(Code::BadCredentials, "unknown tenant");
}

Result<Planned<LoginOutcome>> Login::attempt(const Credentials& credentials) {
  const Instant now = clock_.now();
  PROBITY_CHECK(check_tenant(credentials.tenant, credentials.password, credentials.address, now));
  const store::Space space = store::Space::of(credentials.tenant);
  PROBITY_TRY(cipher, engine_.cipher(space));
  const Acting acting{credentials.tenant, "anonymous", {}, now, cipher};
  PROBITY_TRY(name, email_hash(*cipher, credentials.email));
  PROBITY_TRY(account, check_waits(acting, name, credentials.address));
  PROBITY_TRY(reader, engine_.read(space, k_grant));
  PROBITY_TRY(found,
              reader->first(sql::identity::user_by_email, {credentials.tenant, name}, &Found::of));
  PROBITY_TRY(is_in, is_right(acting, found, credentials.password));
  if (is_in)
    return go_on(acting, *reader, *found, account, credentials.factor, credentials.address);
  return refused(acting, {found ? found->id.text() : std::string(), &account}, credentials.address);
}

Result<Planned<LoginOutcome>> Login::attempt_second(const SecondStep& step) {
  const Instant now = clock_.now();
  // Not asked for once more: each question would make the ticket last longer.
  if (step.factor.is_empty()) return refuse_field(Code::BadRequest, "/code", "Type the code.");
  PROBITY_CHECK(check_tenant(step.tenant, step.factor.code, step.address, now));
  const store::Space space = store::Space::of(step.tenant);
  PROBITY_TRY(cipher, engine_.cipher(space));
  const Acting acting{step.tenant, "anonymous", {}, now, cipher};
  PROBITY_TRY(ticket, open_ticket(*cipher, step.ticket, now));
  PROBITY_TRY(reader, engine_.read(space, k_grant));
  crypto::Digest name{};
  PROBITY_TRY(found, reader->first(sql::identity::user_by_id, {step.tenant, ticket.user},
                                   [&](const store::Row& row) {
                                     name = digest_of(row.bytes(6));
                                     return Found::of(row);
                                   }));
  const bool is_as_then = found && found->password_changed_at == ticket.password_changed_at;
  if (!is_as_then || !found->is_active)
    return fail(Code::Unauthenticated, "the account changed since the password was typed");
  PROBITY_TRY(account, check_waits(acting, name, step.address));
  return go_on(acting, *reader, *found, account, step.factor, step.address);
}

Result<FactorMatch> Login::match(const Acting& acting, store::Reader& reader, const UserId& user,
                                 const GivenFactor& given) {
  const crypto::Cipher& cipher = *acting.cipher;
  if (given.assertion == nullptr) return match_code(reader, cipher, user, given.code, acting.now);
  const auto challenged =
      challenged_at(cipher, k_challenge_to_member, user.bytes(), *given.assertion, acting.now);
  if (challenged) return match_assertion(reader, cipher, user, *given.assertion, *challenged);
  if (challenged.error().code == Code::KeyUnavailable) return std::unexpected(challenged.error());
  return FactorMatch{};
}

Result<Planned<LoginOutcome>> Login::go_on(const Acting& acting, store::Reader& reader,
                                           const Found& found, const Account& account,
                                           const GivenFactor& factor, BytesView address) {
  PROBITY_TRY(needs_factor, has_factor(reader, found.id));
  if (!needs_factor) return open(acting, found, account, {}, address);
  if (factor.is_empty()) return ask_for_code(acting, found);
  PROBITY_TRY(matched, match(acting, reader, found.id, factor));
  if (matched.used) return open(acting, found, account, matched.used, address);
  PROBITY_TRY(plan, refused(acting, {found.id.text(), &account, detail_of(matched)}, address));
  plan.outcome->user = found.id;
  return std::move(plan);
}

Result<Planned<LoginOutcome>> Login::attempt_passkey(const PasskeyLogin& login) {
  const Instant now = clock_.now();
  if (const Span wait = addresses_.wait_of(login.address, now); wait > Span())
    return throttled(wait);
  const auto unknown = [&]() -> Result<Planned<LoginOutcome>> {
    addresses_.note_failure(login.address, now);
    return fail(Code::BadCredentials, "a passkey of nobody");
  };
  const auto owner = owner_of_handle(login.assertion.handle);
  if (login.tenant.is_nil() || !owner || owner->tenant != login.tenant) return unknown();
  const store::Space space = store::Space::of(login.tenant);
  PROBITY_TRY(system, engine_.cipher(store::Space::system()));
  const auto challenged = challenged_at(*system, k_challenge_to_anybody, {}, login.assertion, now);
  if (!challenged && challenged.error().code != Code::BadCredentials)
    return std::unexpected(challenged.error());
  if (!challenged) return unknown();
  PROBITY_TRY(cipher, engine_.cipher(space));
  const Acting acting{login.tenant, "anonymous", {}, now, cipher};
  PROBITY_TRY(reader, engine_.read(space, k_grant));
  crypto::Digest name{};
  PROBITY_TRY(found, reader->first(sql::identity::user_by_id, {login.tenant, owner->user},
                                   [&](const store::Row& row) {
                                     name = digest_of(row.bytes(6));
                                     return Found::of(row);
                                   }));
  if (!found) return unknown();
  PROBITY_TRY(matched, match_assertion(*reader, *cipher, found->id, login.assertion, *challenged));
  // Without a PIN, a finger or a face it shows that somebody holds the key, not who.
  const bool is_alone_enough = matched.used && matched.used->is_user_verified && found->is_active;
  if (!is_alone_enough)
    return refused(acting, {found->id.text(), nullptr, detail_of(matched)}, login.address);
  Instant failed_at;
  PROBITY_TRY(account, find_account(acting, name, login.address, failed_at));
  return open(acting, *found, account, matched.used, login.address);
}

Result<Planned<LoginOutcome>> Login::refuse_network(const TenantId& tenant, BytesView address) {
  const Instant now = clock_.now();
  if (const Span wait = addresses_.wait_of(address, now); wait > Span()) return throttled(wait);
  PROBITY_TRY(cipher, engine_.cipher(store::Space::of(tenant)));
  const Acting acting{tenant, "anonymous", {}, now, cipher};
  PROBITY_TRY(plan, refused(acting, {{}, nullptr}, address, Code::NetworkRefused));
  return std::move(plan);
}

Result<Planned<LoginOutcome>> Login::ask_for_code(const Acting& acting, const Found& found) {
  PROBITY_TRY(ticket, make_ticket(*acting.cipher, found.id, found.password_changed_at, acting.now));
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "session.login", acting.actor,
                                                        found.id.text()}));
  entry.outcome = fmt::format("refused:{}", code_info(Code::MfaRequired).text);
  Planned<LoginOutcome> plan{{k_grant, {}, std::nullopt, store::Growth::Essential},
                             std::make_shared<LoginOutcome>()};
  plan.outcome->refusal = Code::MfaRequired;
  plan.outcome->ticket = std::move(ticket);
  plan.outcome->user = found.id;
  plan.change.apply = [entry = std::move(entry)](store::Tx&) -> Result<store::Journal> {
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<LoginOutcome>> Login::refused(const Acting& acting, const Refused& refused,
                                             BytesView address, Code why) {
  PROBITY_TRY(change, failure(acting, refused, address, why));
  Planned<LoginOutcome> plan{std::move(change), std::make_shared<LoginOutcome>()};
  plan.outcome->refusal = why;
  return plan;
}

Result<store::Change> Login::failure(const Acting& acting, const Refused& refused,
                                     BytesView address, Code why) {
  addresses_.note_failure(address, acting.now);
  PROBITY_TRY(entry,
              audit::make_entry(*acting.cipher, {acting.now, "session.login", acting.actor,
                                                 refused.object, std::string(refused.detail)}));
  entry.outcome = fmt::format("refused:{}", code_info(why).text);
  store::Change change{k_grant, {}, std::nullopt, store::Growth::Essential};
  if (refused.account == nullptr) {
    change.apply = [entry = std::move(entry)](store::Tx&) -> Result<store::Journal> {
      return store::Journal{entry};
    };
    return change;
  }
  const crypto::Digest counter = refused.account->counter();
  change.apply =
      [counter, now = acting.now, entry = std::move(entry),
       counted = std::make_unique<CountedFailure>(pending_, counter, refused.account->failures)](
          store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::identity::note_failure, {tx.space().tenant(), counter, now}));
    return store::Journal{entry};
  };
  return change;
}

Result<Planned<LoginOutcome>> Login::open(const Acting& acting, const Found& found,
                                          const Account& account,
                                          const std::optional<UsedFactor>& used,
                                          BytesView address) {
  PROBITY_TRY(system, engine_.cipher(store::Space::system()));
  PROBITY_TRY(session, make_session(*system, acting.tenant, acting.now));
  const std::string network = network_of(address, AddressFormat::V4Slash24);
  PROBITY_TRY(sealed_network,
              acting.cipher->seal(k_network_purpose, session.id.bytes(), as_bytes(network)));
  PROBITY_TRY(email, acting.cipher->open(k_email_purpose, found.id.bytes(), found.email_sealed));
  const std::string detail = used ? fmt::format(R"({{"factor":"{}"}})", used->name) : "";
  PROBITY_TRY(entry,
              audit::make_entry(*acting.cipher, {acting.now, "session.login", found.id.text(),
                                                 session.id.text(), detail}));
  Planned<LoginOutcome> plan{{k_grant, {}, std::nullopt, store::Growth::Essential},
                             std::make_shared<LoginOutcome>()};
  plan.outcome->cookie = session.cookie;
  plan.outcome->email = as_text(email);
  plan.change.apply = [found, account, used, now = acting.now, id = session.id,
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
    PROBITY_CHECK(check_factor(tx, found.id, used, now));
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
    PROBITY_TRY(roles, second_factor_roles(tx));
    PROBITY_TRY(profile, password_profile(tx));
    outcome->member = Member{tenant,
                             found.id,
                             id,
                             found.role,
                             now + k_session_absolute,
                             now + idle_span_of(idle),
                             !used && roles.has(found.role),
                             password_age(profile_of(profile), found.password_changed_at, now)};
    return store::Journal{entry};
  };
  return plan;
}

Result<Login::Account> Login::account_of(store::Reader& reader, const Acting& acting,
                                         const UserId& user, BytesView address) {
  PROBITY_TRY(name, reader.first(sql::identity::user_by_id, {acting.tenant, user},
                                 [](const store::Row& row) { return digest_of(row.bytes(6)); }));
  if (!name) return fail(Code::Unauthenticated, "the member is gone");
  return check_waits(acting, *name, address);
}

Result<Reauthentication> Login::authenticate_again(store::Reader& reader, const Acting& acting,
                                                   const UserId& user, const Proof& proof) {
  PROBITY_TRY(account, account_of(reader, acting, user, proof.address));
  PROBITY_TRY(found, reader.first(sql::identity::user_by_id, {acting.tenant, user}, &Found::of));
  PROBITY_TRY(is_it, is_right(acting, found, proof.password));
  PROBITY_TRY(needs_factor, has_factor(reader, user));
  Reauthentication again;
  FactorMatch matched;
  if (is_it && needs_factor) {
    if (proof.factor.is_empty()) return fail(Code::MfaRequired);
    PROBITY_TRY(found_factor, match(acting, reader, user, proof.factor));
    matched = found_factor;
    again.used = matched.used;
  }
  if (is_it && needs_factor == again.used.has_value()) return again;
  PROBITY_TRY(change, failure(acting, {user.text(), &account, detail_of(matched)}, proof.address));
  again.refusal = std::move(change);
  return again;
}

Result<Planned<PasswordOutcome>> Login::change_password(store::Reader& reader, const Acting& acting,
                                                        const PasswordChange& change,
                                                        BytesView address) {
  PROBITY_TRY(account, account_of(reader, acting, change.user, address));
  auto planned = plan_change_password(reader, hasher_, acting, change);
  if (planned) {
    return Planned<PasswordOutcome>{std::move(planned->change),
                                    std::make_shared<PasswordOutcome>(PasswordOutcome{true})};
  }
  if (planned.error().code != Code::BadCredentials)
    return std::unexpected(std::move(planned).error());
  PROBITY_TRY(noted, failure(acting, {change.user.text(), &account}, address));
  return Planned<PasswordOutcome>{std::move(noted), std::make_shared<PasswordOutcome>()};
}

}  // namespace probity::identity
