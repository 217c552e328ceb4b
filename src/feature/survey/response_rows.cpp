#include "feature/survey/response_rows.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "feature/survey/crowd.hpp"
#include "feature/survey/limits.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

/// An entry of `members`: an id and the length of its answers.
constexpr std::size_t k_member_bytes = 16 + 4;

std::unexpected<Error> damaged() {
  return fail(Code::IntegrityError, "a row of responses does not hold together");
}

std::uint32_t read_u32(BytesView bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes.first(4))
    value = value << 8 | byte;
  return value;
}

/// Calls `take` for each response of a row of `response_rows`.
Result<bool> each_member(const store::Row& row, const TakeResponse& take) {
  StoredResponse response{row.id<ResponseId>(0), row.instant(1), row.integer(2), row.bytes(4), {}};
  if (!row.is_null(5)) response.origin = row.bytes(5);
  if (row.is_null(3)) return take(response);
  const BytesView members = row.bytes(3);
  BytesView rest = row.bytes(4);
  if (members.empty() || members.size() % k_member_bytes != 0) return damaged();
  for (std::size_t at = 0; at < members.size(); at += k_member_bytes) {
    const auto id = ResponseId::from_bytes(members.subspan(at, 16));
    const std::uint32_t length = read_u32(members.subspan(at + 16));
    if (!id || length > rest.size()) return damaged();
    response.id = *id;
    response.answers = rest.first(length);
    rest = rest.subspan(length);
    PROBITY_TRY(goes_on, take(response));
    if (!goes_on) return false;
  }
  if (!rest.empty()) return damaged();
  return true;
}

ResponseId last_of_all() {
  RawId raw;
  raw.bytes.fill(0xff);
  return ResponseId(raw);
}

/// Every row of a range, in pages that grow until they hold k_page_bytes.
template <typename OnRow>
Result<void> each_row(store::Reader& reader, const SurveyId& survey, const RowRange& range,
                      const OnRow& on_row) {
  constexpr std::int64_t k_page_rows_min = 64;
  constexpr std::int64_t k_page_rows_max = 8'192;
  constexpr std::size_t k_page_bytes = 8UL * 1024 * 1024;
  std::int64_t limit = k_page_rows_min;
  ResponseId last = range.after;
  for (bool goes_on = true; goes_on;) {
    std::int64_t rows = 0;
    std::size_t bytes = 1;
    PROBITY_CHECK(reader.each(q::response_rows_to,
                              {reader.space().tenant(), survey, last, limit, range.to},
                              [&](const store::Row& row) -> Result<bool> {
                                ++rows;
                                bytes += row.bytes(4).size();
                                last = row.id<ResponseId>(0);
                                PROBITY_TRY(wants_more, on_row(row));
                                goes_on = wants_more;
                                return wants_more;
                              }));
    if (rows < limit) return {};
    const auto fitting =
        static_cast<std::int64_t>(k_page_bytes * static_cast<std::size_t>(rows) / bytes);
    limit = std::clamp(fitting, k_page_rows_min, std::min(limit * 8, k_page_rows_max));
  }
  return {};
}

/// The least or greatest id a member of this one's crowd can have.
ResponseId bound_of_crowd(const ResponseId& id, std::uint8_t fill) {
  RawId raw = id.raw();
  std::fill(raw.bytes.begin() + k_crowd_bytes, raw.bytes.end(), fill);
  return ResponseId(raw);
}

/// The greatest id below every id of this one's crowd.
ResponseId before_crowd(const ResponseId& id) {
  RawId raw = bound_of_crowd(id, 0).raw();
  if (raw == RawId{}) return ResponseId();
  for (std::size_t i = raw.bytes.size(); i-- > 0;) {
    if (raw.bytes[i]-- != 0) break;
  }
  return ResponseId(raw);
}

