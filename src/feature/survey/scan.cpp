#include "feature/survey/scan.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "feature/survey/limits.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/survey.hpp"

namespace probity::survey {
namespace {

constexpr int k_counting_threads = 2;
/// Below this, starting threads costs more than it saves.
constexpr std::uint64_t k_threads_from = 4 * k_scan_batch_rows;

/// Sealed answers on their way from the reading to a counting thread: rows in one buffer, or a
/// block.
struct Batch {
  struct Item {
    ResponseId id;
    report::Arrival arrival;
    std::size_t begin;
    std::size_t size;
  };
  Bytes bytes;
  std::vector<Item> items;
  std::optional<BlockPlace> block;

  void add(const StoredResponse& response, const report::Arrival& arrival) {
    items.push_back({response.id, arrival, bytes.size(), response.answers.size()});
    bytes.insert(bytes.end(), response.answers.begin(), response.answers.end());
  }
  void clear() {
    bytes.clear();
    items.clear();
    block.reset();
  }
};

/// What became of a block.
enum class BlockEnd : std::uint8_t { Counted, Unsuited, Damaged };

/// Opens and counts; one for each thread.
class Counter {
 public:
  Counter(const crypto::Cipher& cipher, const Scan& scan) : cipher_(cipher), scan_(scan) {
    for (const report::Selection& selection : scan.selections)
      tallies_.emplace_back(scan.questionnaire, selection, scan.weight);
  }

  Result<void> count(const ResponseId& id, const report::Arrival& arrival, BytesView sealed) {
    PROBITY_CHECK(cipher_.open_into(k_answers_purpose, id.bytes(), sealed, plain_));
    if (!report::Tally::add_to_all(tallies_, as_text(plain_), arrival))
      return fail(Code::IntegrityError, "stored answers are not a JSON object");
    return {};
  }
  Result<void> count(const Batch& batch) {
    for (const Batch::Item& item : batch.items)
      PROBITY_CHECK(
          count(item.id, item.arrival, BytesView(batch.bytes).subspan(item.begin, item.size)));
    return {};
  }
  [[nodiscard]] BlockEnd count_block(const Batch& batch) {
    const auto block = open_block(cipher_, scan_.survey, *batch.block, batch.bytes);
    if (!block) return BlockEnd::Damaged;
    for (const report::Tally& tally : tallies_)
      if (!tally.can_add(*block)) return BlockEnd::Unsuited;
    report::Tally::add_to_all(tallies_, *block, scan_.unit == TimeUnit::Day ? 24 : 1);
    counted_ += block->responses();
    return BlockEnd::Counted;
  }
  [[nodiscard]] std::vector<report::Tally>& tallies() { return tallies_; }
  /// Responses counted from blocks.
  [[nodiscard]] std::uint64_t counted() const { return counted_; }

