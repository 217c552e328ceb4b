#include "store/commit_log.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/core.h>

#include "base/secret.hpp"

namespace probity::store {
namespace {

constexpr crypto::Purpose k_purpose = "store.commit_log";
constexpr crypto::Purpose k_key_purpose = "store.commit_log.key";
constexpr std::string_view k_segment_mark = "PRBYLOG1";
constexpr std::string_view k_batch_mark = "PRBYBAT1";
/// Mark, generation, number and length of the sealed records.
constexpr std::size_t k_batch_head_bytes = 8 + 16 + 8 + 4;

std::int64_t in_blocks(std::size_t bytes) {
  const auto size = static_cast<std::int64_t>(bytes);
  return (size + k_log_block_bytes - 1) / k_log_block_bytes * k_log_block_bytes;
}

std::int64_t room_of(std::size_t records) {
  return in_blocks(k_batch_head_bytes + records + crypto::k_sealed_overhead);
}

Bytes binding_of(const RawId& generation, std::uint64_t number) {
  Bytes binding(generation.bytes.begin(), generation.bytes.end());
  append_u64(binding, number);
  return binding;
}

/// A batch as it lies in a segment; nothing where there is none of this generation.
struct FoundBatch {
  std::uint64_t number = 0;
  BytesView sealed;
};

std::optional<FoundBatch> batch_at(BytesView content, std::size_t at, const RawId& generation) {
  if (at >= content.size()) return {};
  ByteReader reader(content.subspan(at));
  const BytesView mark = reader.take(k_batch_mark.size());
  const BytesView of = reader.take(generation.bytes.size());
  FoundBatch found;
  found.number = reader.u64();
  found.sealed = reader.sized();
  if (!reader.is_whole() || as_text(mark) != k_batch_mark ||
      !std::ranges::equal(of, generation.bytes))
    return {};
  return found;
}

/// A cipher of one generation.
std::shared_ptr<const crypto::Cipher> cipher_of(crypto::Key key) {
  auto cipher = std::make_shared<crypto::Cipher>(TenantId().bytes());
  cipher->add_key(1, std::move(key));
  return cipher;
}

bool is_zero(BytesView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::filesystem::path mark_path(const std::filesystem::path& directory) {
  return directory / "commit.mark";
}

// The mark is written to two places in turn, so that a write that failed spoils one of them alone:
// a count of the writes, the order, and both together inverted.
constexpr std::size_t k_mark_bytes = 24;

Bytes bytes_of(const CommitLog::Mark& mark) {
  Bytes bytes;
  append_u64(bytes, mark.writes);
  append_u64(bytes, mark.order);
  append_u64(bytes, ~(mark.writes ^ mark.order));
  return bytes;
}

std::int64_t place_of(const CommitLog::Mark& mark) {
  return static_cast<std::int64_t>((mark.writes + 1) % 2) * k_log_block_bytes;
}

Result<CommitLog::Mark> read_mark(VfsFile& file) {
  PROBITY_TRY(content, file.read_first(2 * k_log_block_bytes));
  CommitLog::Mark newest;
  bool is_damaged = false;
  for (std::size_t at = 0; at < content.size(); at += static_cast<std::size_t>(k_log_block_bytes)) {
    const BytesView bytes =
        BytesView(content).subspan(at).first(std::min(k_mark_bytes, content.size() - at));
    ByteReader reader(bytes);
    CommitLog::Mark found{reader.u64(), reader.u64()};
    if (reader.u64() != ~(found.writes ^ found.order) || !reader.is_whole())
      is_damaged = is_damaged || !is_zero(bytes);
    else if (found.writes > newest.writes)
      newest = found;
  }
  // The first write of all may have failed; later ones leave a place that is whole.
  const bool has_both = content.size() > static_cast<std::size_t>(k_log_block_bytes);
  if (is_damaged && has_both && newest.writes == 0)
    return fail(Code::IntegrityError, "the mark of the commit log is damaged");
  return newest;
}

}  // namespace

Result<std::unique_ptr<CommitLog>> CommitLog::open(const std::filesystem::path& directory,
                                                   const char* vfs,
                                                   std::shared_ptr<const crypto::Cipher> cipher) {
  PROBITY_TRY(lock, CommitLock::take(directory));
  std::unique_ptr<CommitLog> log(new CommitLog(std::move(cipher), std::move(lock)));
  PROBITY_TRY(mark_file, VfsFile::open(mark_path(directory), vfs));
  log->mark_file_ = std::move(mark_file);
  for (std::size_t i = 0; i < log->segments_.size(); ++i) {
    PROBITY_TRY(file, VfsFile::open(directory / fmt::format("commit-{}.log", i), vfs));
    log->segments_[i].file = std::move(file);
    PROBITY_CHECK(log->begin_generation(log->segments_[i]));
  }
  log->thread_ = std::jthread([raw = log.get()] { raw->work(); });
  return log;
}

CommitLog::~CommitLog() { end(); }

bool CommitLog::may_hold(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::exists(mark_path(directory), error)) return static_cast<bool>(error);
  const auto file = VfsFile::open(mark_path(directory), nullptr);
  if (!file) return true;
  const auto mark = read_mark(**file);
  return !mark || mark->order != 0;
}

void CommitLog::end() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  ready_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CommitLog::stop() {
  if (!thread_.joinable()) return;
  end();
  std::unique_lock lock(mutex_);
  wipe_unheld(lock);
}

// Raised after the first block of a generation is durable and lowered before it is overwritten, so
// that a log that was not tampered with never has less than its mark says.
Result<void> CommitLog::set_mark(std::uint64_t order) {
  if (order == mark_.order && is_mark_sure_) return {};
  const Mark next{mark_.writes + 1, order};
  // After a failure either may stand there: it is written again, to the same place.
  is_mark_sure_ = false;
  PROBITY_CHECK(mark_file_->write(place_of(next), bytes_of(next)));
  PROBITY_CHECK(mark_file_->sync());
  mark_ = next;
  is_mark_sure_ = true;
  return {};
}

// Caller holds the mutex. On failure the segment stays as it was.
Result<void> CommitLog::begin_generation(Segment& segment) {
  crypto::Key key = crypto::Key::random();
  Extent extent;
  extent.generation = make_raw_id(Instant());
  extent.order = std::max(segments_[0].extent.order, segments_[1].extent.order) + 1;
  extent.end = k_log_block_bytes;
  extent.begun_at = monotonic_now();
  PROBITY_TRY(sealed, cipher_->seal(k_key_purpose, binding_of(extent.generation, extent.order),
                                    key.expose()));
  extent.sealed_key = std::move(sealed);
  extent.cipher = cipher_of(std::move(key));
  segment.extent = std::move(extent);
  segment.is_spent = false;
  return {};
}

// Caller holds the mutex. On success the current segment takes `room` more bytes.
bool CommitLog::find_room(std::int64_t room) {
  const auto fits = [&](const Segment& segment) {
    return !segment.is_spent && segment.extent.end + segment.queued + room <= k_log_segment_bytes;
  };
  const auto is_free = [](const Segment& segment) {
    return !is_held(segment) && segment.queued == 0;
  };
  Segment& current = segments_[current_];
  Segment& other = segments_[1 - current_];
  const bool is_old = monotonic_now() - current.extent.begun_at > k_log_generation_max;
  // An unheld segment begins at its start again: an idle log stays short.
  if (is_free(current) && current.extent.batches > 0) {
    if (!begin_generation(current)) return false;
  } else if ((is_old || !fits(current)) && is_free(other)) {
    if (!begin_generation(other)) return false;
    current_ = 1 - current_;
  }
  return fits(segments_[current_]);
}

CommitLog::Hold CommitLog::append(Bytes records, Durable&& durable) {
  const std::int64_t room = room_of(records.size());
  Hold hold;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || is_failing_ || !find_room(room)) return nullptr;
    Segment& segment = segments_[current_];
    segment.queued += room;
    hold = segment.hold;
    waiting_.push_back({current_, std::move(records), room, std::move(durable)});
  }
  ready_.notify_one();
  return hold;
}

