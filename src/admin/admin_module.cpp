#include <array>

#include <fmt/core.h>

#include "admin/admin.hpp"
#include "admin/passkey_json.hpp"
#include "admin/routes.hpp"
#include "identity/links.hpp"
#include "identity/settings.hpp"
#include "identity/sweep.hpp"
#include "identity/users.hpp"
#include "web/network_rules.hpp"

namespace probity::admin {
namespace {

using module::PersonalColumn;
using module::Storage;

constexpr std::array<std::string_view, 2> k_reads{"identity", "audit"};
constexpr std::array<std::string_view, 1> k_writes{"identity"};

constexpr std::string_view k_account = "While the account exists";
constexpr std::string_view k_password_age =
    "Until so many newer ones were set as the profile names, or the account is deleted";
constexpr std::string_view k_audit_time = "While the tenant exists";

/// Removes what is past its time, tenant by tenant.
Result<std::string> sweep(store::Engine& engine, Instant now) {
  PROBITY_TRY(tenants, engine.tenants());
  std::int64_t rows = 0;
  for (const store::TenantRecord& tenant : tenants) {
    if (tenant.state == "destroyed") continue;
    PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant.id)));
    auto acting = identity::acting_as_operator(tenant.id, now, cipher);
    acting.actor = "system";
    PROBITY_TRY(plan, identity::plan_sweep(acting));
    PROBITY_CHECK(engine.apply(store::Space::of(tenant.id), std::move(plan.change)));
    rows += plan.outcome->rows;
  }
  return fmt::format("removed {}", rows);
}

class AdminModule final : public module::Module {
 public:
  explicit AdminModule(const AdminParts& parts) : parts_(parts) {}

  [[nodiscard]] std::string_view name() const override { return "admin"; }
  [[nodiscard]] store::Grant grant() const override { return k_grant; }

  [[nodiscard]] std::vector<web::Route> routes() override {
    Routes routes;
    add_session_routes(routes, parts_);
    add_factor_routes(routes, parts_);
    add_user_routes(routes, parts_);
    add_token_routes(routes, parts_);
    add_settings_routes(routes, parts_);
    add_audit_routes(routes, parts_);
    add_event_routes(routes, parts_);
    add_page_routes(routes, parts_);
    return routes;
  }

  [[nodiscard]] std::vector<PersonalColumn> personal_columns() const override;

  [[nodiscard]] std::vector<module::Approvable> approvables() override {
    return {end_of_approvals()};
  }

  [[nodiscard]] std::vector<jobs::Job> jobs() override {
    return {{"identity.sweep", Span::hours(1), Span::minutes(5),
             [engine = &parts_.engine](Instant now) { return sweep(*engine, now); },
             jobs::Missed::RunLast}};
  }

 private:
  AdminParts parts_;
};

std::vector<PersonalColumn> AdminModule::personal_columns() const {
  return {
      {"identity_user", "email_sealed", "E-mail address of a member",
       "Log-in and invitations; shown to those who manage members, and to those who decide what "
       "the member asked for",
       k_account, Storage::Sealed},
      {"identity_user", "email_hash", "Keyed hash of the folded e-mail address",
       "Finding the account at log-in; one account an address", k_account, Storage::KeyedHash},
      {"identity_user", "password_sealed", "Argon2id hash of the password", "Log-in",
       "Until the password is changed or the account deleted", Storage::Sealed},
      {"identity_user", "last_login_at", "Time of the last log-in", "Noticing accounts nobody uses",
       k_account, Storage::Clear},
      {"identity_attempt", "email_hash",
       "Keyed hash of a name tried at log-in, alone and with a network (IPv4 /24 or IPv6 /48) it "
       "came in from",
       "Slowing down guessing without shutting out those who are known",
       "Until the next log-in; 30 days for networks and for names without account",
       Storage::KeyedHash},
      {"identity_session", "user_id", "Whose session it is", "Keeping a member logged in",
       "7 days at most", Storage::Clear},
      {"identity_session", "last_active_at", "Time of the last activity",
       "Ending sessions nobody uses", "7 days at most", Storage::Clear},
      {"identity_session", "network_sealed", "Network a session began in, IPv4 /24 or IPv6 /48",
       "Letting a member recognise the own sessions", "7 days at most", Storage::Sealed},
      {"identity_link", "user_id", "Whom a set-up link is for", "Setting a password",
       "30 days after it expired", Storage::Clear},
      {"identity_factor", "user_id", "Whose second factor it is", "Log-in",
       "Until it is removed or the account deleted", Storage::Clear},
      {"identity_factor", "name_sealed", "Name a member gave a second factor",
       "Telling one's own apart", "Until it is removed or the account deleted", Storage::Sealed},
      {"identity_factor", "sign_count", "How often a passkey says it has signed",
       "Noticing a copy of it", "Until it is removed or the account deleted", Storage::Clear},
      {"identity_factor", "used_at", "Time of the last log-in with it", "Noticing what nobody uses",
       "Until it is removed or the account deleted", Storage::Clear},
      {"identity_password_tag", "user_id", "Whose password it was",
       "Keeping passwords from coming back, under a profile that asks for it", k_password_age,
       Storage::Clear},
      {"identity_password_tag", "tag", "Keyed, slow hash of a password that was used",
       "Keeping passwords from coming back, under a profile that asks for it", k_password_age,
       Storage::KeyedHash},
      {"identity_password_tag", "set_at", "When it was set", "Forgetting the oldest",
       k_password_age, Storage::Clear},
      {"identity_recovery_code", "user_id", "Whose recovery code it is", "Log-in",
       "Until it is used or made anew", Storage::Clear},
      {"identity_token", "user_id", "Who made an API token", "Limiting it to its maker's rights",
       "Until it is revoked", Storage::Clear},
      {"identity_token", "name_sealed", "Name a member gave an API token", "Telling tokens apart",
       "Until it is revoked", Storage::Sealed},
      {"identity_setting", "text_sealed", "Whom respondents can ask about privacy",
       "Shown on the privacy page", k_audit_time, Storage::Sealed},
      {"audit_entry", "actor", "Id of the member or token that acted",
       "Accountability; the id alone stays when a member is deleted", k_audit_time, Storage::Clear},
      {"audit_entry", "detail", "What was changed", "Accountability", k_audit_time,
       Storage::Sealed},
  };
}

}  // namespace

