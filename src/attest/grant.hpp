#pragma once

#include <array>
#include <string_view>

#include "store/tx.hpp"

namespace probity::attest {

inline constexpr std::array<std::string_view, 1> k_rooms{"attest"};
/// What the statement itself reads and writes; probes bring their own.
inline constexpr store::Grant k_grant{"attest", k_rooms, k_rooms};

}  // namespace probity::attest
