#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "crypto/cipher.hpp"
#include "form/count.hpp"
#include "store/tx.hpp"

namespace probity::survey {

/// Which responses of a survey are opened and counted. Nothing set: all.
struct ScanWindow {
  std::optional<Instant> from;          ///< Received then or later.
  std::optional<Instant> to;            ///< Received before.
  std::optional<std::int64_t> version;  ///< Answered in this version.
};

/// What a scan came to.
struct Scanned {
  form::Tally tally;
  std::uint64_t total = 0;  ///< Responses stored, in the window or not.
};

/// What to scan, and how long at most.
struct Scan {
  SurveyId survey;
  ScanWindow window;
  const form::Questionnaire& questionnaire;
  std::optional<form::Filter> filter;
  std::uint64_t expected = 0;  ///< About how many there are: few are counted without threads.
  const Deadline& deadline;
};

/// Counts a survey's responses in one snapshot: this thread reads, two others open and count;
/// memory is bounded by k_scan_batches_max batches. IntegrityError when a single response does not
/// open (a report that silently left some out would be wrong), Deadline when it takes too long.
[[nodiscard]] Result<Scanned> scan_responses(store::Reader& reader, const crypto::Cipher& cipher,
                                             const Scan& scan);

}  // namespace probity::survey
