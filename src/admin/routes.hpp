#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "admin/admin.hpp"
#include "identity/acting.hpp"
#include "web/call.hpp"
#include "web/route.hpp"

// Inside the room: the groups of routes the module is made of, and what their handlers share.
namespace probity::admin {

/// What the module reads and writes: members, and the audit log for reading.
extern const store::Grant k_grant;

using Routes = std::vector<web::Route>;

void add_session_routes(Routes& routes, const AdminParts& parts);
void add_factor_routes(Routes& routes, const AdminParts& parts);
void add_user_routes(Routes& routes, const AdminParts& parts);
void add_token_routes(Routes& routes, const AdminParts& parts);
void add_settings_routes(Routes& routes, const AdminParts& parts);
void add_audit_routes(Routes& routes, const AdminParts& parts);
void add_event_routes(Routes& routes, const AdminParts& parts);
void add_page_routes(Routes& routes, const AdminParts& parts);

/// The end of the rule that two people decide takes two people itself.
[[nodiscard]] module::Approvable end_of_approvals();

/// The call's principal as the identity room wants it.
[[nodiscard]] Result<identity::Acting> acting_of(web::Call& call);
/// The member of a route for signed-in members.
[[nodiscard]] Result<identity::Member> member_of(const web::Call& call);
/// 4 or 16 bytes.
[[nodiscard]] BytesView address_of(const web::Call& call);

/// A plan as an answer. `respond` takes what came of the plan, or nothing.
template <typename T, typename Respond>
[[nodiscard]] web::Answer answer_with(identity::Planned<T> plan, Respond respond) {
  if constexpr (std::is_invocable_v<Respond&, const T&>) {
    return web::Prepared{std::move(plan.change),
                         [outcome = std::move(plan.outcome), respond = std::move(respond)] {
                           return respond(*outcome);
                         }};
  } else {
    return web::Prepared{std::move(plan.change), std::move(respond)};
  }
}

/// For answers without content.
[[nodiscard]] inline web::Response no_content() { return web::empty_response(204); }

/// "/setup/TOKEN": where a link is redeemed.
[[nodiscard]] std::string setup_path(std::string_view token);

/// What a log-in is asked and answered with; shared by the API and the page.
struct LoginRequest {
  std::string tenant;
  std::string email;
  std::string password;
  std::string code = {};    ///< Of a second factor; may be empty.
  std::string ticket = {};  ///< In place of address and password, in the second step of the page.
  /// Of a passkey, besides the password or in its place.
  std::optional<identity::Assertion> assertion = {};
};
[[nodiscard]] Result<identity::Planned<identity::LoginOutcome>> plan_login(
    web::Call& call, const AdminParts& parts, const LoginRequest& request);

/// A log-in by a passkey alone; `assertion` is there.
[[nodiscard]] Result<identity::Planned<identity::LoginOutcome>> plan_passkey_login(
    web::Call& call, const AdminParts& parts, const LoginRequest& request);

/// Redeems a link; shared likewise. Enters the link's tenant.
[[nodiscard]] Result<identity::Planned<identity::Nothing>> plan_setup(web::Call& call,
                                                                      const AdminParts& parts,
                                                                      std::string_view token,
                                                                      std::string_view password);
/// Enters the tenant a link names; NotFound for a text that is no link.
[[nodiscard]] Result<void> enter_link(web::Call& call, std::string_view token);

}  // namespace probity::admin
