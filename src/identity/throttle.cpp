#include "identity/throttle.hpp"

#include <algorithm>
#include <cstring>

#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "identity/address.hpp"
#include "identity/limits.hpp"

namespace probity::identity {
namespace {

constexpr std::int64_t k_bucket_us = k_address_failures_max * k_address_forgive_every.us();

}  // namespace

Span wait_after(std::int64_t failures) {
  if (failures < k_failures_free) return {};
  const std::int64_t doublings = std::min<std::int64_t>(failures - k_failures_free, 20);
  return std::min(Span::seconds(std::int64_t{1} << doublings), k_failure_wait_most);
}

AddressThrottle::AddressThrottle() : secret_(crypto::random_bytes(32)) {}

std::uint64_t AddressThrottle::key_of(BytesView address) const {
  const crypto::Digest digest = crypto::hmac_sha256(secret_, throttle_key_of(address));
  std::uint64_t key = 0;
  std::memcpy(&key, digest.data(), sizeof key);
  return key;
}

void AddressThrottle::leak(Bucket& bucket, Instant now) {
  // A clock that was set back forgives nothing and adds nothing.
  if (now > bucket.at) {
    bucket.level_us = std::max<std::int64_t>(0, bucket.level_us - (now - bucket.at).us());
  }
  bucket.at = now;
}

Span AddressThrottle::wait_of(BytesView address, Instant now) {
  const std::uint64_t key = key_of(address);
  const std::scoped_lock lock(mutex_);
  const auto found = buckets_.find(key);
  if (found == buckets_.end()) return {};
  leak(found->second, now);
  const std::int64_t room_at = k_bucket_us - k_address_forgive_every.us();
  return Span::micros(std::max<std::int64_t>(0, found->second.level_us - room_at));
}

void AddressThrottle::note_failure(BytesView address, Instant now) {
  const std::uint64_t key = key_of(address);
  const std::scoped_lock lock(mutex_);
  if (!buckets_.contains(key)) make_room(now);
  Bucket& bucket = buckets_.try_emplace(key, Bucket{0, now}).first->second;
  leak(bucket, now);
  bucket.level_us = std::min(bucket.level_us + k_address_forgive_every.us(), k_bucket_us);
}

void AddressThrottle::make_room(Instant now) {
  if (buckets_.size() < k_address_entries_max) return;
  std::erase_if(buckets_, [now](const auto& entry) {
    Bucket bucket = entry.second;
    leak(bucket, now);
    return bucket.level_us == 0;
  });
  // All are fresh: an attack from very many addresses. The accounts' own counters still hold.
  if (buckets_.size() >= k_address_entries_max) buckets_.erase(buckets_.begin());
}

std::size_t AddressThrottle::entries() const {
  const std::scoped_lock lock(mutex_);
  return buckets_.size();
}

std::size_t PendingFailures::Hash::operator()(const Key& key) const noexcept {
  // The key is a keyed hash itself.
  std::size_t value = 0;
  std::memcpy(&value, key.data(), sizeof value);
  return value;
}

void PendingFailures::add(const Key& key, std::int64_t seen) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[key];
  entry.expected = std::max(entry.expected, seen) + 1;
  ++entry.holders;
}

void PendingFailures::remove(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && --found->second.holders <= 0) entries_.erase(found);
}

std::int64_t PendingFailures::expected(const Key& key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? 0 : found->second.expected;
}

}  // namespace probity::identity
