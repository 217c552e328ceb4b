#include "feature/survey/report_shelf.hpp"

#include <algorithm>

#include "feature/survey/limits.hpp"

namespace probity::survey {

ReportShelf::Place& ReportShelf::place(const ReportLinkId& link) {
  Place& place = places_[link];
  place.used = ++uses_;
  return place;
}

void ReportShelf::make_room() {
  while (places_.size() > 1 &&
         (places_.size() > k_report_pages_kept || bytes_ > k_report_pages_bytes)) {
    const auto oldest =
        std::ranges::min_element(places_, {}, [](const auto& one) { return one.second.used; });
    bytes_ -= oldest->second.page.size();
    places_.erase(oldest);
  }
}

Result<void> ReportShelf::enter(const ReportLinkId& link, Instant now) {
  constexpr std::int64_t k_minute = 60;
  const std::scoped_lock lock(mutex_);
  Place& own = place(link);
  const std::int64_t minute = now.s() / k_minute;
  if (own.minute != minute) own.views = 0;
  own.minute = minute;
  if (own.views >= k_report_link_views_per_minute) {
    const int wait = static_cast<int>(k_minute - now.s() % k_minute);
    return std::unexpected(
        Error{Code::Throttled, {}, "This report is looked at very often just now.", {}, wait});
  }
  ++own.views;
  make_room();
  return {};
}

std::optional<std::string> ReportShelf::find(const ReportLinkId& link, std::string_view state) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(link);
  if (found == places_.end() || found->second.page.empty() || found->second.state != state)
    return {};
  return found->second.page;
}

void ReportShelf::put(const ReportLinkId& link, std::string state, std::string page) {
  if (page.size() > k_report_pages_bytes / 4) return;
  const std::scoped_lock lock(mutex_);
  Place& own = place(link);
  bytes_ = bytes_ - own.page.size() + page.size();
  own.state = std::move(state);
  own.page = std::move(page);
  make_room();
}

}  // namespace probity::survey