/// The responses of one crowd, on their way to id order.
class CrowdBuffer {
 public:
  void add(const StoredResponse& response) {
    const BytesView origin = response.origin.value_or(BytesView());
    items_.push_back({response, bytes_.size()});
    bytes_.insert(bytes_.end(), response.answers.begin(), response.answers.end());
    bytes_.insert(bytes_.end(), origin.begin(), origin.end());
  }
  [[nodiscard]] bool is_of(const ResponseId& id) const {
    return items_.empty() || is_same_crowd(items_.front().response.id, id);
  }
  /// Gives away what it holds.
  Result<bool> hand_on(const TakeResponse& take) {
    std::ranges::sort(items_, {}, [](const Item& item) { return item.response.id; });
    bool goes_on = true;
    for (std::size_t i = 0; goes_on && i < items_.size(); ++i) {
      StoredResponse response = items_[i].response;
      const BytesView own = BytesView(bytes_).subspan(items_[i].begin);
      response.answers = own.first(response.answers.size());
      if (response.origin)
        response.origin = own.subspan(response.answers.size(), response.origin->size());
      PROBITY_TRY(wants_more, take(response));
      goes_on = wants_more;
    }
    items_.clear();
    bytes_.clear();
    return goes_on;
  }

 private:
  struct Item {
    StoredResponse response;  ///< Its views tell the sizes alone.
    std::size_t begin;        ///< Of its answers and then its origin in `bytes_`.
  };
  Bytes bytes_;
  std::vector<Item> items_;
};

Result<void> store_one(store::Tx& tx, const NewResponse& response) {
  PROBITY_CHECK(tx.run(q::insert_response,
                       {tx.space().tenant(), response.survey, response.id, response.received_at,
                        response.version, response.answers, response.origin, nullptr}));
  return {};
}

/// Responses of one crowd in id order, as one row.
Result<void> store_packed(store::Tx& tx, std::span<const NewResponse* const> responses) {
  if (responses.size() == 1) return store_one(tx, *responses.front());
  Bytes members;
  Bytes answers;
  members.reserve(responses.size() * k_member_bytes);
  for (const NewResponse* response : responses) {
    const BytesView id = response->id.bytes();
    members.insert(members.end(), id.begin(), id.end());
    append_u32(members, static_cast<std::uint32_t>(response->answers.size()));
    answers.insert(answers.end(), response->answers.begin(), response->answers.end());
  }
  const NewResponse& first = *responses.front();
  PROBITY_CHECK(
      tx.run(q::insert_response, {tx.space().tenant(), first.survey, first.id, first.received_at,
                                  first.version, answers, nullptr, members}));
  return {};
}

bool may_share_row(const NewResponse& a, const NewResponse& b) {
  return !a.origin && !b.origin && a.survey == b.survey && a.version == b.version &&
         a.received_at == b.received_at && is_same_crowd(a.id, b.id);
}

/// A row that holds `wanted`, copied out of the statement.
struct FoundRow {
  ResponseId key;
  bool is_alone = true;
  std::vector<NewResponse> others;  ///< Those that share the row.
};

Result<std::optional<FoundRow>> find_row(store::Reader& reader, const SurveyId& survey,
                                         const ResponseId& wanted) {
  std::optional<FoundRow> found;
  const auto on_row = [&](const store::Row& row) -> Result<bool> {
    FoundRow candidate{row.id<ResponseId>(0), row.is_null(3), {}};
    bool is_it = false;
    PROBITY_CHECK(each_member(row, [&](const StoredResponse& response) -> Result<bool> {
      if (response.id == wanted) {
        is_it = true;
      } else {
        candidate.others.push_back({survey, response.id, response.received_at, response.version,
                                    to_bytes(response.answers), std::nullopt});
      }
      return true;
    }));
    if (is_it) found = std::move(candidate);
    return !is_it;
  };
  PROBITY_CHECK(reader.each(
      q::crowd_rows,
      {reader.space().tenant(), survey, bound_of_crowd(wanted, 0), bound_of_crowd(wanted, 0xff)},
      on_row));
  return found;
}

/// Drops the blocks over rows that are about to come or have gone.
Result<void> drop_blocks_of(store::Tx& tx, const SurveyId& survey, const ResponseId& first,
                            const ResponseId& last) {
  PROBITY_CHECK(tx.run(q::drop_blocks_of, {tx.space().tenant(), survey, first, last}));
  return {};
}

/// The same for responses in the order of their surveys.
Result<void> drop_blocks_of(store::Tx& tx, std::span<const NewResponse* const> responses) {
  while (!responses.empty()) {
    const SurveyId& survey = responses.front()->survey;
    ResponseId first = responses.front()->id;
    ResponseId last = first;
    std::size_t count = 0;
    for (; count < responses.size() && responses[count]->survey == survey; ++count) {
      first = std::min(first, responses[count]->id);
      last = std::max(last, responses[count]->id);
    }
    PROBITY_CHECK(drop_blocks_of(tx, survey, first, last));
    responses = responses.subspan(count);
  }
  return {};
}

}  // namespace

