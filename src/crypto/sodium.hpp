#pragma once

/// Internal to this room.
namespace probity::crypto {

/// Starts libsodium once; the process ends when that fails. Every wrapper calls it first.
void start_sodium();

}  // namespace probity::crypto
