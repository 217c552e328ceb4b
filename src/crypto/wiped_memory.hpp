#pragma once

namespace probity::crypto {

/// From now on OpenSSL overwrites what it frees, also what it does not take for secret: the records
/// of a TLS connection, for one. Ends the process when OpenSSL already has memory.
void wipe_freed_memory();

}  // namespace probity::crypto
