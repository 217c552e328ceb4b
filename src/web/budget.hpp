#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/id.hpp"

namespace probity::web {

/// How much of something scarce is lent at one time: over all, and to one (a tenant, a person; the
/// nil id stands for all strangers together), so that nobody takes the room of the others. Threads:
/// any.
class Budget {
 public:
  Budget(std::uint64_t total_max, std::uint64_t one_max);

  /// Room that was taken; given back on destruction, also after the budget is gone.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept;
    Share& operator=(Share&& other) noexcept;
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share();

   private:
    friend class Budget;
    struct Room;
    Share(std::shared_ptr<Room> room, const RawId& whose, std::uint64_t amount);

    std::shared_ptr<Room> room_;
    RawId whose_;
    std::uint64_t amount_ = 0;
  };

  /// Nothing when there is no room now.
  [[nodiscard]] std::optional<Share> take(const RawId& whose, std::uint64_t amount);

 private:
  std::shared_ptr<Share::Room> room_;
};

}  // namespace probity::web
