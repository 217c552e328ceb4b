#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "identity/authenticator.hpp"
#include "identity/hasher.hpp"
#include "identity/login.hpp"
#include "module/module.hpp"
#include "store/engine.hpp"

namespace probity::admin {

/// What the module's handlers work with. All outlive it.
struct AdminParts {
  store::Engine& engine;
  const Clock& clock;
  identity::Authenticator& authenticator;
  identity::Login& login;
  identity::Hasher& hasher;
  std::string public_url =
      {};  ///< Where people reach the server; empty: as their Host header says.
};

/// The platform's own module: log-in, set-up links, sessions, members, tokens, settings, the audit
/// log, the stream of events, and the pages of all that which need no script.
[[nodiscard]] std::unique_ptr<module::Module> make_admin(const AdminParts& parts);

}  // namespace probity::admin
