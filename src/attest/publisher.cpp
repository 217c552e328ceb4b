#include "attest/publisher.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "attest/grant.hpp"
#include "attest/scratch.hpp"
#include "audit/read.hpp"
#include "module/demonstration.hpp"

namespace probity::attest {
namespace {

constexpr Span k_edition_life = Span::seconds(1);

constexpr std::array<std::string_view, 1> k_audit_room{audit::k_room};
constexpr std::array<std::string_view, 0> k_no_room{};
constexpr store::Grant k_log_grant{"attest.log", k_audit_room, k_no_room};

Predecessor predecessor_of(const std::optional<StoredVersion>& newest) {
  if (!newest) return {};
  return {newest->line.number, newest->line.digest};
}

Result<LogHead> log_head_of(store::Engine& engine) {
  PROBITY_TRY(reader, engine.read(store::Space::system(), k_log_grant));
  PROBITY_TRY(head, audit::read_head(*reader));
  return head ? LogHead{head->seq, head->hash} : LogHead();
}

Result<bool> holds_demonstration(store::Engine& engine) {
  PROBITY_TRY(tenants, engine.tenants());
  return std::ranges::any_of(tenants, [](const store::TenantRecord& tenant) {
    return tenant.state != "destroyed" && module::is_demonstration(tenant.region);
  });
}

}  // namespace

Result<TenantId> operator_tenant(store::Engine& engine) {
  PROBITY_TRY(tenants, engine.tenants());
  const store::TenantRecord* first = nullptr;
  for (const store::TenantRecord& tenant : tenants) {
    if (tenant.state == "destroyed" || is_scratch(tenant.slug) ||
        module::is_demonstration(tenant.region))
      continue;
    if (first == nullptr || tenant.created_at < first->created_at) first = &tenant;
  }
  if (first == nullptr) return fail(Code::NotFound, "no tenant yet");
  return first->id;
}

Result<Measured> Publisher::measure() {
  Measured measured = parts_.runner.measured();
  const auto tenant = operator_tenant(parts_.engine);
  if (!tenant) return measured;
  const store::Space space = store::Space::of(*tenant);
  PROBITY_TRY(cipher, parts_.engine.cipher(space));
  PROBITY_TRY(reader, parts_.engine.read(space, k_grant));
  PROBITY_TRY(evidence, list_evidence(*reader, *cipher, EvidenceId(),
                                      static_cast<int>(k_evidence_records_max)));
  measured.evidence = std::move(evidence);
  return measured;
}

StatementParts Publisher::parts_of(const Edition& edition) const {
  return {.catalogue = parts_.catalogue,
          .standings = edition.standings,
          .now = edition.made_at,
          .mode = parts_.mode,
          .version = edition.version,
          .previous = edition.previous,
          .log_head = edition.log_head,
          .has_demonstration = edition.has_demonstration};
}

Result<std::shared_ptr<const Edition>> Publisher::current() {
  const std::lock_guard lock(mutex_);
  // Both clocks: the wall clock may be moved in test mode.
  if (edition_ && monotonic_now() - made_at_ < k_edition_life &&
      parts_.clock.now() - edition_->made_at < k_edition_life)
    return edition_;
  PROBITY_TRY(measured, measure());
  PROBITY_TRY(newest, parts_.shelf.newest_version());
  auto edition = std::make_shared<Edition>();
  edition->made_at = parts_.clock.now();
  edition->previous = predecessor_of(newest);
  PROBITY_TRY(log_head, log_head_of(parts_.engine));
  edition->log_head = log_head;
  PROBITY_TRY(has_demonstration, holds_demonstration(parts_.engine));
  edition->has_demonstration = has_demonstration;
  edition->version = edition->previous.number;
  edition->standings = judge(parts_.catalogue, measured, edition->made_at);
  edition->document = signed_statement(parts_of(*edition), parts_.desk);
  edition_ = std::move(edition);
  made_at_ = monotonic_now();
  return edition_;
}

Result<bool> Publisher::publish_if_changed() {
  const std::lock_guard lock(publishing_);
  PROBITY_TRY(measured, measure());
  PROBITY_TRY(newest, parts_.shelf.newest_version());
  Edition edition;
  edition.made_at = parts_.clock.now();
  edition.previous = predecessor_of(newest);
  PROBITY_TRY(log_head, log_head_of(parts_.engine));
  edition.log_head = log_head;
  PROBITY_TRY(has_demonstration, holds_demonstration(parts_.engine));
  edition.has_demonstration = has_demonstration;
  edition.version = edition.previous.number + 1;
  edition.standings = judge(parts_.catalogue, measured, edition.made_at);
  edition.document = signed_statement(parts_of(edition), parts_.desk);
  StoredVersion version;
  if (newest) {
    PROBITY_TRY(changes, differences(newest->document, edition.document));
    if (changes.empty()) return false;
    version.changes = std::move(changes);
    // Effective dates grow even when the wall clock was set back.
    edition.made_at = std::max(edition.made_at, newest->line.effective_at + Span::micros(1));
  }
  version.line = {edition.version, edition.made_at, crypto::sha256(as_bytes(edition.document))};
  version.document = std::move(edition.document);
  PROBITY_CHECK(parts_.shelf.publish(version));
  const std::lock_guard edition_lock(mutex_);
  edition_.reset();
  parts_.log.info("statement_version",
                  {{"number", version.line.number}, {"changes", version.changes.size()}});
  return true;
}

}  // namespace probity::attest
