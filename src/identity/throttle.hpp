#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/instant.hpp"

namespace probity::identity {

/// How long an account name rests after so many failed log-ins in a row: nothing up to
/// k_failures_free, then 1 s, 2 s, 4 s … k_failure_wait_most. Pure.
[[nodiscard]] Span wait_after(std::int64_t failures);

/// Failed attempts by client address, in memory, for one node. A bucket per address: each failure
/// fills it by one, one leaks out every k_address_forgive_every; a full bucket has to wait. A
/// success empties nothing, or an attacker with one account of his own could start anew.
/// Addresses are kept as hashes under a key of this process. Threads: any.
class AddressThrottle {
 public:
  AddressThrottle();
  /// How long this address has to wait; zero when it may try.
  [[nodiscard]] Span wait_of(BytesView address, Instant now);
  void note_failure(BytesView address, Instant now);
  [[nodiscard]] std::size_t entries() const;

 private:
  struct Bucket {
    std::int64_t level_us = 0;  ///< Time until it is empty.
    Instant at;
  };
  [[nodiscard]] std::uint64_t key_of(BytesView address) const;
  static void leak(Bucket& bucket, Instant now);
  void make_room(Instant now);

  Bytes secret_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Bucket> buckets_;
};

/// Failures that have been found but perhaps not yet committed, by account name, on this node:
/// parallel guesses count before their rows are on disk. Kept as the number the store will hold
/// once they are, so that one that has just been committed is not counted twice. Threads: any.
class PendingFailures {
 public:
  using Key = std::array<std::uint8_t, 32>;
  /// One more, found when `seen` failures were known.
  void add(const Key& key, std::int64_t seen);
  /// One of them has been committed or given up.
  void remove(const Key& key);
  /// What the store will hold; 0 when nothing is pending. Ask before reading the store.
  [[nodiscard]] std::int64_t expected(const Key& key) const;

 private:
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Entry {
    std::int64_t expected = 0;
    std::int64_t holders = 0;
  };
  mutable std::mutex mutex_;
  std::unordered_map<Key, Entry, Hash> entries_;
};

}  // namespace probity::identity
