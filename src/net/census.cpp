#include "net/census.hpp"

#include <algorithm>
#include <chrono>

namespace probity::net {
namespace {

/// Whose connections count together.
web::Address owner_of(web::Address address) {
  if (address.is_v6) std::fill(address.bytes.begin() + 8, address.bytes.end(), std::uint8_t{0});
  return address;
}

}  // namespace

bool Census::enter(const web::Address& address, Cap cap) {
  const std::lock_guard lock(mutex_);
  if (count_ >= most_) return false;
  const auto found = by_address_.find(owner_of(address));
  if (found != by_address_.end() && cap == Cap::ByAddress && found->second >= most_per_address_)
    return false;
  ++count_;
  ++by_address_[owner_of(address)];
  return true;
}

void Census::leave(const web::Address& address) {
  const std::lock_guard lock(mutex_);
  --count_;
  const auto found = by_address_.find(owner_of(address));
  if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
  left_.notify_all();
}

std::size_t Census::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool Census::wait_until_empty(Span within) {
  std::unique_lock lock(mutex_);
  return left_.wait_for(lock, std::chrono::microseconds(within.us()),
                        [this] { return count_ == 0; });
}

}  // namespace probity::net
