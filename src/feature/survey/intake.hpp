#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "feature/survey/ledger.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/survey.hpp"
#include "store/tx.hpp"

namespace probity::survey {

/// Submissions of one commit group: each is decided on at once, in memory, against gates read once,
/// and all are written together: one row for a crowd, one for the keys, one count for a survey.
/// Threads: the tenant's writer.
class Intake final : public store::GroupPart {
 public:
  explicit Intake(IdempotencyLedger& ledger) : ledger_(ledger) {}
  /// The one of this group.
  [[nodiscard]] static Intake& of(store::Tx& tx, IdempotencyLedger& ledger);

  /// Whether the survey takes one more response now; false also for one that is not there.
  [[nodiscard]] Result<bool> admits(store::Tx& tx, const SurveyId& survey, Instant now);
  /// The response an earlier submission with this key was stored as; nothing when the key is new,
  /// and is now that of `id`. IdempotencyReused when it came with another body.
  [[nodiscard]] Result<std::optional<ResponseId>> claim(store::Tx& tx, const IdempotencyKey& key,
                                                        const ResponseId& id, Instant now);
  /// Stores a response that was admitted.
  void take(std::shared_ptr<const NewResponse> response);
  /// Takes in again what was admitted and acknowledged before a crash, whatever the gate says now.
  /// Nothing is left to do when its survey is no more.
  [[nodiscard]] Result<void> take_again(store::Tx& tx, std::shared_ptr<const NewResponse> response,
                                        const std::optional<Claim>& claim);

  void begin_change() override;
  void undo_change() override;
  [[nodiscard]] bool has_gathered() const override;
  [[nodiscard]] Result<void> write(store::Tx& tx) override;

 private:
  /// A survey's gate as this group sees it.
  struct Gate {
    SurveyId survey;
    bool is_there = false;
    Status status = Status::Draft;
    std::optional<Instant> opens_at;
    std::optional<Instant> closes_at;
    std::optional<std::int64_t> cap;
    std::int64_t accepted = 0;  ///< Stored before this group.
    std::int64_t taken = 0;     ///< By this group so far.
  };
  /// How much there was when the present Change began.
  struct Extent {
    std::size_t gates = 0;
    std::size_t claims = 0;
    std::size_t responses = 0;
  };

  [[nodiscard]] Result<Gate*> gate_of(store::Tx& tx, const SurveyId& survey);

  IdempotencyLedger& ledger_;
  std::vector<Gate> gates_;  ///< Few: a group is one tenant's.
  std::vector<Claim> claims_;
  std::vector<std::shared_ptr<const NewResponse>> responses_;
  Extent begun_;
};

}  // namespace probity::survey
