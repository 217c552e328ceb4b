#include "base/freed_memory.hpp"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

namespace probity {

void wipe_and_free(void* block) noexcept {
  if (block == nullptr) return;
  ::explicit_bzero(block, ::malloc_usable_size(block));
  std::free(block);
}

void* wiping_realloc(void* block, std::size_t size) noexcept {
  if (block == nullptr) return std::malloc(size);
  void* const moved = std::malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(size, ::malloc_usable_size(block)));
  wipe_and_free(block);
  return moved;
}

void wipe(std::string& text) {
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

void wipe_front(std::string& text, std::size_t bytes) {
  if (bytes == 0) return;
  // Removing them would leave a copy of the end behind it.
  std::string rest = text.substr(bytes);
  wipe(text);
  text.append(rest);
  wipe(rest);
}

[[gnu::noinline]] void wipe_stack() {
  std::array<char, k_stack_wiped_bytes> stack;  // NOLINT(*-member-init): what lies there is wiped.
  ::explicit_bzero(stack.data(), stack.size());
}

}  // namespace probity