void CommitLog::work() {
  pthread_setname_np(pthread_self(), "store-log");
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait_for(lock, std::chrono::microseconds(k_log_wipe_every.us()),
                    [this] { return is_stopping_ || !waiting_.empty(); });
    if (!waiting_.empty()) {
      write_waiting(lock);
    } else if (is_stopping_) {
      return;
    }
    if (monotonic_now() - wiped_at_ >= k_log_wipe_every) wipe_unheld(lock);
  }
}

// Writes all that waits for one segment and tells those who wait for it.
void CommitLog::write_waiting(std::unique_lock<std::mutex>& lock) {
  std::vector<Waiting> batch;
  Bytes records;
  const std::size_t number = waiting_.front().segment;
  std::int64_t room = 0;
  while (!waiting_.empty() && waiting_.front().segment == number) {
    Waiting& next = waiting_.front();
    records.insert(records.end(), next.records.begin(), next.records.end());
    room += next.room;
    batch.push_back(std::move(next));
    waiting_.pop_front();
  }
  Segment& segment = segments_[number];
  const Extent before = segment.extent;
  const bool is_spent = segment.is_spent;
  lock.unlock();
  const Result<Extent> written =
      is_spent ? fail(Code::StorageFailed, "an earlier write of the log failed")
               : write_batch(*segment.file, before, records);
  lock.lock();
  // Nothing has begun the segment anew: bytes were queued for it.
  segment.queued -= room;
  segment.key_order = before.order;
  // A first block whose write failed may have spoilt the one before it.
  if (before.batches == 0) segment.sure_order = written ? before.order : 0;
  if (written) {
    segment.extent = *written;
  } else {
    // What was appended later must not become durable before this: a start would find it without
    // what came before it. Until every group knows, nothing more is taken.
    segment.is_spent = true;
    is_failing_ = true;
    take_all_waiting(batch);
  }
  lock.unlock();
  for (Waiting& waited : batch)
    waited.durable(written ? Result<void>() : std::unexpected(written.error()));
  batch.clear();
  lock.lock();
  is_failing_ = false;
}

