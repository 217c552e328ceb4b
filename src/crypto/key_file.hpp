#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "crypto/keys.hpp"

/// The text of the key file (format: MasterKeys). Internal to this room; apart from the file itself
/// so that it can be fuzzed.
namespace probity::crypto {

/// KeyUnavailable names the line, never its content.
[[nodiscard]] Result<std::vector<NumberedKey>> parse_key_file(std::string_view text);
[[nodiscard]] SecretBytes format_key_file(std::span<const NumberedKey> keys);

}  // namespace probity::crypto
