#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/hash.hpp"
#include "identity/acting.hpp"
#include "identity/hasher.hpp"
#include "store/engine.hpp"

namespace probity::identity {

/// A link by which a member sets a password: single use, k_link_life long. Only the hash of its
/// token is stored.
struct NewLink {
  RawId id;
  UserId user;
  std::string token;  ///< base64url of the tenant's 16 bytes and 32 random ones.
  crypto::Digest token_hash{};
  Instant created_at;
};

[[nodiscard]] NewLink make_link(TenantId tenant, UserId user, Instant now);
/// Within a Change.
[[nodiscard]] Result<void> insert_link(store::Tx& tx, const NewLink& link);
/// Every live link of a member dies; within a Change.
[[nodiscard]] Result<void> end_links_of(store::Tx& tx, const UserId& user, Instant now);

/// The tenant a token names; nothing when it is no token at all. Says nothing about its validity.
[[nodiscard]] std::optional<TenantId> tenant_of_link(std::string_view token);

/// The member a live link is for. NotFound when it was never issued, Gone when it is used, replaced
/// or expired. Changes nothing: looking at a link does not consume it.
[[nodiscard]] Result<UserId> look_at_link(store::Reader& reader, std::string_view token,
                                          Instant now);

/// What a link is redeemed with.
struct Redemption {
  std::string_view token;
  std::string_view password;
  std::string_view tenant_slug;  ///< One of the texts a password may not consist of.
};
/// Sets the password of the link's member, ends its sessions and clears its failed log-ins. Errors:
/// those of look_at_link, PasswordRefused with every rule that is broken. Does not log in.
/// Blocks for one hash: password lane only. `acting.actor` is replaced by the member.
[[nodiscard]] Result<Planned<Nothing>> plan_redeem(store::Reader& reader, Hasher& hasher,
                                                   const Acting& acting,
                                                   const Redemption& redemption);

/// A member changes its own password.
struct PasswordChange {
  UserId user;
  std::string_view current;
  std::string_view fresh;
  std::string_view tenant_slug;
};
/// Ends every session of the member, the present one too (WI-26). BadCredentials when the current
/// password is wrong; PasswordRefused with every rule that is broken. Blocks for two hashes.
[[nodiscard]] Result<Planned<Nothing>> plan_change_password(store::Reader& reader, Hasher& hasher,
                                                            const Acting& acting,
                                                            const PasswordChange& change);

}  // namespace probity::identity
