#include "feature/survey/report_cache.hpp"

#include <algorithm>

#include "feature/survey/findings.hpp"
#include "feature/survey/limits.hpp"

namespace probity::survey {

ReportCache::Turn ReportCache::take_turn(const std::string& key) {
  std::shared_ptr<std::mutex> own;
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(turns_, [](const auto& turn) { return turn.second.expired(); });
    std::weak_ptr<std::mutex>& known = turns_[key];
    own = known.lock();
    if (!own) known = own = std::make_shared<std::mutex>();
  }
  return Turn(std::move(own));
}

std::optional<ReportCache::Entry> ReportCache::find(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return {};
  found->second.used = ++uses_;
  return found->second.entry;
}

void ReportCache::put(const std::string& key, Entry entry) {
  // Reckoned, not measured: the values take some thrice the text written from them.
  constexpr std::size_t k_bytes_of_text = 4;
  const std::size_t bytes = k_bytes_of_text * entry.findings->json.size();
  if (bytes > k_report_cache_bytes / 4) return;
  const std::scoped_lock lock(mutex_);
  const auto old = entries_.find(key);
  if (old != entries_.end()) {
    bytes_ -= old->second.bytes;
    entries_.erase(old);
  }
  make_room(bytes);
  bytes_ += bytes;
  entries_[key] = {std::move(entry), ++uses_, bytes};
}

void ReportCache::make_room(std::size_t bytes) {
  while (!entries_.empty() &&
         (bytes_ + bytes > k_report_cache_bytes || entries_.size() >= k_report_cache_entries)) {
    const auto oldest =
        std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.used; });
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
  }
}

}  // namespace probity::survey
