#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/instant.hpp"

namespace probity::crypto {

/// How long a code of an authenticator app is shown (RFC 6238, 4.1).
inline constexpr Span k_totp_step = Span::seconds(30);
/// Bytes of a secret: those of the HMAC (RFC 4226, 4, R6).
inline constexpr std::size_t k_totp_secret_bytes = 20;
inline constexpr int k_totp_digits = 6;

/// The step `at` lies in, counted from 1970. Threads: any, as for everything here.
[[nodiscard]] std::int64_t totp_step_of(Instant at);

/// The code of a step: HMAC-SHA-1, cut to `digits` (1 to 9) decimal digits (RFC 4226, 5.3). SHA-1
/// because that is what every app can; nothing here rests on collisions being hard to find.
[[nodiscard]] std::string totp_code(BytesView secret, std::int64_t step,
                                    int digits = k_totp_digits);

/// The step whose code was given: that of `at`, the one before or the one after (RFC 6238, 5.2),
/// and only if it is later than `used`, that of the last code taken: nobody comes in twice with
/// one. Compares in time that does not tell how much was right.
[[nodiscard]] std::optional<std::int64_t> matching_totp_step(BytesView secret,
                                                             std::string_view code, Instant at,
                                                             std::int64_t used);

}  // namespace probity::crypto
