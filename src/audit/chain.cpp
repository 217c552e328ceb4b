#include "audit/chain.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "audit/actions.hpp"
#include "audit/entry.hpp"
#include "audit/read.hpp"
#include "sql/audit.hpp"

namespace probity::audit {
namespace {

Result<Head> lock_head(store::Tx& tx) {
  const TenantId& tenant = tx.space().tenant();
  PROBITY_TRY(locked, tx.first(sql::audit::lock_head, {tenant}, head_of));
  if (locked) return *locked;
  // The first entry of a space. Another node may begin it too: whoever comes second finds a row.
  PROBITY_CHECK(tx.run(sql::audit::begin_head, {tenant, first_hash(tenant)}));
  PROBITY_TRY(begun, tx.first(sql::audit::lock_head, {tenant}, head_of));
  if (!begun) return fail(Code::Internal, "the audit chain could not be begun");
  return *begun;
}

std::unexpected<Error> damaged_head() {
  return fail(Code::IntegrityError, "the audit head is damaged");
}

}  // namespace

Result<void> Chain::admit(const store::JournalEntry& entry) {
  if (is_action(entry.action)) return {};
  return fail(Code::Internal, fmt::format("audit action {} is not in the catalogue", entry.action));
}

Result<void> Chain::ready(store::Tx& tx) {
  PROBITY_TRY(head, tx.first(sql::audit::lock_head, {tx.space().tenant()}, head_of));
  if (head && !head->is_well_formed) return damaged_head();
  return {};
}

Result<void> Chain::append(store::Tx& tx, const std::vector<const store::JournalEntry*>& entries) {
  if (entries.empty()) return {};
  for (const store::JournalEntry* entry : entries)
    PROBITY_CHECK(admit(*entry));
  const TenantId& tenant = tx.space().tenant();
  PROBITY_TRY(head, lock_head(tx));
  if (!head.is_well_formed) return damaged_head();
  std::int64_t seq = head.seq;
  crypto::Digest hash = head.hash;
  for (const store::JournalEntry* entry : entries) {
    ++seq;
    hash = chain_hash(tenant, seq, *entry, hash);
    PROBITY_CHECK(tx.run(sql::audit::insert_entry,
                         {tenant, seq, entry->id, entry->at, entry->action, entry->actor,
                          entry->object, entry->outcome, entry->detail, hash}));
  }
  PROBITY_CHECK(tx.run(sql::audit::move_head, {tenant, seq, hash}));
  return {};
}

}  // namespace probity::audit
