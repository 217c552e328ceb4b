#include "identity/users.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "audit/entry.hpp"
#include "identity/counters.hpp"
#include "identity/email.hpp"
#include "identity/factors.hpp"
#include "identity/links.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

struct Standing {
  std::string state;
  Role role = Role::None;
};

Result<UserRecord> record_of(const crypto::Cipher& cipher, const store::Row& row) {
  UserRecord record;
  record.id = row.id<UserId>(0);
  record.role = parse_role(row.text(1)).value_or(Role::None);
  record.state = std::string(row.text(2));
  PROBITY_TRY(email, cipher.open(k_email_purpose, record.id.bytes(), row.bytes(3)));
  record.email = as_text(email);
  record.created_at = row.instant(4);
  record.last_login_at = row.maybe_instant(5);
  return record;
}

Result<void> check_grantable(const Permissions& held, Role role, std::string_view why) {
  if (held.contains(permissions_of(role))) return {};
  return refuse(Code::Forbidden, std::string(why));
}

/// The member as it stands now, locked until the end of the transaction; checks that the actor may
/// decide about it at all.
Result<Standing> lock_standing(store::Tx& tx, const UserId& user, const Permissions& held) {
  PROBITY_TRY(
      found,
      tx.first(sql::identity::lock_user, {tx.space().tenant(), user}, [](const store::Row& row) {
        return Standing{std::string(row.text(0)), parse_role(row.text(1)).value_or(Role::None)};
      }));
  if (!found) return fail(Code::NotFound, "no such member");
  PROBITY_CHECK(check_grantable(held, found->role, "This member holds more than you do."));
  return *found;
}

Result<void> keep_an_owner(store::Tx& tx, const UserId& user, const Standing& before) {
  if (before.role != Role::Owner || before.state != k_state_active) return {};
  const TenantId& tenant = tx.space().tenant();
  // All owners are locked first, so that two of them cannot remove each other at once.
  PROBITY_CHECK(tx.each(sql::identity::lock_owners, {tenant},
                        [](const store::Row&) -> Result<bool> { return true; }));
  PROBITY_TRY(others, tx.first(sql::identity::count_active_owners, {tenant, user},
                               [](const store::Row& row) { return row.integer(0); }));
  if (others.value_or(0) > 0) return {};
  return refuse(Code::Conflict, "The last active owner stays: make another member owner first.");
}

std::string change_detail(const UserChange& change) {
  return fmt::format(R"({{"role":"{}","disabled":"{}"}})",
                     change.role ? text_of(*change.role) : "unchanged",
                     change.is_disabled ? (*change.is_disabled ? "true" : "false") : "unchanged");
}

Result<std::string> state_after(store::Tx& tx, const UserId& user, const Standing& before,
                                const UserChange& change) {
  if (!change.is_disabled) return before.state;
  if (*change.is_disabled) return std::string(k_state_disabled);
  if (before.state != k_state_disabled) return before.state;
  PROBITY_TRY(has_password, tx.first(sql::identity::user_by_id, {tx.space().tenant(), user},
                                     [](const store::Row& row) { return !row.is_null(3); }));
  return std::string(has_password.value_or(false) ? k_state_active : k_state_invited);
}

}  // namespace

Result<std::vector<UserRecord>> list_users(store::Reader& reader, const crypto::Cipher& cipher,
                                           UserId after, int limit) {
  std::vector<UserRecord> records;
  PROBITY_CHECK(reader.each(sql::identity::list_users, {reader.space().tenant(), after, limit},
                            [&](const store::Row& row) -> Result<bool> {
                              PROBITY_TRY(record, record_of(cipher, row));
                              records.push_back(std::move(record));
                              return true;
                            }));
  return records;
}

Result<std::optional<UserRecord>> find_user(store::Reader& reader, const crypto::Cipher& cipher,
                                            UserId id) {
  std::optional<UserRecord> found;
  PROBITY_CHECK(reader.each(sql::identity::user_record, {reader.space().tenant(), id},
                            [&](const store::Row& row) -> Result<bool> {
                              PROBITY_TRY(record, record_of(cipher, row));
                              found = std::move(record);
                              return false;
                            }));
  return found;
}

