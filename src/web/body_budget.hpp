#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/id.hpp"

namespace probity::web {

/// How many bytes of large request bodies are held in memory at one time: over all, and of one
/// tenant (of all strangers together: the nil id), so that nobody takes the room of the others. A
/// declared length counts in full before its first byte is read. Threads: any.
class BodyBudget {
 public:
  BodyBudget(std::uint64_t total_max, std::uint64_t one_max);

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
    friend class BodyBudget;
    struct Room;
    Share(std::shared_ptr<Room> room, const TenantId& whose, std::uint64_t bytes);

    std::shared_ptr<Room> room_;
    TenantId whose_;
    std::uint64_t bytes_ = 0;
  };

  /// Nothing when there is no room now.
  [[nodiscard]] std::optional<Share> take(const TenantId& whose, std::uint64_t bytes);

 private:
  std::shared_ptr<Share::Room> room_;
};

}  // namespace probity::web
