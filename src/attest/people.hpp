#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/hasher.hpp"
#include "identity/permission.hpp"
#include "identity/principal.hpp"
#include "store/engine.hpp"

namespace probity::attest {

/// An invented member of a scratch organisation. Addresses lie under a reserved domain (RFC 2606),
/// and nothing is ever sent to them.
struct ScratchMember {
  TenantId tenant;
  UserId id;
  std::string email;
  std::string link_token;  ///< By which a password can be set.
};

/// Random text of `bytes` bytes in base64url: names and marks that occur nowhere else.
[[nodiscard]] std::string random_word(std::size_t bytes = 12);
/// A password that the policy takes.
[[nodiscard]] std::string random_password();

/// Invites a member; the password is still to be set.
[[nodiscard]] Result<ScratchMember> invite_scratch(store::Engine& engine, TenantId tenant,
                                                   identity::Role role, Instant now);
/// Sets the password through the link, as POST /api/v1/setup does.
[[nodiscard]] Result<void> set_scratch_password(store::Engine& engine, identity::Hasher& hasher,
                                                const ScratchMember& member,
                                                std::string_view password, Instant now);
/// Both, at one go.
[[nodiscard]] Result<ScratchMember> make_scratch_member(store::Engine& engine, TenantId tenant,
                                                        identity::Role role,
                                                        std::string_view password, Instant now);

/// Removes the member again, with everything of it.
[[nodiscard]] Result<void> remove_scratch_member(store::Engine& engine, const ScratchMember& member,
                                                 Instant now);

}  // namespace probity::attest
