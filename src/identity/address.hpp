#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace probity::identity {

/// How much of an IPv4 address a tenant keeps of those who answer or visit. IPv6 addresses are cut
/// to /48 in each but None (WI-05 to WI-07). Numbers are stored.
enum class AddressFormat : std::uint8_t { V4Slash24 = 0, V4Slash16 = 1, V4Slash8 = 2, None = 3 };

inline constexpr int k_address_v6_bits = 48;

/// "v4/24", "v4/16", "v4/8", "none".
[[nodiscard]] std::string_view text_of(AddressFormat format);
[[nodiscard]] std::optional<AddressFormat> parse_address_format(std::string_view text);

/// The network an address lies in, as text: "203.0.113.0/24", "2001:db8:1::/48"; empty for None.
/// `address` has 4 or 16 bytes; anything else gives an empty text.
[[nodiscard]] std::string network_of(BytesView address, AddressFormat format);

/// What attempts are counted by: an IPv4 address whole, an IPv6 one by its /64, because whoever has
/// one address there has them all. For memory only, never stored.
[[nodiscard]] Bytes throttle_key_of(BytesView address);

}  // namespace probity::identity
