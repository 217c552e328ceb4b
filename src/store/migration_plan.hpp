#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "store/migrate.hpp"

namespace probity::store {

/// A step as a file or schema remembers it.
struct AppliedStep {
  int number = 0;
  std::string name;
  std::string sha256_hex;
};

/// Which steps a space has: the system's, a tenant's, or (one PostgreSQL schema) both.
enum class StepsOf : std::uint8_t { System, Tenant, Both };

/// The steps still to be run, in order. NewerData when a step was applied that this build does not
/// know; IntegrityError when a known one was applied with another text.
[[nodiscard]] Result<std::vector<const Migration*>> plan_migrations(
    std::span<const Migration> known, std::span<const AppliedStep> applied, StepsOf which);

}  // namespace probity::store
