#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>

#include "base/instant.hpp"
#include "web/request.hpp"

namespace probity::net {

/// Counts connections, in all and by address (IPv6: by /64, which is what one subscriber has), and
/// keeps both counts below their caps. Any thread.
class Census {
 public:
  enum class Cap : bool { None, ByAddress };

  Census(std::size_t most, std::size_t most_per_address)
      : most_(most), most_per_address_(most_per_address) {}

  /// False when a cap is reached; leave() must follow every true.
  [[nodiscard]] bool enter(const web::Address& address, Cap cap);
  void leave(const web::Address& address);
  [[nodiscard]] std::size_t count() const;
  /// Waits until nobody is left; false when `within` passes first.
  [[nodiscard]] bool wait_until_empty(Span within);

 private:
  struct Less {
    bool operator()(const web::Address& a, const web::Address& b) const {
      return a.is_v6 != b.is_v6 ? a.is_v6 < b.is_v6 : a.bytes < b.bytes;
    }
  };

  const std::size_t most_;
  const std::size_t most_per_address_;
  mutable std::mutex mutex_;
  std::condition_variable left_;
  std::size_t count_ = 0;
  std::map<web::Address, std::size_t, Less> by_address_;
};

}  // namespace probity::net