bool is_same_crowd(const ResponseId& a, const ResponseId& b) {
  return std::ranges::equal(a.bytes().first(k_crowd_bytes), b.bytes().first(k_crowd_bytes));
}

ResponseId end_of_crowd(const ResponseId& id) { return bound_of_crowd(id, 0xff); }

Result<void> each_response(store::Reader& reader, const SurveyId& survey,
                           const TakeResponse& take) {
  return each_response_between(reader, survey, {ResponseId(), last_of_all()}, take);
}

Result<void> each_response_between(store::Reader& reader, const SurveyId& survey,
                                   const RowRange& range, const TakeResponse& take) {
  return each_row(reader, survey, range,
                  [&](const store::Row& row) { return each_member(row, take); });
}

Result<void> each_response_in_order(store::Reader& reader, const SurveyId& survey,
                                    const ResponseId& after, const TakeResponse& take) {
  CrowdBuffer crowd;
  bool is_over = false;
  const auto on_row = [&](const store::Row& row) -> Result<bool> {
    if (!crowd.is_of(row.id<ResponseId>(0))) {
      PROBITY_TRY(goes_on, crowd.hand_on(take));
      is_over = !goes_on;
      if (is_over) return false;
    }
    return each_member(row, [&](const StoredResponse& response) -> Result<bool> {
      if (after < response.id) crowd.add(response);
      return true;
    });
  };
  PROBITY_CHECK(each_row(reader, survey, {before_crowd(after), last_of_all()}, on_row));
  if (!is_over) PROBITY_CHECK(crowd.hand_on(take));
  return {};
}

Result<std::optional<Instant>> find_response(store::Reader& reader, const SurveyId& survey,
                                             const ResponseId& id) {
  std::optional<Instant> at;
  const auto on_row = [&](const store::Row& row) {
    return each_member(row, [&](const StoredResponse& response) -> Result<bool> {
      if (response.id == id) at = response.received_at;
      return !at;
    });
  };
  PROBITY_CHECK(reader.each(
      q::crowd_rows,
      {reader.space().tenant(), survey, bound_of_crowd(id, 0), bound_of_crowd(id, 0xff)}, on_row));
  return at;
}

Result<void> store_responses(store::Tx& tx, std::span<const NewResponse*> responses) {
  std::ranges::sort(responses, {}, [](const NewResponse* response) {
    return std::tuple(response->survey, response->version, response->received_at, response->id);
  });
  PROBITY_CHECK(drop_blocks_of(tx, responses));
  while (!responses.empty()) {
    std::size_t count = 1;
    std::size_t bytes = responses.front()->answers.size();
    while (count < responses.size() && may_share_row(*responses.front(), *responses[count]) &&
           bytes + responses[count]->answers.size() <= k_row_max_bytes)
      bytes += responses[count++]->answers.size();
    PROBITY_CHECK(store_packed(tx, responses.first(count)));
    responses = responses.subspan(count);
  }
  return {};
}

Result<bool> erase_response(store::Tx& tx, const SurveyId& survey, const ResponseId& id) {
  const TenantId tenant = tx.space().tenant();
  PROBITY_TRY(row, find_row(tx, survey, id));
  if (!row) return false;
  PROBITY_CHECK(tx.run(q::erase_row, {tenant, survey, row->key}));
  PROBITY_CHECK(drop_blocks_of(tx, survey, row->key, row->key));
  if (row->is_alone) return true;
  std::vector<const NewResponse*> others;
  for (const NewResponse& other : row->others)
    others.push_back(&other);
  PROBITY_CHECK(store_responses(tx, others));
  return true;
}

Result<Erased> erase_responses_before(store::Tx& tx, const SurveyId& survey,
                                      const ResponseId& before, std::int64_t rows_max) {
  const TenantId tenant = tx.space().tenant();
  PROBITY_TRY(count, tx.first(q::count_older, {tenant, survey, before, rows_max},
                              [](const store::Row& row) { return row.integer(0); }));
  PROBITY_TRY(rows, tx.run(q::erase_older, {tenant, survey, before, rows_max}));
  if (rows > 0) PROBITY_CHECK(drop_blocks_of(tx, survey, ResponseId(), before));
  return Erased{rows, count.value_or(0)};
}

}  // namespace probity::survey
