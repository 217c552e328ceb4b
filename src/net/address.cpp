#include "net/address.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "web/address.hpp"

namespace probity::net {
namespace {

/// Hops of X-Forwarded-For that are looked at, from the right.
constexpr std::size_t k_hops_max = 32;

/// A hop as proxies write it: an address, perhaps with a port, IPv6 then in brackets.
std::optional<web::Address> parse_hop(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    return web::parse_address(text.substr(1, end - 1));
  }
  if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
  return web::parse_address(text);
}

}  // namespace

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
  const auto address = web::parse_address(text.substr(0, slash));
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
