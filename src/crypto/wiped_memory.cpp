#include "crypto/wiped_memory.hpp"

#include <openssl/crypto.h>

#include <cstdlib>

#include "base/freed_memory.hpp"
#include "crypto/openssl.hpp"

namespace probity::crypto {

void wipe_freed_memory() {
  const auto give = [](std::size_t size, const char*, int) { return std::malloc(size); };
  const auto change = [](void* block, std::size_t size, const char*, int) -> void* {
    if (size != 0) return wiping_realloc(block, size);
    wipe_and_free(block);
    return nullptr;
  };
  const auto take = [](void* block, const char*, int) { wipe_and_free(block); };
  ssl::require(CRYPTO_set_mem_functions(give, change, take) == 1);
}

}  // namespace probity::crypto
