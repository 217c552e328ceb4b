#include "feature/survey/ledger.hpp"

#include <algorithm>
#include <cstring>

#include "feature/survey/limits.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

/// A segment holds the keys of four hours; the oldest is dropped whole.
constexpr Span k_segment_span = Span::hours(4);
constexpr std::size_t k_table_places_min = 64;
/// How many keys a tenant takes in between two looks at the total of all tenants.
constexpr std::size_t k_keys_between_checks = 4'096;

std::uint64_t fingerprint_of(BytesView key_hash) {
  std::uint64_t value = 0;
  std::memcpy(&value, key_hash.data(), sizeof value);
  return value;
}

bool is_remembered(Instant at, Instant now) { return now - at < k_idempotency_kept; }

/// What is stored about the key that was sent.
struct Stored {
  Instant at;
  bool is_same_key = false;
  bool is_same_body = false;
  ResponseId id;
};

/// Looks for the key in a row, which may hold several.
Stored stored_of(const store::Row& row, const IdempotencyKey& key) {
  constexpr std::size_t k_part = 16;
  Stored stored;
  stored.at = row.instant(0);
  const BytesView keys = row.bytes(1);
  const BytesView bodies = row.bytes(2);
  const BytesView ids = row.bytes(3);
  const std::size_t size = std::min({keys.size(), bodies.size(), ids.size()});
  for (std::size_t at = 0; at + k_part <= size; at += k_part) {
    if (!std::ranges::equal(keys.subspan(at, k_part), key.key_hash)) continue;
    stored.is_same_key = true;
    stored.is_same_body = std::ranges::equal(bodies.subspan(at, k_part), key.body_hash);
    stored.id = key.unmasked(ids.subspan(at, k_part));
    break;
  }
  return stored;
}

Result<std::optional<ResponseId>> answer_of(const Stored& stored) {
  if (!stored.is_same_body) return fail(Code::IdempotencyReused);
  return std::optional(stored.id);
}

/// The claim among those of its own group that came before.
std::optional<Stored> find_among(const std::vector<Claim>& claims, const IdempotencyKey& key,
                                 Instant now) {
  for (const Claim& claim : claims) {
    if (claim.key_hash != key.key_hash || !is_remembered(claim.at, now)) continue;
    return Stored{claim.at, true, claim.body_hash == key.body_hash, key.unmasked(claim.masked_id)};
  }
  return {};
}

}  // namespace

std::array<std::uint8_t, 16> IdempotencyKey::masked(const ResponseId& id) const {
  std::array<std::uint8_t, 16> out = mask;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] ^= id.raw().bytes[i];
  return out;
}

ResponseId IdempotencyKey::unmasked(BytesView stored) const {
  std::array<std::uint8_t, 16> out = mask;
  for (std::size_t i = 0; i < out.size() && i < stored.size(); ++i)
    out[i] ^= stored[i];
  return ResponseId::from_bytes(out).value_or(ResponseId());
}

Result<IdempotencyKey> make_idempotency_key(const crypto::Cipher& cipher, const SurveyId& survey,
                                            std::string_view key, std::string_view body) {
  Bytes text;
  text.reserve(16 + 4 + key.size() + body.size());
  text.insert(text.end(), survey.bytes().begin(), survey.bytes().end());
  append_sized(text, as_bytes(key));
  PROBITY_TRY(of_key, cipher.lookup_hash("survey.idempotency.key", text));
  text.insert(text.end(), body.begin(), body.end());
  PROBITY_TRY(of_body, cipher.lookup_hash("survey.idempotency.body", text));
  IdempotencyKey made;
  std::copy_n(of_key.begin(), 16, made.key_hash.begin());
  std::copy_n(of_key.begin() + 16, 16, made.mask.begin());
  std::copy_n(of_body.begin(), 16, made.body_hash.begin());
  return made;
}

Claim claim_of(const IdempotencyKey& key, const ResponseId& id, Instant now) {
  return {key.key_hash, key.body_hash, key.masked(id), now};
}

