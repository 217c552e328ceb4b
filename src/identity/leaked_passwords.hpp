#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace probity::identity {

/// Whether a folded password stands in the built-in list of leaked ones that are long enough for
/// the policy (ASVS 6.2.4). Kept as digests; tools/leaked_passwords.py makes the list from others.
[[nodiscard]] bool is_leaked(std::string_view folded);

}  // namespace probity::identity
