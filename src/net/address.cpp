#include "net/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"

namespace probity::net {
namespace {

constexpr std::array<std::uint8_t, 12> k_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t k_text_max_bytes = 63;
/// Hops of X-Forwarded-For that are looked at, from the right.
constexpr std::size_t k_hops_max = 32;

/// A hop as proxies write it: an address, perhaps with a port, IPv6 then in brackets.
std::optional<web::Address> parse_hop(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    return parse_address(text.substr(1, end - 1));
  }
  if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
  return parse_address(text);
}

}  // namespace

std::optional<web::Address> parse_address(std::string_view text) {
  if (text.empty() || text.size() > k_text_max_bytes) return {};
  // The library would read up to a NUL and leave the rest unseen.
  if (text.find('\0') != std::string_view::npos) return {};
  const std::string copy(text);
  web::Address address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) != 1) return {};
  if (std::equal(k_mapped.begin(), k_mapped.end(), address.bytes.begin())) {
    web::Address plain;
    std::copy(address.bytes.begin() + 12, address.bytes.end(), plain.bytes.begin());
    return plain;
  }
  address.is_v6 = true;
  return address;
}

std::string text_of(const web::Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
}

bool Block::has(const web::Address& address) const {
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

Result<Block> parse_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return fail(Code::Config, "not an address block: " + std::string(text));
  const int most = address->is_v6 ? 128 : 32;
  if (slash == std::string_view::npos) return Block{*address, most};
  const auto bits = parse_int(text.substr(slash + 1));
  if (!bits || *bits < 0 || *bits > most)
    return fail(Code::Config, "not an address block: " + std::string(text));
  return Block{*address, static_cast<int>(*bits)};
}

bool is_in(const std::vector<Block>& blocks, const web::Address& address) {
  return std::ranges::any_of(blocks, [&](const Block& block) { return block.has(address); });
}

web::Address client_address(const web::Address& peer, const web::Request& request,
                            const std::vector<Block>& trusted) {
  web::Address nearest = peer;
  if (!is_in(trusted, peer)) return nearest;
  std::size_t hops = 0;
  for (auto field = request.headers.rbegin(); field != request.headers.rend(); ++field) {
    if (field->name != "x-forwarded-for") continue;
    std::string_view rest = field->value;
    while (!rest.empty()) {
      const std::size_t comma = rest.rfind(',');
      const auto hop = parse_hop(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      // What a trusted proxy wrote is believed up to the first entry nobody can read.
      if (!hop || ++hops > k_hops_max) return nearest;
      nearest = *hop;
      if (!is_in(trusted, nearest)) return nearest;
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
    }
  }
  return nearest;
}

}  // namespace probity::net
