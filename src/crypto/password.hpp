#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace probity::crypto {

/// Cost of Argon2id (RFC 9106): chosen so that one log-in takes about 30 ms of a core
/// (OWASP Password Storage: 19 MiB, t=2, p=1).
struct PasswordCost {
  std::size_t memory_bytes = 19 * 1024 * 1024;
  unsigned long long passes = 2;
};

/// Longest password taken. Any policy allows less; it bounds what a request can make us copy.
inline constexpr std::size_t k_password_bytes_max = 4096;

/// Encoded Argon2id hash ("$argon2id$v=19$m=…") with a fresh 16-byte salt. The caller seals it
/// before it is stored (MW-13). Blocks for tens of milliseconds: password lane only. LimitExceeded
/// above k_password_bytes_max; Config for a cost Argon2id does not have; Overloaded without memory.
[[nodiscard]] Result<std::string> hash_password(std::string_view password, PasswordCost cost = {});

/// Argon2id at the default cost under a salt that is given: equal passwords give equal bytes, so
/// that one used before is found again. The caller keys the result before it is stored. Same lane
/// and errors.
[[nodiscard]] Result<std::array<std::uint8_t, 32>> password_tag(
    std::string_view password, std::span<const std::uint8_t, 16> salt, PasswordCost cost = {});

/// True when the password made this hash. Same lane. False for what is no Argon2id hash, and for
/// one that asks for more than 1 GiB or 16 passes: a stored hash must not stop the server.
[[nodiscard]] bool verify_password(std::string_view encoded, std::string_view password);

/// Does the work of one verification against a hash nothing matches: what an unknown account costs,
/// so that time does not tell whether it exists.
void spend_as_if_verifying(std::string_view password);

}  // namespace probity::crypto
