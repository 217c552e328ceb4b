#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "identity/acting.hpp"
#include "identity/principal.hpp"
#include "store/engine.hpp"

namespace probity::identity {

/// Begins every API token, so that a leaked one is recognised by scanners.
inline constexpr std::string_view k_token_prefix = "prb_";

/// What an API token may do and for how long.
struct NewToken {
  std::string name;                             ///< At most k_token_name_bytes_max; sealed.
  std::vector<std::string> scopes;              ///< Texts of permissions.
  std::optional<std::int64_t> expires_in_days;  ///< 1 to k_token_days_max; absent: no end.
};

/// A token just made; its text is shown once and kept nowhere.
struct MadeToken {
  TokenId id;
  std::string text;  ///< prb_ and base64url of tenant (16), id (16), secret (32).
};

/// For `user`. BadRequest names an unknown scope or a bound; Forbidden a scope the actor lacks.
[[nodiscard]] Result<Planned<MadeToken>> plan_token(const Acting& acting, UserId user,
                                                    const NewToken& token);
/// NotFound when there is none such.
[[nodiscard]] Result<Planned<Nothing>> plan_revoke_token(const Acting& acting, TokenId token);

/// A token as its tenant sees it.
struct TokenRecord {
  TokenId id;
  UserId made_by;
  std::string name;
  std::string scopes;  ///< Separated by single spaces.
  Instant created_at;
  std::optional<Instant> expires_at;
  std::optional<Instant> used_on;  ///< The day of the last use, as its first moment.
};
[[nodiscard]] Result<std::vector<TokenRecord>> list_tokens(store::Reader& reader,
                                                           const crypto::Cipher& cipher,
                                                           TokenId after, int limit);

/// The holder of a token: its scopes as far as its maker's role still has them. Unauthenticated
/// when it is unknown, revoked, expired or its maker not active.
[[nodiscard]] Result<Principal> holder_of_token(store::Engine& engine, std::string_view text,
                                                Instant now);

}  // namespace probity::identity
