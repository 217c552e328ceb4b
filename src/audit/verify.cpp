#include "audit/verify.hpp"

#include <fmt/core.h>

#include "audit/read.hpp"

namespace probity::audit {
namespace {

/// Entries looked at in one go: bounds the memory of a walk.
constexpr int k_slice = 2000;

AuditVerdict& break_at(AuditVerdict& verdict, std::int64_t seq, std::string why) {
  verdict.broken_seq = seq;
  verdict.why = std::move(why);
  return verdict;
}

/// Takes one entry; false when it does not fit.
bool take(AuditVerdict& verdict, crypto::Digest& hash, const TenantId& tenant,
          const ChainedEntry& chained) {
  const std::int64_t expected = verdict.entries + 1;
  if (chained.seq != expected) {
    break_at(verdict, expected, fmt::format("entry {} is missing", expected));
    return false;
  }
  const crypto::Digest due = chain_hash(tenant, chained.seq, chained.entry, hash);
  if (due != chained.hash) {
    break_at(
        verdict, expected,
        fmt::format("entry {} does not match its hash: it or its place was changed", expected));
    return false;
  }
  hash = due;
  verdict.entries = expected;
  return true;
}

AuditVerdict& check_head(AuditVerdict& verdict, const std::optional<Head>& head,
                         const crypto::Digest& hash) {
  if (!head) {
    if (verdict.entries == 0) return verdict;
    return break_at(verdict, verdict.entries + 1, "the head of the chain is missing");
  }
  if (head->seq > verdict.entries) {
    return break_at(verdict, verdict.entries + 1,
                    fmt::format("entries {} to {} are missing", verdict.entries + 1, head->seq));
  }
  if (head->seq < verdict.entries) {
    return break_at(verdict, head->seq + 1, "entries stand after the head of the chain");
  }
  if (!head->is_well_formed || head->hash != hash) {
    return break_at(verdict, std::max<std::int64_t>(head->seq, 1),
                    "the head of the chain does not match the last entry");
  }
  return verdict;
}

}  // namespace

Result<AuditVerdict> verify(store::Reader& reader) {
  const TenantId& tenant = reader.space().tenant();
  AuditVerdict verdict;
  crypto::Digest hash = first_hash(tenant);
  for (;;) {
    PROBITY_TRY(slice, list_entries(reader, verdict.entries, k_slice));
    for (const ChainedEntry& chained : slice) {
      if (!take(verdict, hash, tenant, chained)) {
        verdict.head_hash_hex = to_hex(hash);
        return verdict;
      }
    }
    if (slice.size() < static_cast<std::size_t>(k_slice)) break;
  }
  verdict.head_hash_hex = to_hex(hash);
  PROBITY_TRY(head, read_head(reader));
  return check_head(verdict, head, hash);
}

}  // namespace probity::audit
