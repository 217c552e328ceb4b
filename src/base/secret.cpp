#include "base/secret.hpp"

#include <string.h>

namespace probity {

void wipe(void* data, std::size_t size) {
  // No bytes often come with no pointer, which the function may not be given.
  if (size > 0) explicit_bzero(data, size);
}

}  // namespace probity
