#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/acting.hpp"
#include "identity/limits.hpp"
#include "store/engine.hpp"

namespace probity::identity {

// States of a member as stored. "invited" has no password yet; "disabled" cannot come in.
inline constexpr std::string_view k_state_active = "active";
inline constexpr std::string_view k_state_invited = "invited";
inline constexpr std::string_view k_state_disabled = "disabled";

/// Purpose of sealed e-mail addresses, bound to the user's id.
inline constexpr crypto::Purpose k_email_purpose = "user.email";

/// A member as those see it who may read members.
struct UserRecord {
  UserId id;
  std::string email;
  Role role = Role::None;
  std::string state;
  Instant created_at;
  std::optional<Instant> last_login_at;
};

/// At most `limit` members after `after` (nil: from the first), in order of arrival.
[[nodiscard]] Result<std::vector<UserRecord>> list_users(store::Reader& reader,
                                                         const crypto::Cipher& cipher, UserId after,
                                                         int limit);
/// What a member may do, and since when nothing about that changed.
struct UserStanding {
  Permissions permissions;  ///< None unless the account is active.
  Instant since;            ///< The last of: made, password set, role or state changed.
};
/// Nothing when there is none such.
[[nodiscard]] Result<std::optional<UserStanding>> find_standing(store::Reader& reader, UserId id);

/// Nothing when there is none such.
[[nodiscard]] Result<std::optional<UserRecord>> find_user(store::Reader& reader,
                                                          const crypto::Cipher& cipher, UserId id);

/// A member who has been invited, with the text of the link that sets a password.
struct Invited {
  UserId id;
  std::string token;
};

/// A new member without a password. `role` None can do nothing (WI-21). Conflict when the address
/// is taken in any spelling (MW-08); Forbidden when the role holds more than the actor.
[[nodiscard]] Result<Planned<Invited>> plan_invite(const Acting& acting, std::string_view email,
                                                   Role role);

/// A new link for a member; the old ones die. Also the way back for who forgot the password. The
/// present password stays until the link is redeemed. Conflict for a disabled member.
[[nodiscard]] Result<Planned<Invited>> plan_reissue(const Acting& acting, UserId user);

/// What is to be changed of a member; what is absent stays.
struct UserChange {
  std::optional<Role> role;
  std::optional<bool> is_disabled;
};
/// Ends all sessions of the member (WI-27, WI-51: a change of privilege needs a new log-in).
/// Conflict for the last active owner; Forbidden when the member's role, before or after, holds
/// more than the actor; NotFound.
[[nodiscard]] Result<Planned<Nothing>> plan_change_user(const Acting& acting, UserId user,
                                                        UserChange change);
/// Removes the member with address, password, sessions, links and tokens. The audit log keeps the
/// bare id (WI-25). Same refusals.
[[nodiscard]] Result<Planned<Nothing>> plan_delete_user(const Acting& acting, UserId user);

/// Takes a member's second factors away, for one who has lost them; ends its sessions. Same
/// refusals.
[[nodiscard]] Result<Planned<Nothing>> plan_reset_factors(const Acting& acting, UserId user);

/// For `probity init`: an invited owner; the text of the set-up link. Conflict when the address is
/// taken.
[[nodiscard]] Result<std::string> create_owner(store::Engine& engine, TenantId tenant,
                                               std::string_view email, Instant now);
/// For the operator's command line: a new link for a member who cannot come in any more. Ends the
/// member's older links and the throttle of its account, and takes its second factors away where
/// that is asked for. NotFound when nobody has the address.
enum class Factors : bool { Keep, Reset };
[[nodiscard]] Result<std::string> reissue_link(store::Engine& engine, TenantId tenant,
                                               std::string_view email, Instant now,
                                               Factors factors = Factors::Keep);

}  // namespace probity::identity
