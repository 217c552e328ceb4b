#include "store/writers.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "store/engine.hpp"

namespace probity::store {
namespace {

void refuse_overloaded(Done& done, const char* detail) {
  Error error{Code::Overloaded, detail, {}, {}, 1};
  done(std::unexpected(std::move(error)));
}

}  // namespace

std::size_t writer_threads() {
  return std::max<std::size_t>(k_writer_threads, std::thread::hardware_concurrency());
}

Writers::Writers(std::size_t threads, RunGroup run) : run_(std::move(run)) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this, i] {
      pthread_setname_np(pthread_self(), "store-writer");
      work(i);
    });
  }
}

Writers::~Writers() { stop(Span::seconds(10)); }

bool Writers::is_admitted(const Queue& queue) const {
  return !is_stopping_ && total_ < k_queue_total_max &&
         queue.waiting.size() < static_cast<std::size_t>(k_queue_per_space_max);
}

void Writers::submit(const Space& space, Change change, Done done) {
  {
    const std::lock_guard lock(mutex_);
    Queue& queue = queues_[space];
    if (is_admitted(queue)) {
      queue.waiting.push_back({std::move(change), std::move(done)});
      ++total_;
      if (!queue.is_taken && queue.waiting.size() == 1) {
        turns_.push_back(space);
        ready_.notify_one();
      }
      return;
    }
    if (queue.waiting.empty() && !queue.is_taken) queues_.erase(space);
  }
  refuse_overloaded(done, "the queue of changes is full or closing");
}

void Writers::work(std::size_t writer) {
  std::vector<Pending> group;
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return is_ending_ || !turns_.empty(); });
    if (turns_.empty()) return;
    const Space space = turns_.front();
    turns_.pop_front();
    Queue& queue = queues_.at(space);
    queue.is_taken = true;
    const auto count = std::min<std::size_t>(queue.waiting.size(), k_group_max);
    const auto end = queue.waiting.begin() + static_cast<std::ptrdiff_t>(count);
    group.assign(std::make_move_iterator(queue.waiting.begin()), std::make_move_iterator(end));
    queue.waiting.erase(queue.waiting.begin(), end);
    total_ -= count;
    ++at_work_;
    lock.unlock();

    run_(space, group, writer);
    group.clear();

    lock.lock();
    --at_work_;
    queue.is_taken = false;
    if (queue.waiting.empty()) {
      queues_.erase(space);
    } else {
      turns_.push_back(space);
      ready_.notify_one();
    }
    if (total_ == 0 && at_work_ == 0) idle_.notify_all();
  }
}

void Writers::stop(Span within) {
  std::vector<Pending> left;
  {
    std::unique_lock lock(mutex_);
    is_stopping_ = true;
    idle_.wait_for(lock, std::chrono::microseconds(within.us()),
                   [this] { return total_ == 0 && at_work_ == 0; });
    for (auto& [space, queue] : queues_) {
      std::ranges::move(queue.waiting, std::back_inserter(left));
      queue.waiting.clear();
    }
    total_ = 0;
    turns_.clear();
    is_ending_ = true;
    ready_.notify_all();
  }
  for (Pending& pending : left)
    refuse_overloaded(pending.done, "stopped before it was its turn");
  threads_.clear();
}

}  // namespace probity::store
