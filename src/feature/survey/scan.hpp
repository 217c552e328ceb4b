#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "crypto/cipher.hpp"
#include "feature/survey/blocks.hpp"
#include "report/count.hpp"
#include "store/tx.hpp"

namespace probity::survey {

/// What a scan came to.
struct Scanned {
  std::vector<report::Tally> tallies;  ///< One for each selection, in order.
  std::uint64_t total = 0;             ///< Responses stored, selected or not.
  std::uint64_t rows = 0;              ///< Of these, counted from their rows.
  std::vector<BlockPlace> damaged;     ///< Blocks that did not open; their rows were counted.
  /// Blocks and rows did not come to what is stored, so rows alone were counted.
  bool are_blocks_wrong = false;
};

/// What is counted: blocks where there are some, or each row.
enum class ScanSource : bool { BlocksAndRows, RowsAlone };

/// In what times of arrival are counted: days where the hour is all that is stored.
enum class TimeUnit : std::uint8_t { Day, Hour };
/// The unit of a moment, since 1970 in UTC.
[[nodiscard]] std::int64_t unit_of(Instant at, TimeUnit unit);

/// What to scan, and how long at most.
struct Scan {
  SurveyId survey;
  const form::Questionnaire& questionnaire;
  std::vector<report::Selection> selections;  ///< At least one; an empty one counts everything.
  /// How many there are. Few are counted without threads; blocks that do not come to as many are
  /// not believed.
  std::uint64_t expected = 0;
  const Deadline& deadline;
  std::optional<std::uint32_t> weight{};  ///< Position of the weighing question.
  TimeUnit unit = TimeUnit::Day;
  ScanSource source = ScanSource::BlocksAndRows;
};

/// Counts a survey's responses in one snapshot: this thread reads, two others open and count;
/// memory is bounded by k_scan_batches_max batches and k_scan_blocks_max blocks. A block that does
/// not open, or that lacks what is asked, is passed over and its rows are counted. IntegrityError
/// when a single response does not open (a report that silently left some out would be wrong),
/// Deadline when it takes too long.
[[nodiscard]] Result<Scanned> scan_responses(store::Reader& reader, const crypto::Cipher& cipher,
                                             const Scan& scan);

}  // namespace probity::survey