void CommitLog::take_all_waiting(std::vector<Waiting>& into) {
  for (Waiting& next : waiting_) {
    segments_[next.segment].queued -= next.room;
    into.push_back(std::move(next));
  }
  waiting_.clear();
}

// Overwrites the key of every generation that nobody holds any more.
void CommitLog::wipe_unheld(std::unique_lock<std::mutex>& lock) {
  wiped_at_ = monotonic_now();
  static const Bytes k_zeros(static_cast<std::size_t>(k_log_block_bytes));
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    Segment& segment = segments_[i];
    if (segment.key_order == 0 || is_held(segment) || segment.queued > 0) continue;
    const std::uint64_t order = segment.key_order;
    const std::uint64_t rest = segments_[1 - i].sure_order;
    if (!begin_generation(segment)) continue;
    segment.key_order = 0;
    segment.sure_order = 0;
    lock.unlock();
    Result<void> wiped;
    if (mark_.order > rest || !is_mark_sure_) wiped = set_mark(rest);
    if (wiped) wiped = segment.file->write(0, k_zeros);
    if (wiped) wiped = segment.file->sync();
    lock.lock();
    if (!wiped) segment.key_order = order;
  }
}

Result<CommitLog::Extent> CommitLog::write_batch(VfsFile& file, Extent extent, BytesView records) {
  const std::uint64_t number = extent.batches + 1;
  PROBITY_TRY(sealed,
              extent.cipher->seal(k_purpose, binding_of(extent.generation, number), records));
  Bytes bytes;
  if (extent.batches == 0) {
    // Durable before the first batch: what a generation of before left behind it is then none of
    // this one, whatever a crash leaves. It fits into one sector, so it is never torn.
    bytes = to_bytes(as_bytes(k_segment_mark));
    bytes.insert(bytes.end(), extent.generation.bytes.begin(), extent.generation.bytes.end());
    append_u64(bytes, extent.order);
    append_sized(bytes, extent.sealed_key);
    bytes.resize(static_cast<std::size_t>(k_log_block_bytes));
    PROBITY_CHECK(file.write(0, bytes));
    PROBITY_CHECK(file.sync());
    PROBITY_CHECK(set_mark(extent.order));
    bytes.clear();
  }
  bytes.reserve(static_cast<std::size_t>(room_of(records.size())));
  bytes.insert(bytes.end(), k_batch_mark.begin(), k_batch_mark.end());
  bytes.insert(bytes.end(), extent.generation.bytes.begin(), extent.generation.bytes.end());
  append_u64(bytes, number);
  append_sized(bytes, sealed);
  bytes.resize(static_cast<std::size_t>(in_blocks(bytes.size())));
  PROBITY_CHECK(file.write(extent.end, bytes));
  PROBITY_CHECK(file.sync());
  extent.batches = number;
  extent.end += static_cast<std::int64_t>(bytes.size());
  return extent;
}

