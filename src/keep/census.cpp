#include "keep/census.hpp"

#include <array>

#include <fmt/format.h>

#include "audit/verify.hpp"
#include "sql/keep.hpp"

namespace probity::keep {
namespace {

constexpr auto k_kinds = std::to_array<std::string_view>(
    {"users", "settings", "evidence", "surveys", "versions", "links", "responses"});

Result<void> count_space(store::Reader& reader, std::map<std::string, std::string>& into) {
  PROBITY_TRY(verdict, audit::verify(reader));
  if (!verdict.is_intact())
    return fail(Code::IntegrityError, fmt::format("an audit chain is broken at entry {}: {}",
                                                  verdict.broken_seq, verdict.why));
  into["audit_entries"] = std::to_string(verdict.entries);
  into["audit_head"] = verdict.head_hash_hex;
  if (reader.space().is_system()) return {};
  return reader.each(
      sql::keep::census, {reader.space().tenant()}, [&](const store::Row& row) -> Result<bool> {
        for (std::size_t i = 0; i < k_kinds.size(); ++i)
          into[std::string(k_kinds[i])] = std::to_string(row.integer(static_cast<int>(i)));
        return true;
      });
}

// `read` opens a space.
template <typename Read>
Result<Census> count_all(const std::vector<store::TenantRecord>& tenants, Read read) {
  Census census;
  {
    PROBITY_TRY(reader, read(store::Space::system()));
    PROBITY_CHECK(count_space(*reader, census["system"]));
  }
  for (const store::TenantRecord& tenant : tenants) {
    auto& counts = census["tenant " + tenant.slug];
    counts["id"] = tenant.id.text();
    counts["state"] = tenant.state;
    if (tenant.state == "destroyed") continue;
    PROBITY_TRY(reader, read(store::Space::of(tenant.id)));
    PROBITY_CHECK(count_space(*reader, counts));
  }
  return census;
}

}  // namespace

Result<Census> take_census(const std::filesystem::path& directory, const CensusParts& parts) {
  PROBITY_TRY(engine,
              store::open_sqlcipher(directory, {parts.clock, parts.log, parts.master, nullptr}));
  PROBITY_TRY(tenants, engine->tenants());
  auto census = count_all(
      tenants, [&](const store::Space& space) { return engine->read(space, store::k_grant_all); });
  engine->stop(Span::seconds(10));
  return census;
}

Result<Census> take_census(store::Moment& moment) {
  PROBITY_TRY(tenants, moment.tenants());
  return count_all(tenants, [&](const store::Space& space) { return moment.read(space); });
}

}  // namespace probity::keep
