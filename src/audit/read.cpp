#include "audit/read.hpp"

#include <algorithm>

#include "sql/audit.hpp"

namespace probity::audit {
namespace {

/// A hash of the wrong length reads as zeros, which no chain ever holds.
crypto::Digest digest_of(BytesView stored) {
  crypto::Digest digest{};
  if (stored.size() == digest.size()) std::ranges::copy(stored, digest.begin());
  return digest;
}

ChainedEntry entry_of(const store::Row& row) {
  ChainedEntry chained;
  chained.seq = row.integer(0);
  chained.entry.id = row.id<AuditId>(1);
  chained.entry.at = row.instant(2);
  chained.entry.action = std::string(row.text(3));
  chained.entry.actor = std::string(row.text(4));
  chained.entry.object = std::string(row.text(5));
  chained.entry.outcome = std::string(row.text(6));
  chained.entry.detail = to_bytes(row.bytes(7));
  chained.hash = digest_of(row.bytes(8));
  return chained;
}

}  // namespace

Head head_of(const store::Row& row) {
  return {row.integer(0), digest_of(row.bytes(1)), row.bytes(1).size() == crypto::Digest().size()};
}

Result<std::optional<Head>> read_head(store::Reader& reader) {
  return reader.first(sql::audit::read_head, {reader.space().tenant()}, head_of);
}

Result<std::vector<ChainedEntry>> list_entries(store::Reader& reader, std::int64_t after_seq,
                                               int limit) {
  return reader.all(sql::audit::list_entries, {reader.space().tenant(), after_seq, limit},
                    entry_of);
}

Result<std::string> open_detail(const crypto::Cipher& cipher, const store::JournalEntry& entry) {
  if (entry.detail.empty()) return std::string();
  PROBITY_TRY(plain, cipher.open(k_detail_purpose, entry.id.bytes(), entry.detail));
  return std::string(as_text(plain));
}

}  // namespace probity::audit
