#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/entry.hpp"
#include "store/tx.hpp"

namespace probity::audit {

/// What reading the log needs: a module that shows it lists "audit" among its reads.
inline constexpr std::string_view k_room = "audit";

/// Where a chain ends.
struct Head {
  std::int64_t seq = 0;
  crypto::Digest hash{};
  bool is_well_formed = true;  ///< False when the stored hash has another length than 32 bytes.
};

/// From a row of (seq, hash).
[[nodiscard]] Head head_of(const store::Row& row);

/// The head of the reader's space; nothing when no entry was ever written.
[[nodiscard]] Result<std::optional<Head>> read_head(store::Reader& reader);

/// At most `limit` entries after `after_seq` (0: from the first), in order.
[[nodiscard]] Result<std::vector<ChainedEntry>> list_entries(store::Reader& reader,
                                                             std::int64_t after_seq, int limit);

/// The detail of an entry as JSON text; empty when it has none. IntegrityError when it does not
/// open.
[[nodiscard]] Result<std::string> open_detail(const crypto::Cipher& cipher,
                                              const store::JournalEntry& entry);

}  // namespace probity::audit
