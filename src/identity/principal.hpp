#pragma once

#include <string>
#include <variant>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "identity/password_profile.hpp"
#include "identity/permission.hpp"

namespace probity::identity {

/// Nobody in particular.
struct Anonymous {};

/// Somebody who came by a public link; carries no user.
struct Respondent {
  TenantId tenant;
};

/// From which networks a tenant's members and tokens are let in (WI-22): blocks in CIDR notation,
/// one a line. Empty lists rule nothing; an address that is denied stays out though it is allowed.
struct NetworkRules {
  std::string allow;
  std::string deny;

  [[nodiscard]] bool is_empty() const { return allow.empty() && deny.empty(); }
};

/// A member with a live session.
struct Member {
  TenantId tenant;
  UserId user;
  SessionId session;
  Role role = Role::None;
  Instant expires_at;       ///< Absolute end of the session.
  Instant idle_expires_at;  ///< End unless there is activity.
  /// The role needs a second factor and there is none yet: the session serves to set one up.
  bool is_enrolment_due = false;
  /// Where it is over, the session serves to set a new password.
  PasswordAge password = {};
  NetworkRules networks = {};  ///< Of the tenant; the pipeline holds the client's address to them.
};

/// A program with an API token: what its scopes and its maker's role have in common.
struct TokenHolder {
  TenantId tenant;
  TokenId token;
  UserId made_by;
  Permissions permissions;
  NetworkRules networks = {};  ///< As Member's.
};

/// Who asks. Closed: a new kind is a compile error wherever it matters.
using Principal = std::variant<Anonymous, Respondent, Member, TokenHolder>;

/// Why a request may or may not proceed; goes to the audit log and to tests as it is.
struct Decision {
  bool is_allowed = false;
  std::string_view reason;  ///< Fixed text: "role_grants", "no_session", "scope_missing", …
};

/// Whether `principal` holds `permission`. Pure.
[[nodiscard]] Decision authorise(const Principal& principal, Permission permission);

/// Tenant the principal belongs to; nil for Anonymous.
[[nodiscard]] TenantId tenant_of(const Principal& principal);

/// The networks its tenant lets in; nothing for who is neither member nor token.
[[nodiscard]] const NetworkRules* networks_of(const Principal& principal);

/// The member behind it, also by a token of theirs; nil for everybody else.
[[nodiscard]] UserId user_of(const Principal& principal);

/// "usr_…", "tok_…", "respondent" or "anonymous": the actor of an audit entry.
[[nodiscard]] std::string actor_of(const Principal& principal);

}  // namespace probity::identity
