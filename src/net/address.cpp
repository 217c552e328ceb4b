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

web::Address client_address(const web::Address& peer, const web::Request& request,
                            const std::vector<web::Block>& trusted) {
  web::Address nearest = peer;
  if (!web::is_in(trusted, peer)) return nearest;
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
      if (!web::is_in(trusted, nearest)) return nearest;
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
    }
  }
  return nearest;
}

}  // namespace probity::net
