#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace probity::crypto {

/// Bytes from the kernel's generator. Never fails: without randomness the process ends.
[[nodiscard]] Bytes random_bytes(std::size_t count);
/// The same into memory that is there already.
void fill_random(std::span<std::uint8_t> out);

/// How often this process was forked off: whoever counts nonces begins anew when it changes, so
/// that parent and child never share one.
[[nodiscard]] std::uint32_t fork_count();

}  // namespace probity::crypto