 private:
  const crypto::Cipher& cipher_;
  const Scan& scan_;
  std::uint64_t counted_ = 0;
  std::vector<report::Tally> tallies_;
  Bytes plain_;
};

/// The bounded queue between the threads; empty batches come back to be filled again.
class Belt {
 public:
  /// Waits while the queue is full. False when a counting thread has failed.
  bool put(std::unique_ptr<Batch> batch) {
    const std::size_t waiting_max = batch->block ? k_scan_blocks_max : k_scan_batches_max;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return queue_.size() < waiting_max || error_; });
    if (error_) return false;
    queue_.push_back(std::move(batch));
    changed_.notify_all();
    return true;
  }
  std::unique_ptr<Batch> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !queue_.empty() || is_ended_; });
    if (queue_.empty()) return {};
    auto batch = std::move(queue_.front());
    queue_.pop_front();
    ++busy_;
    changed_.notify_all();
    return batch;
  }
  /// Waits until all that was put is counted; the blocks that were not.
  std::vector<std::pair<BlockPlace, BlockEnd>> settle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return (queue_.empty() && busy_ == 0) || error_; });
    return std::exchange(left_, {});
  }
  void leave(BlockPlace place, BlockEnd why) {
    const std::scoped_lock lock(mutex_);
    left_.emplace_back(std::move(place), why);
  }
  std::unique_ptr<Batch> empty_one() {
    const std::scoped_lock lock(mutex_);
    if (spare_.empty()) return std::make_unique<Batch>();
    auto batch = std::move(spare_.back());
    spare_.pop_back();
    return batch;
  }
  void give_back(std::unique_ptr<Batch> batch) {
    batch->clear();
    const std::scoped_lock lock(mutex_);
    spare_.push_back(std::move(batch));
    --busy_;
    changed_.notify_all();
  }
  void end() {
    const std::scoped_lock lock(mutex_);
    is_ended_ = true;
    changed_.notify_all();
  }
  void fail_with(Error error) {
    const std::scoped_lock lock(mutex_);
    if (!error_) error_ = std::move(error);
    queue_.clear();
    changed_.notify_all();
  }
  [[nodiscard]] std::optional<Error> error() {
    const std::scoped_lock lock(mutex_);
    return error_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Batch>> queue_;
  std::vector<std::unique_ptr<Batch>> spare_;
  std::vector<std::pair<BlockPlace, BlockEnd>> left_;
  std::optional<Error> error_;
  std::size_t busy_ = 0;  ///< Batches being counted.
  bool is_ended_ = false;
};

RowRange all_rows() {
  RawId last;
  last.bytes.fill(0xff);
  return {ResponseId(), ResponseId(last)};
}

/// Calls `take(response, arrival)` for every response of a range; how many there are.
template <typename Take>
Result<std::uint64_t> read_all(store::Reader& reader, const Scan& scan, const RowRange& range,
                               Take take) {
  constexpr std::uint64_t k_deadline_every = 4'096;
  std::uint64_t total = 0;
  const auto on_response = [&](const StoredResponse& response) -> Result<bool> {
    if (total++ % k_deadline_every == 0 && scan.deadline.has_passed())
      return fail(Code::Deadline, "a report took too long");
    const report::Arrival arrival{unit_of(response.received_at, scan.unit), response.version};
    PROBITY_CHECK(take(response, arrival));
    return true;
  };
  PROBITY_CHECK(each_response_between(reader, scan.survey, range, on_response));
  return total;
}

Result<Scanned> scan_here(store::Reader& reader, const crypto::Cipher& cipher, const Scan& scan) {
  Counter counter(cipher, scan);
  const auto take = [&](const StoredResponse& response, const report::Arrival& arrival) {
    return counter.count(response.id, arrival, response.answers);
  };
  PROBITY_TRY(total, read_all(reader, scan, all_rows(), take));
  return Scanned{std::move(counter.tallies()), total, total, {}, false};
}

void count_from(Belt& belt, Counter& counter) {
  while (auto batch = belt.take()) {
    if (batch->block) {
      const BlockEnd end = counter.count_block(*batch);
      if (end != BlockEnd::Counted) belt.leave(*batch->block, end);
    } else if (auto counted = counter.count(*batch); !counted) {
      belt.fail_with(std::move(counted).error());
      return;
    }
    belt.give_back(std::move(batch));
  }
}

/// One scan on threads.
class ThreadedScan {
 public:
  ThreadedScan(store::Reader& reader, const crypto::Cipher& cipher, const Scan& scan)
      : reader_(reader), scan_(scan) {
    for (int i = 0; i < k_counting_threads; ++i)
      counters_.push_back(std::make_unique<Counter>(cipher, scan));
  }

  Result<Scanned> run() {
    Result<void> fed;
    {
      std::vector<std::jthread> threads;
      for (auto& counter : counters_)
        threads.emplace_back([this, &counter = *counter] { count_from(belt_, counter); });
      fed = feed();
      belt_.end();
    }
    if (auto error = belt_.error()) return std::unexpected(std::move(*error));
    PROBITY_CHECK(std::move(fed));
    Scanned& out = scanned_;
    out.total = out.rows;
    out.tallies = std::move(counters_.front()->tallies());
    for (std::size_t i = 0; i < counters_.size(); ++i) {
      out.total += counters_[i]->counted();
      for (std::size_t t = 0; i > 0 && t < out.tallies.size(); ++t)
        out.tallies[t].merge(counters_[i]->tallies()[t]);
    }
    return std::move(out);
  }

