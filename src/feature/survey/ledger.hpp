#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "crypto/cipher.hpp"
#include "store/engine.hpp"
#include "store/tx.hpp"

namespace probity::survey {

/// What is kept of an Idempotency-Key: 16 bytes by which it is found again, a hash of the body it
/// came with, and a mask. All three are HMACs that include the key itself, which is not kept: a row
/// can be joined to its response only by whoever sends the key again (docs/decisions/030).
struct IdempotencyKey {
  std::array<std::uint8_t, 16> key_hash{};
  std::array<std::uint8_t, 16> body_hash{};
  std::array<std::uint8_t, 16> mask{};

  [[nodiscard]] std::array<std::uint8_t, 16> masked(const ResponseId& id) const;
  [[nodiscard]] ResponseId unmasked(BytesView stored) const;
};

/// The key of a header and a body, within one link. KeyUnavailable when the tenant has no keys.
[[nodiscard]] Result<IdempotencyKey> make_idempotency_key(const crypto::Cipher& cipher,
                                                          const SurveyId& survey,
                                                          std::string_view key,
                                                          std::string_view body);

/// A key on its way into the store with the id of its response under the key's mask.
struct Claim {
  std::array<std::uint8_t, 16> key_hash{};
  std::array<std::uint8_t, 16> body_hash{};
  std::array<std::uint8_t, 16> masked_id{};
  Instant at;
};

/// The claim a key makes for a response.
[[nodiscard]] Claim claim_of(const IdempotencyKey& key, const ResponseId& id, Instant now);

/// True for 1 to 128 visible ASCII characters.
[[nodiscard]] bool is_idempotency_key(std::string_view text);

/// Positions of keys by 8 bytes of their hash: open addressing, grows by doubling. Several keys may
/// share a fingerprint; the row decides.
class FingerprintTable {
 public:
  void add(std::uint64_t fingerprint, std::uint32_t position);
  /// Calls `check(position)` for each match until it returns true.
  template <typename Check>
  [[nodiscard]] Result<bool> find(std::uint64_t fingerprint, Check check) const {
    if (positions_.empty()) return false;
    const std::size_t mask = positions_.size() - 1;
    for (std::size_t at = fingerprint & mask; positions_[at] != 0; at = (at + 1) & mask) {
      if (fingerprints_[at] != fingerprint) continue;
      PROBITY_TRY(is_it, check(positions_[at] - 1));
      if (is_it) return true;
    }
    return false;
  }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  void grow();
  std::vector<std::uint64_t> fingerprints_;
  std::vector<std::uint32_t> positions_;  ///< Position + 1; 0 is an empty place.
  std::size_t count_ = 0;
};

/// Remembers Idempotency-Keys for 24 hours: durable (a row in the response's own transaction),
/// exact to the clock, and without races (decided inside the Change, on the tenant's writer).
///
/// SQLCipher: rows lie in arrival order, since an index on a random key would halve the rate at a
/// million rows; they are found through a table in memory, filled from the rows at first use. A hit
/// is believed only after reading the row (its group may have been rolled back); a miss is right
/// because every row is noted before its commit, by the only writer. The keys of one group lie in
/// one row, its columns as many times 16 bytes long, `at` that of the newest. PostgreSQL has
/// several nodes and therefore a unique index and a row for each key. Threads: any; a tenant's
/// claims come from its writer alone.
class IdempotencyLedger {
 public:
  /// `kind` is store::Engine::kind().
  explicit IdempotencyLedger(std::string_view kind) : is_indexed_(kind == "postgres") {}

  /// Reads a tenant's keys into memory on the caller's thread, so that its writer does not have to
  /// after a start. Does nothing when they are there (or not needed).
  [[nodiscard]] Result<void> warm(store::Reader& reader, Instant now);
  [[nodiscard]] bool is_warm(TenantId tenant) const;

  /// Inside a Change: the response a remembered key was stored with; nothing when it is new.
  /// IdempotencyReused when it came with another body.
  [[nodiscard]] Result<std::optional<ResponseId>> find(store::Tx& tx, const IdempotencyKey& key,
                                                       Instant now);
  /// Inside a Change: as find(), and when the key is new it is written for `id`, or added to
  /// `claims`, which the caller hands to append() before the commit.
  [[nodiscard]] Result<std::optional<ResponseId>> claim(store::Tx& tx, const IdempotencyKey& key,
                                                        const ResponseId& id, Instant now,
                                                        std::vector<Claim>& claims);
  /// Writes the claims of a group. All are new and of the transaction's tenant.
  [[nodiscard]] Result<void> append(store::Tx& tx, const std::vector<Claim>& claims);

  /// One slice of deleting what is forgotten; rows deleted. Inside a Change.
  [[nodiscard]] Result<std::int64_t> forget(store::Tx& tx, Instant now);

 private:
  struct Segment {
    std::int64_t span_number = 0;  ///< Which span of k_segment_span the rows came in.
    std::int64_t first_seq = 0;
    FingerprintTable table;
  };
  /// A tenant's table; its mutex is held by whoever reads or fills it.
  struct Book {
    std::mutex mutex;
    std::int64_t seq_known = 0;  ///< Rows up to here are in the segments.
    bool is_complete = false;    ///< Nothing is stored beyond seq_known.
    std::atomic<bool> is_warm = false;
    std::vector<Segment> segments;
    std::uint64_t last_used = 0;
    std::atomic<std::size_t> count = 0;
    std::size_t count_checked = 0;  ///< When make_room() was last asked.
  };

  [[nodiscard]] std::shared_ptr<Book> book_of(TenantId tenant);
  [[nodiscard]] Result<void> read_rest(Book& book, store::Reader& reader, Instant now);
  void note(Book& book, std::int64_t seq, Instant at, BytesView key_hash);
  [[nodiscard]] Result<void> make_current(Book& book, store::Tx& tx, Instant now);
  [[nodiscard]] Result<std::optional<ResponseId>> find_in(const Book& book, store::Tx& tx,
                                                          const IdempotencyKey& key, Instant now);
  [[nodiscard]] Result<std::optional<ResponseId>> find_by_index(store::Tx& tx,
                                                                const IdempotencyKey& key,
                                                                Instant now);
  [[nodiscard]] Result<std::optional<ResponseId>> claim_by_index(store::Tx& tx,
                                                                 const IdempotencyKey& key,
                                                                 const ResponseId& id, Instant now);
  [[nodiscard]] Result<void> append_row(store::Tx& tx, std::span<const Claim> claims);
  [[nodiscard]] Result<void> make_room(TenantId tenant);

  const bool is_indexed_;
  mutable std::mutex mutex_;  ///< Guards books_ (not their content) and use_counter_.
  std::map<TenantId, std::shared_ptr<Book>> books_;
  std::uint64_t use_counter_ = 0;
};

}  // namespace probity::survey