const store::Grant k_grant{"admin", k_reads, k_writes};

std::unique_ptr<module::Module> make_admin(const AdminParts& parts) {
  return std::make_unique<AdminModule>(parts);
}

Result<identity::Acting> acting_of(web::Call& call) {
  PROBITY_TRY(cipher, call.cipher());
  identity::Acting acting{
      call.tenant(), identity::actor_of(call.principal()), {}, call.now(), cipher};
  if (const auto* member = std::get_if<identity::Member>(&call.principal()))
    acting.permissions = identity::permissions_of(member->role);
  if (const auto* holder = std::get_if<identity::TokenHolder>(&call.principal()))
    acting.permissions = holder->permissions;
  return acting;
}

Result<identity::Member> member_of(const web::Call& call) {
  if (const auto* member = std::get_if<identity::Member>(&call.principal())) return *member;
  return refuse(Code::Forbidden, "This is for signed-in members, not for tokens.");
}

BytesView address_of(const web::Call& call) {
  const web::Address& peer = call.request().peer;
  return BytesView(peer.bytes).first(peer.is_v6 ? 16 : 4);
}

std::string setup_path(std::string_view token) { return fmt::format("/setup/{}", token); }

namespace {

/// Whether the tenant that was entered lets anybody in from there. Asked before anything is
/// compared: whoever is shut out learns nothing of accounts.
Result<bool> is_let_in(web::Call& call) {
  if (call.tenant().is_nil()) return true;
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(rules, identity::network_rules(*reader, *cipher));
  return web::lets_in(rules, call.request().peer);
}

}  // namespace

Result<identity::Planned<identity::LoginOutcome>> plan_login(web::Call& call,
                                                             const AdminParts& parts,
                                                             const LoginRequest& request) {
  if (auto entered = call.enter_slug(request.tenant);
      !entered && entered.error().code != Code::NotFound)
    return std::unexpected(std::move(entered).error());
  PROBITY_TRY(may_try, is_let_in(call));
  if (!may_try) return parts.login.refuse_network(call.tenant(), address_of(call));
  const identity::GivenFactor factor{request.code, pointer_to(request.assertion)};
  if (!request.ticket.empty())
    return parts.login.attempt_second({call.tenant(), request.ticket, factor, address_of(call)});
  return parts.login.attempt(
      {call.tenant(), request.email, request.password, address_of(call), factor});
}

Result<identity::Planned<identity::LoginOutcome>> plan_passkey_login(web::Call& call,
                                                                     const AdminParts& parts,
                                                                     const LoginRequest& request) {
  const auto owner = identity::owner_of_handle(request.assertion->handle);
  if (auto entered = owner ? call.enter(owner->tenant) : Result<void>();
      !entered && entered.error().code != Code::NotFound)
    return std::unexpected(std::move(entered).error());
  PROBITY_TRY(may_try, is_let_in(call));
  if (!may_try) return parts.login.refuse_network(call.tenant(), address_of(call));
  return parts.login.attempt_passkey({call.tenant(), *request.assertion, address_of(call)});
}

Result<void> enter_link(web::Call& call, std::string_view token) {
  const auto tenant = identity::tenant_of_link(token);
  if (!tenant) return fail(Code::NotFound, "no link of this server");
  return call.enter(*tenant);
}

Result<identity::Planned<identity::Nothing>> plan_setup(web::Call& call, const AdminParts& parts,
                                                        std::string_view token,
                                                        std::string_view password) {
  PROBITY_CHECK(enter_link(call, token));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(tenant, parts.engine.tenant(call.tenant()));
  return identity::plan_redeem(*reader, parts.hasher, acting, {token, password, tenant.slug});
}

}  // namespace probity::admin
