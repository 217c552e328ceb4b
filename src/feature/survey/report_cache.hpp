#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/id.hpp"

namespace probity::survey {

struct Findings;

/// Reports made lately, so that consoles that ask every second cost one scan a second and not one
/// each. Holds at most k_report_cache_bytes of JSON and
/// the plain values it was written from, in memory only. Threads: any.
class ReportCache {
 public:
  struct Entry {
    std::string etag;
    std::shared_ptr<const Findings> findings;
    Instant at;  ///< When it was made.
  };
  /// Whoever holds a turn makes the report; others with the same key wait for it.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<std::mutex> own) : own_(std::move(own)), lock_(*own_) {}

   private:
    std::shared_ptr<std::mutex> own_;
    std::unique_lock<std::mutex> lock_;
  };

  [[nodiscard]] Turn take_turn(const std::string& key);
  [[nodiscard]] std::optional<Entry> find(const std::string& key);
  void put(const std::string& key, Entry entry);

 private:
  struct Kept {
    Entry entry;
    std::uint64_t used = 0;
    std::size_t bytes = 0;
  };
  void make_room(std::size_t bytes);

  std::mutex mutex_;
  std::map<std::string, Kept> entries_;
  std::map<std::string, std::weak_ptr<std::mutex>> turns_;
  std::uint64_t uses_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace probity::survey
