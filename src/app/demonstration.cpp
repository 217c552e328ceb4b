#include "app/demonstration.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "feature/survey/demonstration.hpp"
#include "identity/users.hpp"
#include "module/demonstration.hpp"

namespace probity::app {
namespace {

constexpr std::string_view k_unfinished_slug = "demo-unfinished";
constexpr std::string_view k_name = "Demonstration, all of it invented";
constexpr std::string_view k_owner = "demo@localhost";

/// Keys and name go at once; what is left can be read by nobody.
Result<void> take_away(store::Engine& engine, const store::TenantRecord& tenant) {
  const std::string tail = tenant.id.text().substr(TenantTag::prefix.size());
  PROBITY_CHECK(engine.rename_tenant(tenant.id, fmt::format("removed-{}", tail)));
  return engine.destroy_tenant(tenant.id);
}

Result<UserId> only_member(store::Engine& engine, TenantId tenant) {
  const auto space = store::Space::of(tenant);
  PROBITY_TRY(cipher, engine.cipher(space));
  PROBITY_TRY(reader, engine.read(space, store::k_grant_all));
  PROBITY_TRY(users, identity::list_users(*reader, *cipher, UserId(), 1));
  if (users.empty()) return fail(Code::Internal, "the demonstration has no owner");
  return users.front().id;
}

/// The token of its set-up link.
Result<std::string> fill(Installation& installation, TenantId tenant) {
  store::Engine& engine = installation.engine();
  const Instant now = installation.clock().now();
  PROBITY_CHECK(name_organisation(engine, tenant, std::string(k_name), now));
  PROBITY_TRY(token, identity::create_owner(engine, tenant, k_owner, now));
  PROBITY_TRY(author, only_member(engine, tenant));
  PROBITY_TRY(report,
              survey::fill_demonstration({engine, installation.log(), tenant, author, now}));
  PROBITY_CHECK(engine.rename_tenant(tenant, module::k_demonstration_slug));
  std::fprintf(stderr,
               "Made the demonstration: the tenant %s with %d surveys and %d invented answers.\n"
               "To take it away again: probity remove-demo\n",
               std::string(module::k_demonstration_slug).c_str(), report.surveys, report.responses);
  return std::move(token);
}

}  // namespace

Result<void> init_demonstration(const Config& config, Installation& installation) {
  store::Engine& engine = installation.engine();
  if (const auto taken = engine.find_tenant(module::k_demonstration_slug)) {
    return refuse(Code::Conflict, module::is_demonstration(taken->region)
                                      ? "The demonstration is there already; nothing was added."
                                      : "A tenant is called demo already; nothing was changed.");
  }
  if (const auto left = engine.find_tenant(k_unfinished_slug))
    PROBITY_CHECK(take_away(engine, *left));
  PROBITY_TRY(tenant, engine.create_tenant(k_unfinished_slug, module::k_demonstration_region));
  const auto token = fill(installation, tenant.id);
  if (!token) {
    // The first error is the one to tell; what is left would be found by the next command too.
    static_cast<void>(take_away(engine, tenant));
    return std::unexpected(token.error());
  }
  say_setup_link(config, std::string(k_owner), *token);
  return {};
}

Result<void> remove_demonstration(const Config& config) {
  PROBITY_TRY(installation, Installation::open(config, Installation::Keys::MustExist));
  store::Engine& engine = installation->engine();
  PROBITY_TRY(tenants, engine.tenants());
  int removed = 0;
  for (const store::TenantRecord& tenant : tenants) {
    if (tenant.state == "destroyed" || !module::is_demonstration(tenant.region)) continue;
    PROBITY_CHECK(take_away(engine, tenant));
    ++removed;
  }
  if (removed == 0) return refuse(Code::NotFound, "There is no demonstration here.");
  std::fprintf(stderr, "The demonstration is gone.\n");
  return {};
}

}  // namespace probity::app
