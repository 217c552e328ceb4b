#include "app/key_watch.hpp"

#include <sys/stat.h>

#include <chrono>
#include <tuple>
#include <utility>

namespace probity::app {
namespace {

constexpr std::chrono::milliseconds k_pause{500};

// What changes when the file is replaced: rename gives another inode.
auto mark_of(const std::filesystem::path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) found = {};
  return std::tuple(found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
}

}  // namespace

KeyWatch::KeyWatch(crypto::MasterKeys& master, std::filesystem::path file, Log& log)
    : master_(master), file_(std::move(file)), log_(log) {
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

KeyWatch::~KeyWatch() {
  thread_.request_stop();
  thread_.join();
}

void KeyWatch::watch(const std::stop_token& stop) {
  // Nothing is known of the time between loading and now, so the first look reads it once more.
  decltype(mark_of(file_)) seen{};
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto mark = mark_of(file_);
    if (mark != seen) {
      const auto reloaded = master_.reload(file_);
      if (!reloaded)
        log_.warn("key_file_not_read", {{"detail", reloaded.error().detail}});
      else if (*reloaded)
        log_.info("key_file_reloaded", {{"newest", static_cast<std::int64_t>(master_.newest())}});
      seen = mark;
    }
    wake_.wait_for(lock, stop, k_pause, [] { return false; });
  }
}

}  // namespace probity::app
