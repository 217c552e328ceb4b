#include "web/budget.hpp"

#include <utility>

namespace probity::web {

struct Budget::Share::Room {
  std::uint64_t total_max = 0;
  std::uint64_t one_max = 0;
  std::mutex mutex;
  std::uint64_t total = 0;
  std::map<RawId, std::uint64_t> of_one;
};

Budget::Budget(std::uint64_t total_max, std::uint64_t one_max)
    : room_(std::make_shared<Share::Room>()) {
  room_->total_max = total_max;
  room_->one_max = one_max;
}

std::optional<Budget::Share> Budget::take(const RawId& whose, std::uint64_t amount) {
  const std::scoped_lock lock(room_->mutex);
  const auto held = room_->of_one.find(whose);
  const std::uint64_t own = held == room_->of_one.end() ? 0 : held->second;
  if (amount > room_->total_max - room_->total || amount > room_->one_max - own) return {};
  room_->total += amount;
  room_->of_one[whose] = own + amount;
  return Share(room_, whose, amount);
}

Budget::Share::Share(std::shared_ptr<Room> room, const RawId& whose, std::uint64_t amount)
    : room_(std::move(room)), whose_(whose), amount_(amount) {}

Budget::Share::Share(Share&& other) noexcept
    : room_(std::move(other.room_)), whose_(other.whose_), amount_(other.amount_) {}

Budget::Share& Budget::Share::operator=(Share&& other) noexcept {
  std::swap(room_, other.room_);
  std::swap(whose_, other.whose_);
  std::swap(amount_, other.amount_);
  return *this;
}

Budget::Share::~Share() {
  if (!room_) return;
  const std::scoped_lock lock(room_->mutex);
  room_->total -= amount_;
  const auto held = room_->of_one.find(whose_);
  held->second -= amount_;
  if (held->second == 0) room_->of_one.erase(held);
}

}  // namespace probity::web
