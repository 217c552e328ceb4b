#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"

namespace probity::survey {

struct ReportLinkTag {
  static constexpr std::string_view prefix = "rlk_";
};
using ReportLinkId = Id<ReportLinkTag>;

/// Pages behind links to reports: how often each was shown within a minute, and the last one made.
/// In memory only, at most k_report_pages_kept links and k_report_pages_bytes. Threads: any.
class ReportShelf {
 public:
  /// Counts a view. Throttled when the link was shown k_report_link_views_per_minute times within
  /// this minute.
  [[nodiscard]] Result<void> enter(const ReportLinkId& link, Instant now);
  /// The page of a link when it was made of this state.
  [[nodiscard]] std::optional<std::string> find(const ReportLinkId& link, std::string_view state);
  void put(const ReportLinkId& link, std::string state, std::string page);

 private:
  struct Place {
    std::int64_t minute = 0;
    int views = 0;
    std::string state;
    std::string page;
    std::uint64_t used = 0;
  };
  Place& place(const ReportLinkId& link);
  void make_room();

  std::mutex mutex_;
  std::map<ReportLinkId, Place> places_;
  std::uint64_t uses_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace probity::survey
