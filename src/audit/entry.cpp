#include "audit/entry.hpp"

namespace probity::audit {
namespace {

constexpr std::string_view k_begin_label = "probity.audit.begin.1";
constexpr std::string_view k_entry_label = "probity.audit.entry.1";

}  // namespace

Result<store::JournalEntry> make_entry(const crypto::Cipher& cipher, EntryParts parts) {
  store::JournalEntry entry;
  entry.id = AuditId::make(parts.at);
  entry.at = parts.at;
  entry.action = std::string(parts.action);
  entry.actor = std::move(parts.actor);
  entry.object = std::move(parts.object);
  if (!parts.detail_json.empty()) {
    PROBITY_TRY(sealed,
                cipher.seal(k_detail_purpose, entry.id.bytes(), as_bytes(parts.detail_json)));
    entry.detail = std::move(sealed);
  }
  return entry;
}

crypto::Digest first_hash(const TenantId& tenant) {
  Bytes content;
  append_sized(content, as_bytes(k_begin_label));
  append_sized(content, tenant.bytes());
  return crypto::sha256(content);
}

crypto::Digest chain_hash(const TenantId& tenant, std::int64_t seq,
                          const store::JournalEntry& entry, const crypto::Digest& previous) {
  Bytes content;
  content.reserve(256 + entry.detail.size());
  append_sized(content, as_bytes(k_entry_label));
  append_sized(content, tenant.bytes());
  append_u64(content, static_cast<std::uint64_t>(seq));
  append_sized(content, entry.id.bytes());
  append_u64(content, static_cast<std::uint64_t>(entry.at.us()));
  append_sized(content, as_bytes(entry.action));
  append_sized(content, as_bytes(entry.actor));
  append_sized(content, as_bytes(entry.object));
  append_sized(content, as_bytes(entry.outcome));
  append_sized(content, entry.detail);
  append_sized(content, previous);
  return crypto::sha256(content);
}

}  // namespace probity::audit
