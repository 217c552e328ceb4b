#include "web/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace probity::web {
namespace {

struct FormatRow {
  std::string_view text;
  std::size_t v4_bytes;  // Bytes that stay.
  std::size_t v6_bytes;
};

constexpr std::array<FormatRow, 4> k_formats{
    {{"/24", 3, 6}, {"/16", 2, 4}, {"/8", 1, 2}, {"none", 0, 0}}};

constexpr std::array<std::uint8_t, 12> k_mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// IPv4-mapped IPv6 as the IPv4 address it stands for.
Address plain(const Address& address) {
  if (!address.is_v6 ||
      !std::equal(k_mapped_prefix.begin(), k_mapped_prefix.end(), address.bytes.begin())) {
    return address;
  }
  Address v4;
  std::copy_n(address.bytes.begin() + 12, 4, v4.bytes.begin());
  return v4;
}

}  // namespace

std::string_view text_of(AddressFormat format) {
  return k_formats[static_cast<std::size_t>(format)].text;
}

std::optional<AddressFormat> parse_address_format(std::string_view text) {
  for (std::size_t i = 0; i < k_formats.size(); ++i)
    if (k_formats[i].text == text) return static_cast<AddressFormat>(i);
  return {};
}

Address anonymise_address(const Address& address, AddressFormat format) {
  const FormatRow& row = k_formats[static_cast<std::size_t>(format)];
  const Address whole = plain(address);
  Address kept;
  kept.is_v6 = whole.is_v6;
  std::copy_n(whole.bytes.begin(), whole.is_v6 ? row.v6_bytes : row.v4_bytes, kept.bytes.begin());
  return kept;
}

std::string address_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* written = inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(),
                                  text.data(), static_cast<socklen_t>(text.size()));
  return written == nullptr ? std::string() : std::string(written);
}

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  Address address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) return address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return {};
  address.is_v6 = true;
  return plain(address);
}

}  // namespace probity::web