Result<std::shared_ptr<const crypto::Cipher>> CommitLog::open_key(const Extent& extent) const {
  PROBITY_TRY(bytes, cipher_->open(k_key_purpose, binding_of(extent.generation, extent.order),
                                   extent.sealed_key));
  SecretBytes secret(std::move(bytes));
  PROBITY_TRY(key, crypto::Key::from_bytes(secret.expose()));
  return cipher_of(std::move(key));
}

// The order of its generation; 0 when it has none.
Result<std::uint64_t> CommitLog::read_segment(Segment& segment, std::vector<Bytes>& batches) {
  PROBITY_TRY(first, segment.file->read_first(k_log_block_bytes));
  if (is_zero(first)) return std::uint64_t{0};
  ByteReader head(first);
  const BytesView mark = head.take(k_segment_mark.size());
  Extent extent;
  std::ranges::copy(head.take(extent.generation.bytes.size()), extent.generation.bytes.begin());
  extent.order = head.u64();
  extent.sealed_key = to_bytes(head.sized());
  if (!head.is_whole() || as_text(mark) != k_segment_mark)
    return fail(Code::IntegrityError, "the first block of the commit log is damaged");
  PROBITY_TRY(cipher, open_key(extent));
  extent.cipher = std::move(cipher);
  segment.extent = std::move(extent);
  PROBITY_CHECK(read_batches(segment, batches));
  return segment.extent.order;
}

Result<void> CommitLog::read_batches(Segment& segment, std::vector<Bytes>& batches) {
  const Extent& extent = segment.extent;
  PROBITY_TRY(content, segment.file->read_first(k_log_segment_bytes));
  const auto open = [&](const FoundBatch& found) {
    return extent.cipher->open(k_purpose, binding_of(extent.generation, found.number),
                               found.sealed);
  };
  auto at = static_cast<std::size_t>(k_log_block_bytes);
  for (std::uint64_t number = 1;; ++number) {
    const auto found = batch_at(content, at, extent.generation);
    if (!found || found->number != number) break;
    auto opened = open(*found);
    if (!opened) break;
    batches.push_back(std::move(*opened));
    at += static_cast<std::size_t>(in_blocks(k_batch_head_bytes + found->sealed.size()));
  }
  // The last batch may be torn: it was never acknowledged. One that opens behind it shows damage.
  for (; at < content.size(); at += static_cast<std::size_t>(k_log_block_bytes)) {
    const auto found = batch_at(content, at, extent.generation);
    if (found && open(*found)) {
      return fail(Code::IntegrityError,
                  fmt::format("the commit log is damaged before batch {}", found->number));
    }
  }
  return {};
}

Result<CommitLog::Recovered> CommitLog::recover() {
  std::array<std::vector<Bytes>, 2> batches;
  const std::lock_guard lock(mutex_);
  std::array<std::uint64_t, 2> found{};
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    PROBITY_TRY(order, read_segment(segments_[i], batches[i]));
    found[i] = order;
  }
  PROBITY_TRY(mark, read_mark(*mark_file_));
  if (mark.order > std::max(found[0], found[1])) {
    return fail(
        Code::IntegrityError,
        "the commit log that was in use is missing, emptied or replaced by an older one: put "
        "commit-0.log and commit-1.log back, or remove commit.mark to go on without what "
        "they held");
  }
  mark_ = mark;
  const std::size_t first = segments_[0].extent.order <= segments_[1].extent.order ? 0 : 1;
  Recovered recovered;
  for (const std::size_t i : {first, 1 - first}) {
    std::ranges::move(batches[i], std::back_inserter(recovered.batches));
    // What was found stays as it is until the hold is let go; then find_room() begins anew.
    if (found[i] == 0) continue;
    segments_[i].key_order = found[i];
    segments_[i].sure_order = found[i];
    segments_[i].is_spent = true;
    segments_[i].extent.batches = 1;
  }
  recovered.hold = std::make_shared<std::array<Hold, 2>>(
      std::array<Hold, 2>{segments_[0].hold, segments_[1].hold});
  return recovered;
}

}  // namespace probity::store
