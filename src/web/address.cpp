#include "web/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace probity::web {
namespace {

using identity::AddressFormat;

// Bytes that stay.
std::size_t kept_bytes(bool is_v6, AddressFormat format) {
  if (is_v6) return format == AddressFormat::None ? 0 : identity::k_address_v6_bits / 8;
  switch (format) {
    case AddressFormat::V4Slash24: return 3;
    case AddressFormat::V4Slash16: return 2;
    case AddressFormat::V4Slash8: return 1;
    case AddressFormat::None: return 0;
  }
  return 0;
}

constexpr std::size_t k_text_max_bytes = INET6_ADDRSTRLEN;
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

Address anonymise_address(const Address& address, AddressFormat format) {
  const Address whole = plain(address);
  Address kept;
  kept.is_v6 = whole.is_v6;
  std::copy_n(whole.bytes.begin(), kept_bytes(whole.is_v6, format), kept.bytes.begin());
  return kept;
}

std::string address_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* written = inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(),
                                  text.data(), static_cast<socklen_t>(text.size()));
  return written == nullptr ? std::string() : std::string(written);
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() > k_text_max_bytes) return {};
  // The library would read up to a NUL and leave the rest unseen.
  if (text.find('\0') != std::string_view::npos) return {};
  const std::string terminated(text);
  Address address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) return address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return {};
  address.is_v6 = true;
  return plain(address);
}

bool Block::has(const Address& address) const {
  if (address.is_v6 != first.is_v6) return false;
  const auto whole = static_cast<std::size_t>(prefix_bits / 8);
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes.begin()))
    return false;
  const int rest = prefix_bits % 8;
  if (rest == 0) return true;
  const int shift = 8 - rest;
  return (first.bytes[whole] >> shift) == (address.bytes[whole] >> shift);
}

std::optional<Block> parse_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return {};
  const int most = address->is_v6 ? 128 : 32;
  if (slash == std::string_view::npos) return Block{*address, most};
  const auto bits = parse_int(text.substr(slash + 1));
  if (!bits || *bits < 0 || *bits > most) return {};
  return Block{*address, static_cast<int>(*bits)};
}

bool is_in(const std::vector<Block>& blocks, const Address& address) {
  return std::ranges::any_of(blocks, [&](const Block& block) { return block.has(address); });
}

}  // namespace probity::web
