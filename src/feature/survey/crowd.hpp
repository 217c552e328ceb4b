#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "base/id.hpp"
#include "base/instant.hpp"

namespace probity::survey {

/// Bytes an id of a crowd shares with the others of it: 6 of the hour, 2 that name the crowd.
inline constexpr std::size_t k_crowd_bytes = 8;

/// Ids of anonymous responses. Each is the hour and 10 random bytes, so responses that arrive one
/// by one tell nothing but the hour. Under load (k_crowd_min in flight, or within a second)
/// responses are taken in as *crowds*: up to k_crowd_max ids share the first two random bytes, so
/// that those of a commit fit into one row instead of as many pages. A crowd's number is random:
/// neither crowds nor the members of one have an order (docs/decisions/033). Threads: any.
class Crowds {
 public:
  /// An id for a response of so many sealed bytes in a rush of so many (WaitingRoom::rush).
  [[nodiscard]] ResponseId place(const SurveyId& survey, Instant now, std::size_t bytes, int rush);

 private:
  /// The crowd a survey fills at present.
  struct Filling {
    RawId first;
    std::size_t count = 0;
    std::size_t bytes = 0;
  };
  std::mutex mutex_;
  Instant hour_;  ///< Of all in `filling_`.
  std::map<SurveyId, Filling> filling_;
};

}  // namespace probity::survey