Result<std::optional<UserStanding>> find_standing(store::Reader& reader, UserId id) {
  return reader.first(
      sql::identity::user_standing, {reader.space().tenant(), id}, [](const store::Row& row) {
        UserStanding standing;
        if (row.text(1) == k_state_active)
          standing.permissions = permissions_of(parse_role(row.text(0)).value_or(Role::None));
        standing.since = row.instant(2);
        for (const int column : {3, 4}) {
          if (const auto at = row.maybe_instant(column))
            standing.since = std::max(standing.since, *at);
        }
        return standing;
      });
}

Result<Planned<Invited>> plan_invite(const Acting& acting, std::string_view email, Role role) {
  PROBITY_TRY(address, check_email(email));
  PROBITY_CHECK(check_grantable(acting.permissions, role, "A role with more than you hold."));
  PROBITY_TRY(hash, email_hash(*acting.cipher, address));
  const UserId id = UserId::make(acting.now);
  PROBITY_TRY(sealed, acting.cipher->seal(k_email_purpose, id.bytes(), as_bytes(address)));
  PROBITY_TRY(
      entry, audit::make_entry(*acting.cipher, {acting.now, "user.create", acting.actor, id.text(),
                                                fmt::format(R"({{"role":"{}"}})", text_of(role))}));
  NewLink link = make_link(acting.tenant, id, acting.now);
  Planned<Invited> plan{{k_grant, {}, std::nullopt, store::Growth::Grows},
                        std::make_shared<Invited>(Invited{id, std::move(link.token)})};
  plan.change.apply = [tenant = acting.tenant, now = acting.now, role, id, hash, link,
                       sealed = std::move(sealed),
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(taken, tx.first(sql::identity::user_by_email, {tenant, hash},
                                [](const store::Row& row) { return row.id<UserId>(0); }));
    if (taken) return refuse(Code::Conflict, "A member with this address exists.");
    PROBITY_CHECK(tx.run(sql::identity::insert_user,
                         {tenant, id, sealed, hash, text_of(role), k_state_invited, now}));
    PROBITY_CHECK(insert_link(tx, link));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Invited>> plan_reissue(const Acting& acting, UserId user) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher,
                                       {acting.now, "link.issue", acting.actor, user.text()}));
  NewLink link = make_link(acting.tenant, user, acting.now);
  Planned<Invited> plan{{k_grant, {}, std::nullopt, store::Growth::Grows},
                        std::make_shared<Invited>(Invited{user, std::move(link.token)})};
  plan.change.apply = [held = acting.permissions, user, link,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(standing, lock_standing(tx, user, held));
    if (standing.state == k_state_disabled)
      return refuse(Code::Conflict, "The member is disabled: enable it first.");
    PROBITY_CHECK(end_links_of(tx, user, link.created_at));
    PROBITY_CHECK(insert_link(tx, link));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Nothing>> plan_change_user(const Acting& acting, UserId user, UserChange change) {
  if (change.role) {
    PROBITY_CHECK(
        check_grantable(acting.permissions, *change.role, "A role with more than you hold."));
  }
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher, {acting.now, "user.change", acting.actor,
                                                        user.text(), change_detail(change)}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [held = acting.permissions, now = acting.now, user, change,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    const TenantId& tenant = tx.space().tenant();
    PROBITY_TRY(before, lock_standing(tx, user, held));
    PROBITY_TRY(state, state_after(tx, user, before, change));
    const Role role = change.role.value_or(before.role);
    if (role == before.role && state == before.state) return store::Journal{entry};
    if (role != Role::Owner || state != k_state_active)
      PROBITY_CHECK(keep_an_owner(tx, user, before));
    PROBITY_CHECK(
        tx.run(sql::identity::set_role_and_state, {tenant, user, text_of(role), state, now}));
    PROBITY_CHECK(tx.run(sql::identity::delete_sessions_of_user, {tenant, user}));
    if (state == k_state_disabled) PROBITY_CHECK(end_links_of(tx, user, now));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Nothing>> plan_delete_user(const Acting& acting, UserId user) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher,
                                       {acting.now, "user.delete", acting.actor, user.text()}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [held = acting.permissions, user,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    const TenantId& tenant = tx.space().tenant();
    PROBITY_TRY(before, lock_standing(tx, user, held));
    PROBITY_CHECK(keep_an_owner(tx, user, before));
    PROBITY_TRY(hash, tx.first(sql::identity::user_by_id, {tenant, user},
                               [](const store::Row& row) { return to_bytes(row.bytes(6)); }));
    if (hash) PROBITY_CHECK(tx.run(sql::identity::clear_failures, {tenant, *hash}));
    PROBITY_CHECK(tx.run(sql::identity::delete_sessions_of_user, {tenant, user}));
    PROBITY_CHECK(tx.run(sql::identity::delete_tokens_of_user, {tenant, user}));
    PROBITY_CHECK(tx.run(sql::identity::delete_links_of_user, {tenant, user}));
    PROBITY_CHECK(delete_factors(tx, user));
    PROBITY_CHECK(tx.run(sql::identity::delete_password_tags, {tenant, user}));
    PROBITY_CHECK(tx.run(sql::identity::delete_user, {tenant, user}));
    return store::Journal{entry};
  };
  return plan;
}

Result<Planned<Nothing>> plan_reset_factors(const Acting& acting, UserId user) {
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher,
                                       {acting.now, "factor.reset", acting.actor, user.text()}));
  Planned<Nothing> plan{{k_grant, {}, std::nullopt, store::Growth::Essential}, {}};
  plan.change.apply = [held = acting.permissions, user,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(lock_standing(tx, user, held));
    PROBITY_CHECK(delete_factors(tx, user));
    PROBITY_CHECK(tx.run(sql::identity::delete_sessions_of_user, {tx.space().tenant(), user}));
    return store::Journal{entry};
  };
  return plan;
}

