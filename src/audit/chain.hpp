#pragma once

#include <vector>

#include "store/change.hpp"

namespace probity::audit {

/// Appends the journal of each group to the chain of its space, in the group's own transaction: no
/// change without its row, no row without its change. The head row is locked once per group, which
/// puts the nodes of a cluster in one order. Keeps no state. Threads: any writer.
class Chain final : public store::Journaler {
 public:
  /// Internal when an action is not in the catalogue; IntegrityError when the head row cannot be
  /// what this program wrote. Either fails the whole group.
  [[nodiscard]] Result<void> append(
      store::Tx& tx, const std::vector<const store::JournalEntry*>& entries) override;
  /// IntegrityError when the head row cannot be what this program wrote.
  [[nodiscard]] Result<void> ready(store::Tx& tx) override;
  /// Internal when its action is not in the catalogue.
  [[nodiscard]] Result<void> admit(const store::JournalEntry& entry) override;
};

}  // namespace probity::audit
