#include "store/commit_log.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fmt/core.h>

namespace probity::store {
namespace {

constexpr crypto::Purpose k_purpose = "store.commit_log";
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

}  // namespace

Result<std::unique_ptr<CommitLog>> CommitLog::open(const std::filesystem::path& directory,
                                                   const char* vfs,
                                                   std::shared_ptr<const crypto::Cipher> cipher) {
  const int lock = ::open((directory / "commit.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return fail(Code::StorageFailed, fmt::format("commit.lock: errno {}", errno));
  std::unique_ptr<CommitLog> log(new CommitLog(std::move(cipher), lock));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0)
    return fail(Code::Locked, "another process writes the commit log");
  for (std::size_t i = 0; i < log->segments_.size(); ++i) {
    PROBITY_TRY(file, VfsFile::open(directory / fmt::format("commit-{}.log", i), vfs));
    log->segments_[i].file = std::move(file);
    log->begin_generation(log->segments_[i]);
  }
  log->thread_ = std::jthread([raw = log.get()] { raw->work(); });
  return log;
}

CommitLog::~CommitLog() {
  stop();
  ::close(lock_);
}

void CommitLog::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  ready_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CommitLog::begin_generation(Segment& segment) {
  const std::uint64_t newest = std::max(segments_[0].extent.order, segments_[1].extent.order);
  segment.extent = {make_raw_id(Instant()), newest + 1, 0, k_log_block_bytes};
  segment.is_spent = false;
}

// Caller holds the mutex. On success the current segment takes `room` more bytes.
bool CommitLog::find_room(std::int64_t room) {
  const auto fits = [&](const Segment& segment) {
    return !segment.is_spent && segment.extent.end + segment.queued + room <= k_log_segment_bytes;
  };
  Segment& current = segments_[current_];
  // An unheld segment begins at its start again: an idle log stays short.
  if (!is_held(current) && current.queued == 0 && current.extent.batches > 0)
    begin_generation(current);
  if (fits(current)) return true;
  Segment& other = segments_[1 - current_];
  if (is_held(other) || other.queued > 0) return false;
  begin_generation(other);
  if (!fits(other)) return false;
  current_ = 1 - current_;
  return true;
}

CommitLog::Hold CommitLog::append(Bytes records, Durable&& durable) {
  const std::int64_t room = room_of(records.size());
  Hold hold;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || !find_room(room)) return nullptr;
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
  std::vector<Waiting> batch;
  Bytes records;
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::size_t number = waiting_.front().segment;
    records.clear();
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
    for (Waiting& waited : batch)
      waited.durable(written ? Result<void>() : std::unexpected(written.error()));
    batch.clear();

    lock.lock();
    // Nothing has begun the segment anew: bytes were queued for it.
    segment.queued -= room;
    if (written) {
      segment.extent = *written;
    } else {
      segment.is_spent = true;
    }
  }
}

Result<CommitLog::Extent> CommitLog::write_batch(VfsFile& file, Extent extent, BytesView records) {
  const std::uint64_t number = extent.batches + 1;
  PROBITY_TRY(sealed, cipher_->seal(k_purpose, binding_of(extent.generation, number), records));
  Bytes bytes;
  if (extent.batches == 0) {
    // Durable before the first batch: what a generation of before left behind it is then none of
    // this one, whatever a crash leaves.
    bytes.insert(bytes.end(), k_segment_mark.begin(), k_segment_mark.end());
    bytes.insert(bytes.end(), extent.generation.bytes.begin(), extent.generation.bytes.end());
    append_u64(bytes, extent.order);
    bytes.resize(static_cast<std::size_t>(k_log_block_bytes));
    PROBITY_CHECK(file.write(0, bytes));
    PROBITY_CHECK(file.sync());
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

Result<void> CommitLog::read_segment(Segment& segment, std::vector<Bytes>& batches) {
  PROBITY_TRY(content, segment.file->read_all());
  ByteReader head(content);
  const BytesView mark = head.take(k_segment_mark.size());
  const BytesView generation = head.take(segment.extent.generation.bytes.size());
  const std::uint64_t order = head.u64();
  if (!head.is_whole() || as_text(mark) != k_segment_mark) return {};
  std::ranges::copy(generation, segment.extent.generation.bytes.begin());
  segment.extent.order = order;
  std::uint64_t number = 1;
  auto at = static_cast<std::size_t>(k_log_block_bytes);
  for (;; ++number) {
    const auto found = batch_at(content, at, segment.extent.generation);
    if (!found || found->number != number) break;
    auto opened =
        cipher_->open(k_purpose, binding_of(segment.extent.generation, number), found->sealed);
    if (!opened && opened.error().code != Code::IntegrityError)
      return std::unexpected(std::move(opened).error());
    if (!opened) break;
    batches.push_back(std::move(*opened));
    at += static_cast<std::size_t>(in_blocks(k_batch_head_bytes + found->sealed.size()));
  }
  // The last batch may be torn: it was never acknowledged. One that opens behind it shows damage.
  for (; at < content.size(); at += static_cast<std::size_t>(k_log_block_bytes)) {
    const auto found = batch_at(content, at, segment.extent.generation);
    if (found && cipher_->open(k_purpose, binding_of(segment.extent.generation, found->number),
                               found->sealed)) {
      return fail(Code::IntegrityError,
                  fmt::format("the commit log is damaged before batch {}", found->number));
    }
  }
  return {};
}

Result<CommitLog::Recovered> CommitLog::recover() {
  std::array<std::vector<Bytes>, 2> batches;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < segments_.size(); ++i)
    PROBITY_CHECK(read_segment(segments_[i], batches[i]));
  const std::size_t first = segments_[0].extent.order <= segments_[1].extent.order ? 0 : 1;
  Recovered recovered;
  for (const std::size_t i : {first, 1 - first}) {
    std::ranges::move(batches[i], std::back_inserter(recovered.batches));
    // What was found stays as it is until the hold is let go; then find_room() begins anew.
    segments_[i].is_spent = true;
    segments_[i].extent.batches = 1;
  }
  recovered.hold = std::make_shared<std::array<Hold, 2>>(
      std::array<Hold, 2>{segments_[0].hold, segments_[1].hold});
  return recovered;
}

}  // namespace probity::store
