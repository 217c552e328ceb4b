#pragma once

#include <string_view>

#include "audit/entry.hpp"
#include "store/engine.hpp"

namespace probity::keep {

/// Appends one entry of the operator's command line to a space's chain, and waits.
[[nodiscard]] Result<void> journal(store::Engine& engine, store::Space space,
                                   std::string_view action, std::string_view detail_json,
                                   Instant now);

}  // namespace probity::keep
