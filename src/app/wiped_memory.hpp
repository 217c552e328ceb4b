#pragma once

namespace probity::app {

/// From now on memory that OpenSSL frees is overwritten first; what `delete` frees is so from the
/// start of the program, as this file replaces it (but in sanitizer builds, which have their own).
/// To be called before anything uses OpenSSL.
void wipe_freed_memory();

}  // namespace probity::app
