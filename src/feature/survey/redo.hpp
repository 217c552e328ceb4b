#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "feature/survey/ledger.hpp"
#include "feature/survey/response_rows.hpp"
#include "store/change.hpp"

namespace probity::survey {

/// What of an accepted submission lies in the commit log: the response, its answers sealed as ever,
/// and the claim of its key. Sized fields one after the other.
[[nodiscard]] store::Redo redo_of(const NewResponse& response, const std::optional<Claim>& claim);

/// Takes accepted submissions in again after a crash. Threads: the tenant's writer.
class SubmissionRedoer final : public store::Redoer {
 public:
  /// `ledger` is the one the survey module works with.
  explicit SubmissionRedoer(std::shared_ptr<IdempotencyLedger> ledger)
      : ledger_(std::move(ledger)) {}

  [[nodiscard]] std::string_view kind() const override;
  [[nodiscard]] store::Grant grant() const override;
  /// IntegrityError when the content is not what redo_of() writes.
  [[nodiscard]] Result<void> redo(store::Tx& tx, BytesView content) override;

 private:
  std::shared_ptr<IdempotencyLedger> ledger_;
};

}  // namespace probity::survey
