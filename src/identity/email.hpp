#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/cipher.hpp"
#include "crypto/hash.hpp"

namespace probity::identity {

inline constexpr std::size_t k_email_bytes_max = 254;       ///< RFC 5321 section 4.5.3.1.3.
inline constexpr std::size_t k_email_local_bytes_max = 64;  ///< RFC 5321 section 4.5.3.1.1.
inline constexpr std::size_t k_email_label_bytes_max = 63;  ///< RFC 1035 section 2.3.4.

/// The address in NFKC without white space at its ends. Takes dot-atoms (RFC 5322 section 3.2.3)
/// and letters beyond ASCII (RFC 6531) before the @, and host names of one label or more after it;
/// no quoted local parts, comments or address literals. BadRequest names the field "/email".
[[nodiscard]] Result<std::string> check_email(std::string_view text);

/// What two spellings of one address have in common, as a keyed hash: the account's unique name
/// within its tenant (MW-08). Case, width and invisible code points make no difference.
[[nodiscard]] Result<crypto::Digest> email_hash(const crypto::Cipher& cipher,
                                                std::string_view email);

}  // namespace probity::identity
