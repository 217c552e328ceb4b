#pragma once

#include <string>

#include "app/config.hpp"
#include "base/error.hpp"

namespace probity::app {

/// What `probity init` is told.
struct InitOptions {
  std::string slug;
  std::string name;
  std::string owner_email;
  std::string region;
  std::string app_role;
};

/// Makes what is missing (data directory, key file, PostgreSQL schema) and one tenant with its
/// owner; prints exactly one line with the set-up link. May run beside a server on the same data.
/// Conflict when the slug is taken, BadRequest for one that measurements would destroy (scratch).
[[nodiscard]] Result<void> init(const Config& config, const InitOptions& options);

}  // namespace probity::app
