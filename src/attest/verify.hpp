#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"

namespace probity::attest {

/// What `probity verify` concludes; the number is its exit code.
enum class Verdict : std::uint8_t {
  Valid = 0,      ///< The signature fits the key that was given.
  Invalid = 1,    ///< Altered, reformatted, signed by another key, or made in test mode.
  Unchecked = 2,  ///< No statement, or no key to check it with.
};

struct Verification {
  Verdict verdict = Verdict::Unchecked;
  std::vector<std::string> lines;  ///< What was found, for a person; one line each.
};

/// A statement older than this is still valid, and said to be old: ask for a fresh one.
inline constexpr Span k_statement_old = Span::days(2);

/// Checks a saved statement without a server or network: that it is byte for byte in the canonical
/// form of RFC 8785 (space around it aside), that its signature has the three members it should,
/// signature, test mode, age. `key` is a public key in base64url, or the text of a keys document
/// (/.well-known/probity-keys.json), or empty. Never fails: whatever the bytes, there is a verdict.
[[nodiscard]] Verification verify_statement(std::string_view document, std::string_view key,
                                            Instant now);

}  // namespace probity::attest
