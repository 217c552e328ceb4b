#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "crypto/cipher.hpp"
#include "form/count.hpp"
#include "store/tx.hpp"

namespace probity::survey {

/// What a scan came to.
struct Scanned {
  std::vector<form::Tally> tallies;  ///< One for each selection, in order.
  std::uint64_t total = 0;           ///< Responses stored, selected or not.
};

/// In what times of arrival are counted: days where the hour is all that is stored.
enum class TimeUnit : std::uint8_t { Day, Hour };
/// The unit of a moment, since 1970 in UTC.
[[nodiscard]] std::int64_t unit_of(Instant at, TimeUnit unit);

/// What to scan, and how long at most.
struct Scan {
  SurveyId survey;
  const form::Questionnaire& questionnaire;
  std::vector<form::Selection> selections;  ///< At least one; an empty one counts everything.
  std::uint64_t expected = 0;  ///< About how many there are: few are counted without threads.
  const Deadline& deadline;
  std::optional<std::uint32_t> weight{};  ///< Position of the weighing question.
  TimeUnit unit = TimeUnit::Day;
};

/// Counts a survey's responses in one snapshot: this thread reads, two others open and count;
/// memory is bounded by k_scan_batches_max batches. IntegrityError when a single response does not
/// open (a report that silently left some out would be wrong), Deadline when it takes too long.
[[nodiscard]] Result<Scanned> scan_responses(store::Reader& reader, const crypto::Cipher& cipher,
                                             const Scan& scan);

}  // namespace probity::survey
