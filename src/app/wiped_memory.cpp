#include "app/wiped_memory.hpp"

#include <cstdlib>
#include <new>

#include "base/freed_memory.hpp"
#include "crypto/wiped_memory.hpp"

namespace probity::app {

void wipe_freed_memory() { crypto::wipe_freed_memory(); }

}  // namespace probity::app

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PROBITY_HAS_OWN_DELETE
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PROBITY_HAS_OWN_DELETE
#endif

#ifndef PROBITY_HAS_OWN_DELETE

// Of libstdc++, `new` takes its memory from malloc() and aligned_alloc(), so that only `delete` is
// replaced. The other forms of `delete` end in these two.
void operator delete(void* block) noexcept { probity::wipe_and_free(block); }
void operator delete(void* block, std::size_t /*size*/) noexcept { probity::wipe_and_free(block); }
void operator delete(void* block, std::align_val_t /*alignment*/) noexcept {
  probity::wipe_and_free(block);
}
void operator delete(void* block, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  probity::wipe_and_free(block);
}

#endif
