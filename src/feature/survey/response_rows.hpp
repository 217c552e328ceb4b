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
/// Rows of keys after `after` up to `to`. A row's key is the least id in it.
struct RowRange {
  ResponseId after;
  ResponseId to;
};
/// As each_response, for the rows of a range, in the order of their keys.
[[nodiscard]] Result<void> each_response_between(store::Reader& reader, const SurveyId& survey,
                                                 const RowRange& range, const TakeResponse& take);
/// Whether two responses could share a row: of one crowd, for all that ids tell.
[[nodiscard]] bool is_same_crowd(const ResponseId& a, const ResponseId& b);
/// The greatest id a member of this one's crowd can have.
[[nodiscard]] ResponseId end_of_crowd(const ResponseId& id);
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

/// Stores responses, and drops the blocks (blocks.hpp) that would have to hold them. Those of
/// one crowd (same survey, version, time and first bytes of the id, no origin) go into one row.
/// Reorders `responses`.
[[nodiscard]] Result<void> store_responses(store::Tx& tx, std::span<const NewResponse*> responses);
/// Also its block. False when it is not stored. What shared its row stays as it was.
[[nodiscard]] Result<bool> erase_response(store::Tx& tx, const SurveyId& survey,
                                          const ResponseId& id);

/// How much a slice of erasing took away.
struct Erased {
  std::int64_t rows = 0;
  std::int64_t responses = 0;
};
/// Erases, with their blocks, the responses of at most `rows_max` rows with ids below `before`.
[[nodiscard]] Result<Erased> erase_responses_before(store::Tx& tx, const SurveyId& survey,
                                                    const ResponseId& before,
                                                    std::int64_t rows_max);

}  // namespace probity::survey
