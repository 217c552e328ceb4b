#pragma once

#include <memory>

#include "store/engine.hpp"

namespace probity::benchmarks {

/// What happens to a Change instead of being stored.
enum class Yardstick : std::uint8_t {
  None,    ///< Acknowledged at once: the server without storage.
  Append,  ///< 640 sealed bytes appended to one preallocated file, one fdatasync per group.
};

/// The engine with its storage replaced by a yardstick, so that the same server can be measured
/// against what the machine could do. Only submissions are replaced; everything else is the
/// engine's. Never part of the product.
[[nodiscard]] std::unique_ptr<store::Engine> measure_against(std::unique_ptr<store::Engine> engine,
                                                             Yardstick yardstick,
                                                             const std::filesystem::path& file);

}  // namespace probity::benchmarks
