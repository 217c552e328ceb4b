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
    form::Arrival arrival;
    std::size_t begin;
    std::size_t size;
  };
  Bytes bytes;
  std::vector<Item> items;

  void add(const StoredResponse& response, const form::Arrival& arrival) {
    items.push_back({response.id, arrival, bytes.size(), response.answers.size()});
    bytes.insert(bytes.end(), response.answers.begin(), response.answers.end());
  }
  void clear() {
    bytes.clear();
    items.clear();
  }
};

/// Opens and counts; one for each thread.
class Counter {
 public:
  Counter(const crypto::Cipher& cipher, const Scan& scan) : cipher_(cipher) {
    for (const form::Selection& selection : scan.selections)
      tallies_.emplace_back(scan.questionnaire, selection, scan.weight);
  }

  Result<void> count(const ResponseId& id, const form::Arrival& arrival, BytesView sealed) {
    PROBITY_CHECK(cipher_.open_into(k_answers_purpose, id.bytes(), sealed, plain_));
    for (form::Tally& tally : tallies_)
      if (!tally.add(as_text(plain_), arrival))
        return fail(Code::IntegrityError, "stored answers are not a JSON object");
    return {};
  }
  Result<void> count(const Batch& batch) {
    for (const Batch::Item& item : batch.items)
      PROBITY_CHECK(
          count(item.id, item.arrival, BytesView(batch.bytes).subspan(item.begin, item.size)));
    return {};
  }
  [[nodiscard]] std::vector<form::Tally>& tallies() { return tallies_; }

 private:
  const crypto::Cipher& cipher_;
  std::vector<form::Tally> tallies_;
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

/// Calls `take(response, arrival)` for every response; how many there are.
template <typename Take>
Result<std::uint64_t> read_all(store::Reader& reader, const Scan& scan, Take take) {
  constexpr std::uint64_t k_deadline_every = 4'096;
  std::uint64_t total = 0;
  const auto on_response = [&](const StoredResponse& response) -> Result<bool> {
    if (total++ % k_deadline_every == 0 && scan.deadline.has_passed())
      return fail(Code::Deadline, "a report took too long");
    const form::Arrival arrival{unit_of(response.received_at, scan.unit), response.version};
    PROBITY_CHECK(take(response, arrival));
    return true;
  };
  PROBITY_CHECK(each_response(reader, scan.survey, on_response));
  return total;
}

Result<Scanned> scan_here(store::Reader& reader, const crypto::Cipher& cipher, const Scan& scan) {
  Counter counter(cipher, scan);
  const auto take = [&](const StoredResponse& response, const form::Arrival& arrival) {
    return counter.count(response.id, arrival, response.answers);
  };
  PROBITY_TRY(total, read_all(reader, scan, take));
  return Scanned{std::move(counter.tallies()), total};
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
  const auto take = [&](const StoredResponse& response,
                        const form::Arrival& arrival) -> Result<void> {
    batch->add(response, arrival);
    if (batch->items.size() < k_scan_batch_rows && batch->bytes.size() < k_scan_batch_bytes)
      return {};
    return send();
  };
  PROBITY_TRY(total, read_all(reader, scan, take));
  if (!batch->items.empty()) PROBITY_CHECK(send());
  return total;
}

}  // namespace

std::int64_t unit_of(Instant at, TimeUnit unit) {
  const std::int64_t hours = at.hour().s() / 3'600;
  if (unit == TimeUnit::Hour) return hours;
  return hours >= 0 ? hours / 24 : (hours - 23) / 24;
}

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
  Scanned scanned{std::move(counters.front()->tallies()), *total};
  for (std::size_t i = 1; i < counters.size(); ++i)
    for (std::size_t t = 0; t < scanned.tallies.size(); ++t)
      scanned.tallies[t].merge(counters[i]->tallies()[t]);
  return scanned;
}

}  // namespace probity::survey
