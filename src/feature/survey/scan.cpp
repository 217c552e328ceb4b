#include "feature/survey/scan.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "feature/survey/limits.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/survey.hpp"

namespace probity::survey {
namespace {

constexpr int k_counting_threads = 2;
/// Below this, starting threads costs more than it saves.
constexpr std::uint64_t k_threads_from = 4 * k_scan_batch_rows;

/// Sealed answers on their way from the reading to a counting thread, in one buffer.
struct Batch {
  struct Item {
    ResponseId id;
    std::size_t begin;
    std::size_t size;
  };
  Bytes bytes;
  std::vector<Item> items;

  void add(const ResponseId& id, BytesView sealed) {
    items.push_back({id, bytes.size(), sealed.size()});
    bytes.insert(bytes.end(), sealed.begin(), sealed.end());
  }
  void clear() {
    bytes.clear();
    items.clear();
  }
};

/// Opens and counts; one for each thread.
class Counter {
 public:
  Counter(const crypto::Cipher& cipher, const Scan& scan)
      : cipher_(cipher), tally_(scan.questionnaire, scan.filter) {}

  Result<void> count(const ResponseId& id, BytesView sealed) {
    PROBITY_CHECK(cipher_.open_into(k_answers_purpose, id.bytes(), sealed, plain_));
    if (!tally_.add(as_text(plain_)))
      return fail(Code::IntegrityError, "stored answers are not a JSON object");
    return {};
  }
  Result<void> count(const Batch& batch) {
    for (const Batch::Item& item : batch.items)
      PROBITY_CHECK(count(item.id, BytesView(batch.bytes).subspan(item.begin, item.size)));
    return {};
  }
  [[nodiscard]] form::Tally& tally() { return tally_; }

 private:
  const crypto::Cipher& cipher_;
  form::Tally tally_;
  Bytes plain_;
};

/// The bounded queue between the threads; empty batches come back to be filled again.
class Belt {
 public:
  /// Blocks while the queue is full. False when a counting thread has failed.
  bool put(std::unique_ptr<Batch> batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return queue_.size() < k_scan_batches_max || error_; });
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
    changed_.notify_all();
    return batch;
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
  std::optional<Error> error_;
  bool is_ended_ = false;
};

bool lies_in(const ScanWindow& window, const StoredResponse& response) {
  if (window.from && response.received_at < *window.from) return false;
  if (window.to && response.received_at >= *window.to) return false;
  return !window.version || response.version == *window.version;
}

/// Calls `take(id, sealed)` for every response in the window; how many there are in all.
template <typename Take>
Result<std::uint64_t> read_all(store::Reader& reader, const Scan& scan, Take take) {
  constexpr std::uint64_t k_deadline_every = 4'096;
  std::uint64_t total = 0;
  const auto on_response = [&](const StoredResponse& response) -> Result<bool> {
    if (total++ % k_deadline_every == 0 && scan.deadline.has_passed())
      return fail(Code::Deadline, "a report took too long");
    if (lies_in(scan.window, response)) PROBITY_CHECK(take(response.id, response.answers));
    return true;
  };
  PROBITY_CHECK(each_response(reader, scan.survey, on_response));
  return total;
}

Result<Scanned> scan_here(store::Reader& reader, const crypto::Cipher& cipher, const Scan& scan) {
  Counter counter(cipher, scan);
  PROBITY_TRY(total, read_all(reader, scan, [&](const ResponseId& id, BytesView sealed) {
                return counter.count(id, sealed);
              }));
  return Scanned{std::move(counter.tally()), total};
}

void count_from(Belt& belt, Counter& counter) {
  while (auto batch = belt.take()) {
    if (auto counted = counter.count(*batch); !counted) {
      belt.fail_with(std::move(counted).error());
      return;
    }
    belt.give_back(std::move(batch));
  }
}

/// Fills batches and puts them on the belt.
Result<std::uint64_t> feed(store::Reader& reader, const Scan& scan, Belt& belt) {
  auto batch = belt.empty_one();
  const auto send = [&]() -> Result<void> {
    if (!belt.put(std::move(batch))) return fail(Code::IntegrityError, "counting stopped");
    batch = belt.empty_one();
    return {};
  };
  PROBITY_TRY(
      total, read_all(reader, scan, [&](const ResponseId& id, BytesView sealed) -> Result<void> {
        batch->add(id, sealed);
        if (batch->items.size() < k_scan_batch_rows && batch->bytes.size() < k_scan_batch_bytes)
          return {};
        return send();
      }));
  if (!batch->items.empty()) PROBITY_CHECK(send());
  return total;
}

}  // namespace

Result<Scanned> scan_responses(store::Reader& reader, const crypto::Cipher& cipher,
                               const Scan& scan) {
  if (scan.expected < k_threads_from) return scan_here(reader, cipher, scan);
  Belt belt;
  std::vector<std::unique_ptr<Counter>> counters;
  for (int i = 0; i < k_counting_threads; ++i)
    counters.push_back(std::make_unique<Counter>(cipher, scan));
  Result<std::uint64_t> total = 0;
  {
    std::vector<std::jthread> threads;
    for (auto& counter : counters)
      threads.emplace_back([&belt, &counter = *counter] { count_from(belt, counter); });
    total = feed(reader, scan, belt);
    belt.end();
  }
  if (auto error = belt.error()) return std::unexpected(std::move(*error));
  if (!total) return std::unexpected(std::move(total).error());
  Scanned scanned{std::move(counters.front()->tally()), *total};
  for (std::size_t i = 1; i < counters.size(); ++i)
    scanned.tally.merge(counters[i]->tally());
  return scanned;
}

}  // namespace probity::survey
