#include "web/body_budget.hpp"

#include <utility>

namespace probity::web {

struct BodyBudget::Share::Room {
  std::uint64_t total_max = 0;
  std::uint64_t one_max = 0;
  std::mutex mutex;
  std::uint64_t total = 0;
  std::map<TenantId, std::uint64_t> of_one;
};

BodyBudget::BodyBudget(std::uint64_t total_max, std::uint64_t one_max)
    : room_(std::make_shared<Share::Room>()) {
  room_->total_max = total_max;
  room_->one_max = one_max;
}

std::optional<BodyBudget::Share> BodyBudget::take(const TenantId& whose, std::uint64_t bytes) {
  const std::scoped_lock lock(room_->mutex);
  const auto held = room_->of_one.find(whose);
  const std::uint64_t own = held == room_->of_one.end() ? 0 : held->second;
  if (bytes > room_->total_max - room_->total || bytes > room_->one_max - own) return {};
  room_->total += bytes;
  room_->of_one[whose] = own + bytes;
  return Share(room_, whose, bytes);
}

BodyBudget::Share::Share(std::shared_ptr<Room> room, const TenantId& whose, std::uint64_t bytes)
    : room_(std::move(room)), whose_(whose), bytes_(bytes) {}

BodyBudget::Share::Share(Share&& other) noexcept
    : room_(std::move(other.room_)), whose_(other.whose_), bytes_(other.bytes_) {}

BodyBudget::Share& BodyBudget::Share::operator=(Share&& other) noexcept {
  std::swap(room_, other.room_);
  std::swap(whose_, other.whose_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

BodyBudget::Share::~Share() {
  if (!room_) return;
  const std::scoped_lock lock(room_->mutex);
  room_->total -= bytes_;
  const auto held = room_->of_one.find(whose_);
  held->second -= bytes_;
  if (held->second == 0) room_->of_one.erase(held);
}

}  // namespace probity::web