bool is_idempotency_key(std::string_view text) {
  return !text.empty() && text.size() <= k_idempotency_key_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

void FingerprintTable::add(std::uint64_t fingerprint, std::uint32_t position) {
  if ((count_ + 1) * 10 > positions_.size() * 7) grow();
  const std::size_t mask = positions_.size() - 1;
  std::size_t at = fingerprint & mask;
  while (positions_[at] != 0)
    at = (at + 1) & mask;
  fingerprints_[at] = fingerprint;
  positions_[at] = position + 1;
  ++count_;
}

void FingerprintTable::grow() {
  std::vector<std::uint64_t> old_fingerprints = std::move(fingerprints_);
  std::vector<std::uint32_t> old_positions = std::move(positions_);
  const std::size_t places = std::max(k_table_places_min, old_positions.size() * 2);
  fingerprints_.assign(places, 0);
  positions_.assign(places, 0);
  count_ = 0;
  for (std::size_t i = 0; i < old_positions.size(); ++i)
    if (old_positions[i] != 0) add(old_fingerprints[i], old_positions[i] - 1);
}

std::shared_ptr<IdempotencyLedger::Book> IdempotencyLedger::book_of(TenantId tenant) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Book>& book = books_[tenant];
  if (!book) book = std::make_shared<Book>();
  book->last_used = ++use_counter_;
  return book;
}

bool IdempotencyLedger::is_warm(TenantId tenant) const {
  if (is_indexed_) return true;
  const std::scoped_lock lock(mutex_);
  const auto book = books_.find(tenant);
  return book != books_.end() && book->second->is_warm;
}

Result<void> IdempotencyLedger::warm(store::Reader& reader, Instant now) {
  if (is_indexed_) return {};
  const auto book = book_of(reader.space().tenant());
  const std::scoped_lock lock(book->mutex);
  if (book->is_warm) return {};
  PROBITY_CHECK(read_rest(*book, reader, now));
  book->is_warm = true;
  return {};
}

Result<void> IdempotencyLedger::read_rest(Book& book, store::Reader& reader, Instant now) {
  return reader.each(q::idempotency_scan, {reader.space().tenant(), book.seq_known},
                     [&](const store::Row& row) -> Result<bool> {
                       const Instant at = row.instant(1);
                       const BytesView keys = row.bytes(2);
                       for (std::size_t i = 0; is_remembered(at, now) && i + 16 <= keys.size();
                            i += 16)
                         note(book, row.integer(0), at, keys.subspan(i, 16));
                       book.seq_known = row.integer(0);
                       return true;
                     });
}

void IdempotencyLedger::note(Book& book, std::int64_t seq, Instant at, BytesView key_hash) {
  const std::int64_t number = at.us() / k_segment_span.us();
  constexpr std::int64_t k_position_max = 0xFFFFFFFE;
  Segment* last = book.segments.empty() ? nullptr : &book.segments.back();
  if (last == nullptr || last->span_number != number || seq - last->first_seq > k_position_max) {
    book.segments.push_back({number, seq, {}});
    last = &book.segments.back();
  }
  last->table.add(fingerprint_of(key_hash), static_cast<std::uint32_t>(seq - last->first_seq));
  ++book.count;
}

Result<void> IdempotencyLedger::make_room(TenantId tenant) {
  const std::scoped_lock lock(mutex_);
  std::size_t total = 0;
  for (const auto& [id, book] : books_)
    total += book->count;
  while (total >= k_ledger_keys_max && books_.size() > 1) {
    auto oldest = books_.end();
    for (auto it = books_.begin(); it != books_.end(); ++it) {
      if (it->first == tenant) continue;
      if (oldest == books_.end() || it->second->last_used < oldest->second->last_used) oldest = it;
    }
    total -= oldest->second->count;
    books_.erase(oldest);
  }
  if (total < k_ledger_keys_max) return {};
  return fail(Code::Overloaded, "too many idempotency keys in 24 hours");
}

Result<void> IdempotencyLedger::make_current(Book& book, store::Tx& tx, Instant now) {
  if (!book.is_complete) {
    PROBITY_CHECK(read_rest(book, tx, now));
    book.is_complete = true;
    book.is_warm = true;
  }
  std::erase_if(book.segments, [&](const Segment& segment) {
    const bool is_past =
        now.us() - (segment.span_number + 1) * k_segment_span.us() >= k_idempotency_kept.us();
    if (is_past) {
      book.count -= segment.table.count();
      book.count_checked = std::min(book.count_checked, book.count.load());
    }
    return is_past;
  });
  return {};
}

Result<std::optional<ResponseId>> IdempotencyLedger::find_in(const Book& book, store::Tx& tx,
                                                             const IdempotencyKey& key,
                                                             Instant now) {
  std::optional<Stored> found;
  for (const Segment& segment : book.segments) {
    const auto check = [&](std::uint32_t position) -> Result<bool> {
      PROBITY_TRY(row,
                  tx.first(q::idempotency_at, {tx.space().tenant(), segment.first_seq + position},
                           [&](const store::Row& r) { return stored_of(r, key); }));
      if (!row || !row->is_same_key || !is_remembered(row->at, now)) return false;
      found = *row;
      return true;
    };
    PROBITY_TRY(is_found, segment.table.find(fingerprint_of(key.key_hash), check));
    if (is_found) return answer_of(*found);
  }
  return std::optional<ResponseId>();
}

