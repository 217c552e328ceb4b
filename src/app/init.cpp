#include "app/init.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "app/demonstration.hpp"
#include "app/installation.hpp"
#include "attest/scratch.hpp"
#include "identity/acting.hpp"
#include "identity/email.hpp"
#include "identity/limits.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "module/demonstration.hpp"

namespace probity::app {
namespace {

std::string origin_of(const Config& config) {
  return config.public_url.empty() ? "https://localhost:8443" : config.public_url;
}

void say_new_keys(const Config& config) {
  std::fprintf(stderr,
               "Made the key file %s.\n"
               "Keep a copy of it apart from the data and from every backup: without it nothing "
               "can be read, by anyone.\n",
               config.key_file.c_str());
}

/// Names and labels that are kept for tenants of the program's own.
Result<void> check_reserved(const InitOptions& options) {
  if (attest::is_scratch(options.slug)) {
    return refuse_field(Code::BadRequest, "tenant",
                        fmt::format("{}… is kept for the server's own measurements, which destroy "
                                    "such tenants after a day; choose another name",
                                    attest::k_scratch_prefix));
  }
  if (module::is_demonstration(options.region)) {
    return refuse_field(
        Code::BadRequest, "region",
        fmt::format("{} marks what is invented; --demo makes it", module::k_demonstration_region));
  }
  // Before anything is made: a tenant without an owner could neither be entered nor made again.
  PROBITY_CHECK(identity::check_email(options.owner_email));
  return {};
}

Result<void> make_tenant(const Config& config, const InitOptions& options,
                         Installation& installation) {
  PROBITY_TRY(tenant, installation.engine().create_tenant(options.slug, options.region));
  const Instant now = installation.clock().now();
  PROBITY_CHECK(name_organisation(installation.engine(), tenant.id, options.name, now));
  PROBITY_TRY(token,
              identity::create_owner(installation.engine(), tenant.id, options.owner_email, now));
  say_setup_link(config, options.owner_email, token);
  return {};
}

}  // namespace

Result<void> name_organisation(store::Engine& engine, TenantId tenant, const std::string& name,
                               Instant now) {
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant)));
  identity::SettingsPatch patch;
  patch.organisation_name = name;
  PROBITY_TRY(planned, identity::plan_change_settings(
                           identity::acting_as_operator(tenant, now, cipher), patch));
  return engine.apply(store::Space::of(tenant), std::move(planned.change));
}

void say_setup_link(const Config& config, const std::string& owner, const std::string& token) {
  std::fprintf(stderr, "Set-up link for %s; it works once, within %lld hours:\n", owner.c_str(),
               static_cast<long long>(identity::k_link_life.us() / Span::hours(1).us()));
  std::printf("%s/setup/%s\n", origin_of(config).c_str(), token.c_str());
}

Result<void> init(const Config& config, const InitOptions& options) {
  if (!options.is_demonstration) PROBITY_CHECK(check_reserved(options));
  std::string as_role;
  if (!config.database.empty()) {
    const SystemClock clock;
    Log log(2, clock, LogLevel::Warning);
    PROBITY_TRY(role, store::prepare_postgres(config.database, options.app_role, log));
    as_role = role;
  }
  PROBITY_TRY(installation, Installation::open(config, Installation::Keys::MayBeMade, as_role));
  if (installation->has_new_keys()) say_new_keys(config);
  if (!as_role.empty())
    std::fprintf(stderr, "Serve as the role %s, which owns nothing: put it into --database.\n",
                 as_role.c_str());
  return options.is_demonstration ? init_demonstration(config, *installation)
                                  : make_tenant(config, options, *installation);
}

}  // namespace probity::app
