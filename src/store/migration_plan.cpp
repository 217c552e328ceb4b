#include "store/migration_plan.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace probity::store {
namespace {

bool belongs(const Migration& step, StepsOf which) {
  switch (which) {
    case StepsOf::System: return step.system;
    case StepsOf::Tenant: return !step.system;
    case StepsOf::Both: return true;
  }
  return false;
}

}  // namespace

Result<std::vector<const Migration*>> plan_migrations(std::span<const Migration> known,
                                                      std::span<const AppliedStep> applied,
                                                      StepsOf which) {
  for (const AppliedStep& step : applied) {
    const auto found = std::ranges::find_if(
        known, [&](const Migration& m) { return m.number == step.number && belongs(m, which); });
    if (found == known.end()) {
      return fail(Code::NewerData, fmt::format("schema step {} ({}) is unknown to this build; "
                                               "use the version that wrote it, or a newer one",
                                               step.number, step.name));
    }
    if (found->sha256_hex != step.sha256_hex) {
      return fail(
          Code::IntegrityError,
          fmt::format("schema step {} ({}) was applied with another text", step.number, step.name));
    }
  }
  std::vector<const Migration*> pending;
  for (const Migration& step : known) {
    const bool is_done =
        std::ranges::any_of(applied, [&](const AppliedStep& a) { return a.number == step.number; });
    if (belongs(step, which) && !is_done) pending.push_back(&step);
  }
  return pending;
}

}  // namespace probity::store
