#pragma once

#include <cstdint>
#include <string>

#include "store/tx.hpp"

namespace probity::audit {

/// What walking a chain found.
struct AuditVerdict {
  std::int64_t entries = 0;     ///< Entries that fit, from the first.
  std::string head_hash_hex;    ///< Hash of the last one that fits; compare it with an older copy.
  std::int64_t broken_seq = 0;  ///< First entry that does not fit; 0 when all do.
  std::string why;              ///< Plain words; empty when nothing is broken.

  [[nodiscard]] bool is_intact() const { return broken_seq == 0; }
};

/// Walks the chain of the reader's space from its first entry to its head, in slices of bounded
/// size. A changed, missing, added or reordered entry and a cut tail are named by number. What it
/// cannot see: a tail cut together with its head by somebody who holds the keys; the signed
/// statement carries the head's hash for that. Errors are those of the store alone.
[[nodiscard]] Result<AuditVerdict> verify(store::Reader& reader);

}  // namespace probity::audit
