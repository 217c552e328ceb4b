#include "app/verify_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

#include "app/installation.hpp"
#include "audit/verify.hpp"

namespace probity::app {
namespace {

/// One chain; true when it is intact.
Result<bool> verify_chain(store::Engine& engine, store::Space space, const std::string& name) {
  PROBITY_TRY(reader, engine.read(space, store::k_grant_all));
  PROBITY_TRY(verdict, audit::verify(*reader));
  if (verdict.is_intact()) {
    std::printf("%s: %lld entries, intact, head %s\n", name.c_str(),
                static_cast<long long>(verdict.entries), verdict.head_hash_hex.c_str());
    return true;
  }
  std::printf("%s: BROKEN at entry %lld: %s\n", name.c_str(),
              static_cast<long long>(verdict.broken_seq), verdict.why.c_str());
  return false;
}

Result<void> verify_audit(const Config& config, const VerifyOptions& options) {
  PROBITY_TRY(installation, Installation::open(config, Installation::Keys::MustExist));
  store::Engine& engine = installation->engine();
  bool is_intact = true;
  if (options.tenant.empty()) {
    PROBITY_TRY(system_intact, verify_chain(engine, store::Space::system(), "system"));
    is_intact = system_intact;
  }
  PROBITY_TRY(tenants, engine.tenants());
  for (const store::TenantRecord& tenant : tenants) {
    if (!options.tenant.empty() && tenant.slug != options.tenant) continue;
    if (tenant.state == "destroyed") continue;
    PROBITY_TRY(tenant_intact, verify_chain(engine, store::Space::of(tenant.id), tenant.slug));
    is_intact = is_intact && tenant_intact;
  }
  if (!is_intact) return refuse(Code::IntegrityError, "An audit chain is broken.");
  return {};
}

}  // namespace

Result<void> verify(const Config& config, const VerifyOptions& options) {
  if (options.wants_audit) return verify_audit(config, options);
  if (options.statement_file.empty())
    return refuse(Code::BadRequest, "Name a saved statement, or say --audit.");
  return fail(Code::NotBuilt);
}

}  // namespace probity::app
