#include "identity/address.hpp"

#include <fmt/core.h>

namespace probity::identity {
namespace {

constexpr std::array<std::string_view, 4> k_format_texts{"v4/24", "v4/16", "v4/8", "none"};

std::string v6_network(BytesView a) {
  const auto group = [&](std::size_t i) { return a[2 * i] << 8 | a[2 * i + 1]; };
  // RFC 5952: lower case, no leading zeros, the longest run of zero groups as "::". What follows
  // the first 48 bits is zero, so the run always reaches the end.
  std::size_t shown = 3;
  while (shown > 0 && group(shown - 1) == 0)
    --shown;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format("{}{:x}", i == 0 ? "" : ":", group(i));
  return text + fmt::format("::/{}", k_address_v6_bits);
}

}  // namespace

std::string_view text_of(AddressFormat format) {
  return k_format_texts[static_cast<std::size_t>(format)];
}

std::optional<AddressFormat> parse_address_format(std::string_view text) {
  for (std::size_t i = 0; i < k_format_texts.size(); ++i)
    if (k_format_texts[i] == text) return static_cast<AddressFormat>(i);
  return {};
}

std::string network_of(BytesView address, AddressFormat format) {
  if (format == AddressFormat::None) return {};
  if (address.size() == 16) return v6_network(address);
  if (address.size() != 4) return {};
  switch (format) {
    case AddressFormat::V4Slash24:
      return fmt::format("{}.{}.{}.0/24", address[0], address[1], address[2]);
    case AddressFormat::V4Slash16: return fmt::format("{}.{}.0.0/16", address[0], address[1]);
    case AddressFormat::V4Slash8: return fmt::format("{}.0.0.0/8", address[0]);
    case AddressFormat::None: break;
  }
  return {};
}

Bytes throttle_key_of(BytesView address) {
  return to_bytes(address.size() == 16 ? address.first(8) : address);
}

}  // namespace probity::identity
