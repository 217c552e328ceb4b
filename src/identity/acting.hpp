#pragma once

#include <memory>
#include <string>

#include "base/instant.hpp"
#include "crypto/cipher.hpp"
#include "identity/permission.hpp"
#include "store/change.hpp"

namespace probity::identity {

/// What this room reads and writes. A module with routes about members lists these rooms among its
/// own; every Change made here carries this grant.
extern const store::Grant k_grant;

/// On whose behalf something is done, and with which keys.
struct Acting {
  TenantId tenant;
  std::string actor;        ///< Of audit entries: "usr_…", "tok_…", "cli", "system", "anonymous".
  Permissions permissions;  ///< What the actor holds; nothing beyond it can be given away.
  Instant now;
  std::shared_ptr<const crypto::Cipher> cipher;  ///< Of the tenant.
};

/// Holds every permission: the command line of the machine's operator.
[[nodiscard]] Acting acting_as_operator(TenantId tenant, Instant now,
                                        std::shared_ptr<const crypto::Cipher> cipher);

/// A Change and what it leaves once it has been committed. The outcome may be read after the commit
/// only; it is written on the writer's thread.
template <typename T>
struct Planned {
  store::Change change;
  std::shared_ptr<T> outcome;
};

/// For plans that leave nothing but their rows.
struct Nothing {};

}  // namespace probity::identity
