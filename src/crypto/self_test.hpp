#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity::crypto {

/// One known-answer test with the standard its vector comes from.
struct KnownAnswer {
  std::string_view name;
  std::string_view source;
  bool has_passed;
};

/// Starts libsodium and runs every known-answer test: AES-256-GCM, SHA-256, HMAC, HKDF, Ed25519,
/// Argon2id. The server does not start when one fails (SW-17).
[[nodiscard]] Result<std::vector<KnownAnswer>> run_known_answers();

}  // namespace probity::crypto
