#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "web/request.hpp"

namespace probity::web {

/// How much of a respondent's or visitor's address is kept (WI-05…08); per tenant. There is no
/// format that keeps all of it. The IPv6 lengths leave a network about as large as the IPv4 ones.
enum class AddressFormat : std::uint8_t {
  Network24,  ///< IPv4 /24, IPv6 /48: the default.
  Network16,  ///< IPv4 /16, IPv6 /32.
  Network8,   ///< IPv4 /8, IPv6 /16.
  None,       ///< Nothing: 0.0.0.0 and ::.
};

/// "/24", "/16", "/8", "none": the values of the tenant setting `address_format`.
[[nodiscard]] std::string_view text_of(AddressFormat format);
[[nodiscard]] std::optional<AddressFormat> parse_address_format(std::string_view text);

/// The address with the host part set to zero. IPv4-mapped IPv6 (::ffff:a.b.c.d) becomes the IPv4
/// address it stands for, so that no longer part of it stays. Pure; to be applied before anything is
/// logged, queued or stored.
[[nodiscard]] Address anonymise_address(const Address& address, AddressFormat format);

/// Dotted decimal, or RFC 5952 for IPv6.
[[nodiscard]] std::string address_text(const Address& address);
/// The inverse; also takes IPv4-mapped IPv6 as IPv4. Nothing for anything else.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

}  // namespace probity::web
