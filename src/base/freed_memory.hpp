#pragma once

#include <cstddef>
#include <string>

namespace probity {

/// Frees what malloc() gave, overwritten with zeros before: what a request carried is not found in
/// memory that nobody uses (ASVS 11.7.2). Null is fine. Threads: any.
void wipe_and_free(void* block) noexcept;

/// As realloc(), with the block left behind wiped.
[[nodiscard]] void* wiping_realloc(void* block, std::size_t size) noexcept;

/// Overwrites and empties a text that keeps its memory for what comes next.
void wipe(std::string& text);
/// Overwrites and takes away the first `bytes` of a text, of which there are at least as many.
void wipe_front(std::string& text, std::size_t bytes);

/// Overwrites what the functions that returned left on the calling thread's stack: the next
/// k_stack_wiped_bytes of it.
void wipe_stack();
inline constexpr std::size_t k_stack_wiped_bytes = 32 * 1024;

}  // namespace probity
