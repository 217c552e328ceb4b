#pragma once

#include "identity/acting.hpp"

namespace probity::identity {

/// How many rows a sweep removed.
struct Swept {
  std::int64_t rows = 0;
};

/// Removes sessions past their absolute end, links dead for k_link_memory, and attempt counters of
/// names nobody has that are older than k_attempt_memory. Writes an entry when there was anything.
[[nodiscard]] Result<Planned<Swept>> plan_sweep(const Acting& acting);

}  // namespace probity::identity
