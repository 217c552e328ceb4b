#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "store/tx.hpp"

/// How responses lie in rows: one alone, or those of a crowd that were committed together in one
/// row (docs/decisions/033). Nobody else needs to know which.
namespace probity::survey {

/// A response as it is stored: its answers sealed for k_answers_purpose, bound to its id.
struct StoredResponse {
  ResponseId id;
  Instant received_at;
  std::int64_t version = 0;
  BytesView answers;                ///< Valid until the next one, as is `origin`.
  std::optional<BytesView> origin;  ///< The sealed address; nothing in anonymous surveys.
};

/// Whether to go on.
using TakeResponse = std::function<Result<bool>(const StoredResponse&)>;

/// Every response of a survey in the order that is cheapest to read. IntegrityError for a row whose
/// parts do not fit together.
[[nodiscard]] Result<void> each_response(store::Reader& reader, const SurveyId& survey,
                                         const TakeResponse& take);
/// As each_response, in the order of their ids, beginning after `after` (the nil id: with the
/// first). Memory: one crowd.
[[nodiscard]] Result<void> each_response_in_order(store::Reader& reader, const SurveyId& survey,
                                                  const ResponseId& after,
                                                  const TakeResponse& take);
/// When a response was received; nothing when it is not stored.
[[nodiscard]] Result<std::optional<Instant>> find_response(store::Reader& reader,
                                                           const SurveyId& survey,
                                                           const ResponseId& id);

/// A response about to be stored.
struct NewResponse {
  SurveyId survey;
  ResponseId id;
  Instant received_at;
  std::int64_t version = 0;
  Bytes answers;
  std::optional<Bytes> origin;
};

/// Stores responses, those of one crowd (same survey, version, time and first bytes of the id, no
/// origin) together. Reorders `responses`.
[[nodiscard]] Result<void> store_responses(store::Tx& tx, std::span<const NewResponse*> responses);
/// False when it is not stored. What shared its row stays as it was.
[[nodiscard]] Result<bool> erase_response(store::Tx& tx, const SurveyId& survey,
                                          const ResponseId& id);

/// How much a slice of erasing took away.
struct Erased {
  std::int64_t rows = 0;
  std::int64_t responses = 0;
};
/// Erases the responses of at most `rows_max` rows with ids below `before`.
[[nodiscard]] Result<Erased> erase_responses_before(store::Tx& tx, const SurveyId& survey,
                                                    const ResponseId& before,
                                                    std::int64_t rows_max);

}  // namespace probity::survey
