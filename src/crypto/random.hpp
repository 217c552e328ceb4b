#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace probity::crypto {

/// Bytes from the kernel's generator. Never fails: without randomness the process ends.
[[nodiscard]] Bytes random_bytes(std::size_t count);

}  // namespace probity::crypto