 private:
  static std::unexpected<Error> stopped() { return fail(Code::IntegrityError, "counting stopped"); }
  /// First the blocks, then the rows of all that they do not cover, last those of blocks that were
  /// passed over.
  Result<void> feed() {
    if (scan_.source == ScanSource::RowsAlone) return feed_rows(all_rows());
    PROBITY_TRY(blocks, blocks_of(reader_, scan_.survey));
    for (const BlockPlace& place : blocks)
      PROBITY_CHECK(feed_block(place));
    RowRange gap = all_rows();
    for (const BlockPlace& place : blocks) {
      PROBITY_CHECK(feed_rows({gap.after, previous_id(place.first)}));
      gap.after = place.last;
    }
    PROBITY_CHECK(feed_rows(gap));
    for (auto& [place, why] : belt_.settle()) {
      PROBITY_CHECK(feed_rows({previous_id(place.first), place.last}));
      if (why == BlockEnd::Damaged) scanned_.damaged.push_back(std::move(place));
    }
    return {};
  }
  Result<void> feed_block(const BlockPlace& place) {
    if (scan_.deadline.has_passed()) return fail(Code::Deadline, "a report took too long");
    PROBITY_TRY(sealed, sealed_block(reader_, scan_.survey, place));
    auto batch = belt_.empty_one();
    batch->bytes = std::move(sealed);
    batch->block = place;
    if (!belt_.put(std::move(batch))) return stopped();
    return {};
  }
  /// Fills batches and puts them on the belt.
  Result<void> feed_rows(const RowRange& range) {
    if (!(range.after < range.to)) return {};
    auto batch = belt_.empty_one();
    const auto send = [&]() -> Result<void> {
      if (!belt_.put(std::move(batch))) return stopped();
      batch = belt_.empty_one();
      return {};
    };
    const auto take = [&](const StoredResponse& response,
                          const report::Arrival& arrival) -> Result<void> {
      batch->add(response, arrival);
      if (batch->items.size() < k_scan_batch_rows && batch->bytes.size() < k_scan_batch_bytes)
        return {};
      return send();
    };
    PROBITY_TRY(rows, read_all(reader_, scan_, range, take));
    scanned_.rows += rows;
    if (!batch->items.empty()) PROBITY_CHECK(send());
    return {};
  }

  store::Reader& reader_;
  const Scan& scan_;
  Belt belt_;
  std::vector<std::unique_ptr<Counter>> counters_;
  Scanned scanned_;
};

}  // namespace

std::int64_t unit_of(Instant at, TimeUnit unit) {
  const std::int64_t hours = at.hour().s() / 3'600;
  if (unit == TimeUnit::Hour) return hours;
  return hours >= 0 ? hours / 24 : (hours - 23) / 24;
}

Result<Scanned> scan_responses(store::Reader& reader, const crypto::Cipher& cipher,
                               const Scan& scan) {
  if (scan.expected < k_threads_from) return scan_here(reader, cipher, scan);
  PROBITY_TRY(scanned, ThreadedScan(reader, cipher, scan).run());
  const bool has_blocks = scanned.rows != scanned.total;
  if (!has_blocks || scanned.total == scan.expected) return std::move(scanned);
  Scan rows = scan;
  rows.source = ScanSource::RowsAlone;
  PROBITY_TRY(again, ThreadedScan(reader, cipher, rows).run());
  again.are_blocks_wrong = true;
  PROBITY_TRY(blocks, blocks_of(reader, scan.survey));
  again.damaged = std::move(blocks);
  return std::move(again);
}

}  // namespace probity::survey
