#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "crypto/cipher.hpp"
#include "feature/survey/survey.hpp"
#include "report/columns.hpp"
#include "store/tx.hpp"

/// Blocks of a survey's responses for quick reports, beside the rows (docs/decisions/043). What
/// inserts or deletes rows drops their blocks in the same Change: response_rows.cpp.
namespace probity::survey {

/// Where a block lies: it covers the rows whose keys are from `first` to `last`.
struct BlockPlace {
  ResponseId first;
  ResponseId last;
  Bytes token;  ///< Random; tells this block from every other of the range.
  std::int64_t responses = 0;
};

/// The blocks of a survey that hold something, in order. No two overlap.
[[nodiscard]] Result<std::vector<BlockPlace>> blocks_of(store::Reader& reader,
                                                        const SurveyId& survey);
/// A block's content as it lies there. IntegrityError when it is gone.
[[nodiscard]] Result<Bytes> sealed_block(store::Reader& reader, const SurveyId& survey,
                                         const BlockPlace& place);
/// Opens one. IntegrityError when it is not what seal_block() made for this survey and place, or of
/// a form that this build does not read; KeyUnavailable as rows. Threads: any.
[[nodiscard]] Result<report::Columns> open_block(const crypto::Cipher& cipher,
                                                 const SurveyId& survey, const BlockPlace& place,
                                                 BytesView sealed);
[[nodiscard]] Result<Bytes> seal_block(const crypto::Cipher& cipher, const SurveyId& survey,
                                       const BlockPlace& place, BytesView block);

/// The greatest id below; the nil id below the first.
[[nodiscard]] ResponseId previous_id(const ResponseId& id);
/// The greatest id of responses whose time cannot come again: of anonymous surveys those of hours
/// that are over, as a block made earlier would tell who of an hour had come by then.
[[nodiscard]] ResponseId last_settled_id(Mode mode, Instant now);

/// What reports find that blocks lack; taken by the job that makes them. Threads: any.
class BlockNotes {
 public:
  struct Damaged {
    TenantId tenant;
    SurveyId survey;
    ResponseId last;
    Bytes token;
    auto operator<=>(const Damaged&) const = default;
  };
  struct Notes {
    std::set<TenantId> slow;  ///< Tenants with reports that had to count many rows.
    std::set<Damaged> damaged;
  };

  void note_slow(const TenantId& tenant) {
    const std::scoped_lock lock(mutex_);
    notes_.slow.insert(tenant);
  }
  void note_damaged(Damaged damaged) {
    const std::scoped_lock lock(mutex_);
    notes_.slow.insert(damaged.tenant);
    notes_.damaged.insert(std::move(damaged));
  }
  /// Takes all.
  [[nodiscard]] Notes take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(notes_, {});
  }

 private:
  std::mutex mutex_;
  Notes notes_;
};

}  // namespace probity::survey