Result<std::string> create_owner(store::Engine& engine, TenantId tenant, std::string_view email,
                                 Instant now) {
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant)));
  PROBITY_TRY(plan, plan_invite(acting_as_operator(tenant, now, cipher), email, Role::Owner));
  PROBITY_CHECK(engine.apply(store::Space::of(tenant), std::move(plan.change)));
  return plan.outcome->token;
}

Result<std::string> reissue_link(store::Engine& engine, TenantId tenant, std::string_view email,
                                 Instant now, Factors factors) {
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant)));
  PROBITY_TRY(hash, email_hash(*cipher, email));
  PROBITY_TRY(reader, engine.read(store::Space::of(tenant), k_grant));
  PROBITY_TRY(user, reader->first(sql::identity::user_by_email, {tenant, hash},
                                  [](const store::Row& row) { return row.id<UserId>(0); }));
  if (!user) return fail(Code::NotFound, "no member with this address");
  const Acting acting = acting_as_operator(tenant, now, cipher);
  PROBITY_TRY(plan, plan_reissue(acting, *user));
  PROBITY_TRY(reset, plan_reset_factors(acting, *user));
  PROBITY_TRY(counters, counters_of(*cipher, hash));
  plan.change.apply =
      [counters, factors, reset = std::move(reset.change.apply),
       reissue = std::move(plan.change.apply)](store::Tx& tx) mutable -> Result<store::Journal> {
    PROBITY_CHECK(clear_counters(tx, counters));
    PROBITY_TRY(journal, reissue(tx));
    if (factors == Factors::Keep) return journal;
    PROBITY_TRY(more, reset(tx));
    journal.insert(journal.end(), more.begin(), more.end());
    return journal;
  };
  PROBITY_CHECK(engine.apply(store::Space::of(tenant), std::move(plan.change)));
  return plan.outcome->token;
}

}  // namespace probity::identity
