#include "store/tx.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "store/grant.hpp"

namespace probity::store {
namespace {

constexpr std::array<std::string_view, 1> k_every_room{"*"};

bool names(std::span<const std::string_view> rooms, std::string_view room) {
  return std::ranges::any_of(rooms, [&](std::string_view r) { return r == room || r == "*"; });
}

}  // namespace

const Grant k_grant_all{"all", k_every_room, k_every_room};

bool allows(const Grant& grant, const Query& query) {
  return names(query.writes ? grant.writes : grant.reads, query.room);
}

Result<void> admit(const Grant& grant, const Query& query, std::size_t values, Access access) {
  if (!allows(grant, query)) {
    return fail(Code::Internal, fmt::format("grant {} does not cover {}", grant.name, query.name));
  }
  if (query.writes && access == Access::Read) {
    return fail(Code::Internal, fmt::format("{} writes, but was run as a read", query.name));
  }
  if (static_cast<std::size_t>(query.arity) != values) {
    return fail(Code::Internal,
                fmt::format("{} takes {} values, not {}", query.name, query.arity, values));
  }
  return {};
}

}  // namespace probity::store
