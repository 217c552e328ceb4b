#include "store/free_space.hpp"

#include <sys/statvfs.h>

#include "base/clock.hpp"

namespace probity::store {

std::uint64_t FreeSpace::bytes() const {
  if (pretended_ != 0) return pretended_;
  const std::int64_t now = monotonic_now().us();
  std::int64_t asked = asked_at_us_.load();
  const bool is_fresh = asked >= 0 && now - asked < Span::seconds(1).us();
  if (is_fresh || !asked_at_us_.compare_exchange_strong(asked, now)) {
    if (asked >= 0) return last_;
  }
  struct statvfs answer{};
  const bool is_answered = ::statvfs(directory_.c_str(), &answer) == 0;
  last_ = is_answered ? std::uint64_t{answer.f_bavail} * answer.f_frsize : 0;
  return last_;
}

}  // namespace probity::store
