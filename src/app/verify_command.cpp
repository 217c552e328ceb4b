#include "app/verify_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/installation.hpp"
#include "attest/verify.hpp"
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

Result<int> verify_audit(const Config& config, const VerifyOptions& options) {
  PROBITY_TRY(installation, Installation::open(config, Installation::Keys::MustExist));
  store::Engine& engine = installation->engine();
  bool is_intact = true;
  bool is_found = options.tenant.empty();
  if (options.tenant.empty()) {
    PROBITY_TRY(system_intact, verify_chain(engine, store::Space::system(), "system"));
    is_intact = system_intact;
  }
  PROBITY_TRY(tenants, engine.tenants());
  for (const store::TenantRecord& tenant : tenants) {
    if (!options.tenant.empty() && tenant.slug != options.tenant) continue;
    if (tenant.state == "destroyed") continue;
    is_found = true;
    PROBITY_TRY(tenant_intact, verify_chain(engine, store::Space::of(tenant.id), tenant.slug));
    is_intact = is_intact && tenant_intact;
  }
  // Silence and 0 would read as an intact chain.
  if (!is_found)
    return refuse(Code::NotFound, fmt::format("There is no tenant {} here.", options.tenant));
  return is_intact ? 0 : 1;
}

/// The text of a file of at most 16 MiB; a statement has well under one.
Result<std::string> read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return refuse(Code::BadRequest, fmt::format("{} cannot be read.", file));
  constexpr std::size_t k_bytes_max = 16 * 1024 * 1024;
  std::string text(k_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > k_bytes_max)
    return refuse(Code::LimitExceeded, fmt::format("{} is larger than a statement is.", file));
  return text;
}

}  // namespace

Result<int> verify(const Config& config, const VerifyOptions& options) {
  if (options.wants_audit) return verify_audit(config, options);
  if (options.statement_file.empty())
    return refuse(Code::BadRequest, "Name a saved statement, or say --audit.");
  PROBITY_TRY(document, read_text(options.statement_file));
  std::string key = options.public_key;
  if (std::filesystem::exists(key)) {
    PROBITY_TRY(text, read_text(key));
    key = std::move(text);
  }
  const attest::Verification found = attest::verify_statement(document, key, SystemClock().now());
  for (const std::string& line : found.lines)
    std::printf("%s\n", line.c_str());
  return static_cast<int>(found.verdict);
}

}  // namespace probity::app
