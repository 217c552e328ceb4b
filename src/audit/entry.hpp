#pragma once

#include <string>
#include <string_view>

#include "crypto/cipher.hpp"
#include "crypto/hash.hpp"
#include "store/change.hpp"

namespace probity::audit {

/// Purpose under which details are sealed, bound to the entry's id.
inline constexpr crypto::Purpose k_detail_purpose = "audit.detail";

/// What an entry is made from.
struct EntryParts {
  Instant at;
  std::string_view action;         ///< From k_actions.
  std::string actor;               ///< "usr_…", "tok_…", "system", "cli", …
  std::string object{};            ///< Id of what was acted on, or empty.
  std::string_view detail_json{};  ///< Sealed when not empty: may hold what a person typed.
};

/// A journal entry with a fresh id. KeyUnavailable when there is a detail and no key to seal it.
[[nodiscard]] Result<store::JournalEntry> make_entry(const crypto::Cipher& cipher,
                                                     EntryParts parts);

/// An entry as it lies in the chain.
struct ChainedEntry {
  std::int64_t seq = 0;  ///< 1, 2, 3 … without a gap.
  store::JournalEntry entry;
  crypto::Digest hash{};
};

/// Hash before the first entry of a space: SHA-256 of a label and the tenant's 16 bytes, so that no
/// chain can be passed off as another tenant's.
[[nodiscard]] crypto::Digest first_hash(const TenantId& tenant);

/// SHA-256 over every column (each with its length, integers as 8 bytes big endian) and the hash of
/// the entry before: one changed byte anywhere changes every later hash.
[[nodiscard]] crypto::Digest chain_hash(const TenantId& tenant, std::int64_t seq,
                                        const store::JournalEntry& entry,
                                        const crypto::Digest& previous);

}  // namespace probity::audit
