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
/// Argon2id (a few milliseconds together). Internal, naming the failed ones, when one fails: the
/// server does not start then (SW-17).
[[nodiscard]] Result<std::vector<KnownAnswer>> run_known_answers();

/// The judgement apart from the tests: Internal when one has failed or there is none.
[[nodiscard]] Result<void> require_all_passed(const std::vector<KnownAnswer>& answers);

}  // namespace probity::crypto
