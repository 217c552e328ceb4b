#include "base/secret.hpp"

#include <string.h>

namespace probity {

void wipe(void* data, std::size_t size) {
  explicit_bzero(data, size);
}

}  // namespace probity
