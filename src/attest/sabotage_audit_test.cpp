#include <gtest/gtest.h>

#include "attest/attest_fixture.hpp"
#include "attest/probes_audit.hpp"
#include "audit/read.hpp"

namespace probity::attest {
namespace {

constexpr std::string_view k_recorded = "audit.change_recorded";
constexpr std::string_view k_tampering = "audit.tampering_named";

/// Writes every entry but those of one action; or every entry twice.
class Sloppy final : public store::Journaler {
 public:
  enum class How : bool { Skips, Doubles };
  explicit Sloppy(How how) : how_(how) {}
  Result<void> append(store::Tx& tx,
                      const std::vector<const store::JournalEntry*>& entries) override {
    std::vector<const store::JournalEntry*> kept;
    for (const store::JournalEntry* entry : entries) {
      if (how_ == How::Skips && entry->action == "user.create") continue;
      kept.push_back(entry);
      if (how_ == How::Doubles) kept.push_back(entry);
    }
    return chain_.append(tx, kept);
  }
  Result<void> ready(store::Tx& tx) override { return chain_.ready(tx); }
  Result<void> admit(const store::JournalEntry& entry) override { return chain_.admit(entry); }

 private:
  audit::Chain chain_;
  How how_;
};

TEST(AuditProbes, HoldOnTheProduct) {
  Workshop shop;
  const Probes probes = audit_probes(shop.ground);
  EXPECT_STATUS(run_probe(probes, k_recorded), Status::Held);
  EXPECT_STATUS(run_probe(probes, k_tampering), Status::Held);
}

TEST(AuditProbes, SeeAChangeWithoutItsEntryOrWithTwo) {
  for (const Sloppy::How how : {Sloppy::How::Skips, Sloppy::How::Doubles}) {
    Sloppy journaler(how);
    support::OpenEngine store(&journaler);
    Scratch scratch(*store.engine, store.clock);
    const Ground ground{*store.engine, store.clock, scratch};
    EXPECT_STATUS(run_probe(audit_probes(ground), k_recorded), Status::Broken);
  }
}

TEST(AuditProbes, SeeAnEntryWithoutItsChange) {
  Workshop shop;
  AuditSubject subject = product_audit();
  // What an entry in a transaction of its own leaves behind when its change is refused.
  subject.refused_change = [](const Ground& ground,
                              const store::TenantRecord& tenant) -> Result<void> {
    const AuditSubject product = product_audit();
    PROBITY_CHECK(product.change(ground, tenant));
    return product.refused_change(ground, tenant);
  };
  EXPECT_STATUS(run_probe(audit_probes(shop.ground, subject), k_recorded), Status::Broken);
}

TEST(AuditProbes, SeeAVerifierThatIsContentWithEverything) {
  Workshop shop;
  AuditSubject subject = product_audit();
  subject.verify = [](store::Reader&) -> Result<audit::AuditVerdict> {
    return audit::AuditVerdict{};
  };
  EXPECT_STATUS(run_probe(audit_probes(shop.ground, subject), k_tampering), Status::Broken);
}

/// Walks what is there and never looks at the head or the numbers.
Result<audit::AuditVerdict> verify_what_is_there(store::Reader& reader) {
  audit::AuditVerdict verdict;
  PROBITY_TRY(entries, audit::list_entries(reader, 0, 1000));
  crypto::Digest previous = audit::first_hash(reader.space().tenant());
  for (const audit::ChainedEntry& entry : entries) {
    const TenantId& tenant = reader.space().tenant();
    if (audit::chain_hash(tenant, entry.seq, entry.entry, previous) != entry.hash) {
      verdict.broken_seq = entry.seq;
      return verdict;
    }
    previous = entry.hash;
  }
  return verdict;
}

TEST(AuditProbes, SeeAVerifierThatDoesNotCountEntries) {
  Workshop shop;
  AuditSubject subject = product_audit();
  subject.verify = verify_what_is_there;
  EXPECT_STATUS(run_probe(audit_probes(shop.ground, subject), k_tampering), Status::Broken);
}

TEST(AuditProbes, SeeAVerifierThatLeavesTheTimeOut) {
  Workshop shop;
  AuditSubject subject = product_audit();
  subject.verify = [](store::Reader& reader) -> Result<audit::AuditVerdict> {
    PROBITY_TRY(verdict, audit::verify(reader));
    PROBITY_TRY(entries, audit::list_entries(reader, 0, 1000));
    // Forgives a damaged entry whose words are those the chain began with.
    if (!verdict.is_intact() && entries.size() >= static_cast<std::size_t>(verdict.broken_seq) &&
        entries[static_cast<std::size_t>(verdict.broken_seq) - 1].entry.action == "user.create")
      return audit::AuditVerdict{};
    return verdict;
  };
  EXPECT_STATUS(run_probe(audit_probes(shop.ground, subject), k_tampering), Status::Broken);
}

}  // namespace
}  // namespace probity::attest
