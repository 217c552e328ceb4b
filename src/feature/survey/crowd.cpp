#include "feature/survey/crowd.hpp"

#include <algorithm>

#include "feature/survey/limits.hpp"

namespace probity::survey {

ResponseId Crowds::place(const SurveyId& survey, Instant now, std::size_t bytes, int rush) {
  RawId id = make_raw_hourly_id(now);
  if (rush < k_crowd_min) return ResponseId(id);
  const std::scoped_lock lock(mutex_);
  if (now.hour() != hour_) {
    filling_.clear();
    hour_ = now.hour();
  }
  const auto found = filling_.find(survey);
  if (found == filling_.end() || found->second.count >= k_crowd_max ||
      found->second.bytes + bytes > k_crowd_max_bytes) {
    filling_[survey] = {id, 1, bytes};
    return ResponseId(id);
  }
  Filling& crowd = found->second;
  ++crowd.count;
  crowd.bytes += bytes;
  std::copy_n(crowd.first.bytes.begin(), k_crowd_bytes, id.bytes.begin());
  return ResponseId(id);
}

}  // namespace probity::survey
