#include "attest/scratch.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

namespace probity::attest {

Result<store::TenantRecord> Scratch::tenant(Which which) {
  const std::lock_guard lock(mutex_);
  const std::string prefix = std::string(k_scratch_prefix) + (which == Which::First ? "a-" : "b-");
  const Instant now = clock_.now();
  PROBITY_TRY(tenants, engine_.tenants());
  std::optional<store::TenantRecord> found;
  for (const store::TenantRecord& tenant : tenants) {
    if (tenant.state != "active" || !tenant.slug.starts_with(prefix)) continue;
    if (tenant.created_at + k_scratch_life > now)
      found = tenant;
    else
      PROBITY_CHECK(engine_.destroy_tenant(tenant.id));
  }
  if (found) return std::move(*found);
  auto made = engine_.create_tenant(fmt::format("{}{}", prefix, now.s()), "");
  // Another node may have made the same one in the same second.
  if (!made && made.error().code == Code::Conflict)
    return engine_.find_tenant(fmt::format("{}{}", prefix, now.s()));
  return made;
}

}  // namespace probity::attest
