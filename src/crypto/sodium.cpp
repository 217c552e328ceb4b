#include "crypto/sodium.hpp"

#include <sodium.h>

#include <cstdlib>

namespace probity::crypto {

void start_sodium() {
  static const int started = sodium_init();
  if (started < 0) std::abort();
}

}  // namespace probity::crypto