Result<std::optional<ResponseId>> IdempotencyLedger::find_by_index(store::Tx& tx,
                                                                   const IdempotencyKey& key,
                                                                   Instant now) {
  PROBITY_TRY(row, tx.first(q::idempotency_find, {tx.space().tenant(), key.key_hash},
                            [&](const store::Row& r) { return stored_of(r, key); }));
  if (!row || !is_remembered(row->at, now)) return std::optional<ResponseId>();
  return answer_of(*row);
}

Result<std::optional<ResponseId>> IdempotencyLedger::find(store::Tx& tx, const IdempotencyKey& key,
                                                          Instant now) {
  if (is_indexed_) return find_by_index(tx, key, now);
  const auto book = book_of(tx.space().tenant());
  const std::scoped_lock lock(book->mutex);
  PROBITY_CHECK(make_current(*book, tx, now));
  return find_in(*book, tx, key, now);
}

Result<std::optional<ResponseId>> IdempotencyLedger::claim(store::Tx& tx, const IdempotencyKey& key,
                                                           const ResponseId& id, Instant now,
                                                           std::vector<Claim>& claims) {
  if (is_indexed_) return claim_by_index(tx, key, id, now);
  if (const auto stored = find_among(claims, key, now)) return answer_of(*stored);
  const TenantId tenant = tx.space().tenant();
  const auto book = book_of(tenant);
  const std::scoped_lock lock(book->mutex);
  PROBITY_CHECK(make_current(*book, tx, now));
  PROBITY_TRY(before, find_in(*book, tx, key, now));
  if (before) return before;
  if (book->count >= book->count_checked + k_keys_between_checks) {
    PROBITY_CHECK(make_room(tenant));
    book->count_checked = book->count;
  }
  claims.push_back(claim_of(key, id, now));
  return std::optional<ResponseId>();
}

Result<void> IdempotencyLedger::append(store::Tx& tx, const std::vector<Claim>& claims) {
  for (std::span<const Claim> rest = claims; !rest.empty();) {
    const Instant begin = rest.front().at;
    const auto end = std::ranges::find_if(rest, [&](const Claim& claim) {
      return claim.at < begin || claim.at - begin > k_claims_row_span;
    });
    const auto count = static_cast<std::size_t>(std::distance(rest.begin(), end));
    PROBITY_CHECK(append_row(tx, rest.first(count)));
    rest = rest.subspan(count);
  }
  return {};
}

Result<void> IdempotencyLedger::append_row(store::Tx& tx, std::span<const Claim> claims) {
  const TenantId tenant = tx.space().tenant();
  const auto book = book_of(tenant);
  const std::scoped_lock lock(book->mutex);
  Instant newest = claims.front().at;
  Bytes keys;
  Bytes bodies;
  Bytes ids;
  for (const Claim& claim : claims) {
    newest = std::max(newest, claim.at);
    keys.insert(keys.end(), claim.key_hash.begin(), claim.key_hash.end());
    bodies.insert(bodies.end(), claim.body_hash.begin(), claim.body_hash.end());
    ids.insert(ids.end(), claim.masked_id.begin(), claim.masked_id.end());
  }
  PROBITY_CHECK(make_current(*book, tx, newest));
  const std::int64_t seq = ++book->seq_known;
  for (const Claim& claim : claims)
    note(*book, seq, newest, claim.key_hash);
  PROBITY_CHECK(tx.run(q::idempotency_append, {tenant, seq, newest, keys, bodies, ids}));
  return {};
}

Result<std::optional<ResponseId>> IdempotencyLedger::claim_by_index(store::Tx& tx,
                                                                    const IdempotencyKey& key,
                                                                    const ResponseId& id,
                                                                    Instant now) {
  PROBITY_TRY(written,
              tx.run(q::idempotency_claim, {tx.space().tenant(), now, key.key_hash, key.body_hash,
                                            key.masked(id), now - k_idempotency_kept}));
  if (written == 1) return std::optional<ResponseId>();
  PROBITY_TRY(before, find_by_index(tx, key, now));
  if (before) return before;
  return fail(Code::StorageFailed, "an idempotency row vanished between two statements");
}

Result<std::int64_t> IdempotencyLedger::forget(store::Tx& tx, Instant now) {
  return tx.run(q::idempotency_forget,
                {tx.space().tenant(), now - k_idempotency_kept, k_forget_slice});
}

}  // namespace probity::survey
