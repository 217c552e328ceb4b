#include "benchmarks/yardstick_engine.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "app/engine_front.hpp"

namespace probity::benchmarks {
namespace {

constexpr std::size_t k_record_bytes = 640;
constexpr off_t k_file_bytes = 1LL << 30;

/// One thread, one file: takes all that waits, seals it, one pwrite, one fdatasync, answers all.
class GroupAppender {
 public:
  GroupAppender(const std::filesystem::path& file, std::shared_ptr<const crypto::Cipher> cipher)
      : cipher_(std::move(cipher)), fd_(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    preallocate();
    thread_ = std::jthread([this](std::stop_token stop) { work(stop); });
  }
  ~GroupAppender() {
    thread_.request_stop();
    ready_.notify_all();
    thread_.join();
    ::close(fd_);
  }
  void add(store::Done done) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(done));
    }
    ready_.notify_one();
  }

 private:
  void preallocate() const {
    // Written, not only reserved: an append into written blocks changes no metadata.
    const std::vector<char> zeros(1 << 20);
    for (off_t at = 0; at < k_file_bytes; at += static_cast<off_t>(zeros.size()))
      if (::pwrite(fd_, zeros.data(), zeros.size(), at) < 0) std::abort();
    if (::fsync(fd_) != 0) std::abort();
  }

  void work(const std::stop_token& stop) {
    Bytes frame;
    const Bytes plain(k_record_bytes, 0x5a);
    while (!stop.stop_requested()) {
      std::vector<store::Done> group;
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return stop.stop_requested() || !waiting_.empty(); });
        group.swap(waiting_);
      }
      frame.clear();
      for (std::size_t i = 0; i < group.size(); ++i) {
        const auto sealed = cipher_->seal("yardstick", {}, plain);
        if (sealed) append_sized(frame, *sealed);
      }
      if (at_ + static_cast<off_t>(frame.size()) > k_file_bytes) at_ = 0;
      if (::pwrite(fd_, frame.data(), frame.size(), at_) < 0 || ::fdatasync(fd_) != 0) std::abort();
      at_ += static_cast<off_t>(frame.size());
      for (store::Done& done : group)
        done({});
    }
  }

  std::shared_ptr<const crypto::Cipher> cipher_;
  int fd_;
  off_t at_ = 0;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<store::Done> waiting_;
  std::jthread thread_;
};

class YardstickEngine final : public app::EngineFront {
 public:
  YardstickEngine(std::unique_ptr<store::Engine> engine, Yardstick yardstick,
                  const std::filesystem::path& file)
      : EngineFront(std::move(engine)) {
    if (yardstick == Yardstick::None) return;
    auto cipher = real_->cipher(store::Space::system());
    if (!cipher) std::abort();
    appender_ = std::make_unique<GroupAppender>(file, *cipher);
  }

  void submit(store::Space space, store::Change change, store::Done done) override {
    // Log-in and the like must work; only what grows without end is the yardstick's.
    if (change.growth == store::Growth::Essential)
      return real_->submit(space, std::move(change), std::move(done));
    if (appender_) return appender_->add(std::move(done));
    done({});
  }

 private:
  std::unique_ptr<GroupAppender> appender_;
};

}  // namespace

std::unique_ptr<store::Engine> measure_against(std::unique_ptr<store::Engine> engine,
                                               Yardstick yardstick,
                                               const std::filesystem::path& file) {
  return std::make_unique<YardstickEngine>(std::move(engine), yardstick, file);
}

}  // namespace probity::benchmarks
