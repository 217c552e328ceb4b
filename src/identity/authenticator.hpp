#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "identity/principal.hpp"
#include "store/engine.hpp"

namespace probity::identity {

/// Name of the only cookie (MW-10). The __Host- prefix pins it to this host, path / and TLS.
inline constexpr std::string_view k_session_cookie = "__Host-probity";

/// Whether a request counts as the user being active: what a page asks for by itself
/// must not keep a session open.
enum class Activity : bool { Background, User };

/// Turns credentials into a Principal. Reads the store on each call, so that a revocation, a role
/// change or a disabled account takes effect on the next request, on every node. Threads: any.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// From the sealed session cookie. Unauthenticated when it does not open or its session is
  /// unknown or revoked; SessionExpired past an absolute or idle end. User activity moves the idle
  /// end.
  [[nodiscard]] virtual Result<Principal> by_cookie(std::string_view cookie, Activity activity) = 0;
  /// From an API token. Unauthenticated when unknown, revoked, expired or its maker disabled.
  [[nodiscard]] virtual Result<Principal> by_bearer(std::string_view token) = 0;
  /// The value X-CSRF-Token must have for this session: HMAC of the session under a system key.
  [[nodiscard]] virtual Result<std::string> csrf_token(const Member& member) = 0;
};

}  // namespace probity::identity
