#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/address.hpp"
#include "web/request.hpp"

namespace probity::web {

/// A respondent's or visitor's address with the host part set to zero (WI-05…08): IPv4 as the
/// tenant's format says, IPv6 to its first 48 bits, or nothing of either. IPv4-mapped IPv6
/// (::ffff:a.b.c.d) becomes the IPv4 address it stands for, so that no longer part of it stays.
/// Pure; to be applied before anything is logged, queued or stored.
[[nodiscard]] Address anonymise_address(const Address& address, identity::AddressFormat format);

/// Dotted decimal, or RFC 5952 for IPv6.
[[nodiscard]] std::string address_text(const Address& address);
/// The inverse; also takes IPv4-mapped IPv6 as IPv4. Nothing for anything else.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

/// An address block in CIDR notation; an address alone is a block of one.
struct Block {
  Address first;
  int prefix_bits = 0;

  [[nodiscard]] bool has(const Address& address) const;
};
/// Nothing when the text is no block.
[[nodiscard]] std::optional<Block> parse_block(std::string_view text);
[[nodiscard]] bool is_in(const std::vector<Block>& blocks, const Address& address);

}  // namespace probity::web
