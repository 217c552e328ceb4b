#pragma once

#include <string>

#include "app/config.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "store/engine.hpp"

namespace probity::app {

/// What `probity init` is told.
struct InitOptions {
  std::string slug;
  std::string name;
  std::string owner_email;
  std::string region;
  std::string app_role;
  bool is_demonstration = false;  ///< Then only `app_role` counts of the others.
};

/// Makes what is missing (data directory, key file, PostgreSQL schema) and one tenant with its
/// owner; prints exactly one line with the set-up link. May run beside a server on the same data.
/// Conflict when the slug is taken, BadRequest for one that measurements would destroy (scratch)
/// and for the region that marks a demonstration.
[[nodiscard]] Result<void> init(const Config& config, const InitOptions& options);

/// The organisation's name, as respondents will see it.
[[nodiscard]] Result<void> name_organisation(store::Engine& engine, TenantId tenant,
                                             const std::string& name, Instant now);
/// Prints the set-up link, alone on standard output.
void say_setup_link(const Config& config, const std::string& owner, const std::string& token);

}  // namespace probity::app
