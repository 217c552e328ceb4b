// Addresses as operators and proxies write them. What is taken is written so that it is taken again
// as the same, and a client never becomes somebody whom no trusted proxy named.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "net/socket.hpp"
#include "web/address.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

void read_client(std::string_view text) {
  const web::Address proxy = *web::parse_address("10.0.0.1");
  const web::Address stranger = *web::parse_address("203.0.113.7");
  const std::vector<web::Block> trusted{*web::parse_block("10.0.0.0/8")};
  web::Request request;
  request.headers = {{"x-forwarded-for", std::string(text)}};
  require(net::client_address(stranger, request, trusted) == stranger);
  static_cast<void>(net::client_address(proxy, request, trusted));
  // The proxy adds whom it saw at the right; what stands left of it may be invented.
  request.headers.push_back({"x-forwarded-for", web::address_text(stranger)});
  require(net::client_address(proxy, request, trusted) == stranger);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = web::parse_address(text)) {
    require(text.find('\0') == std::string_view::npos);
    require(web::parse_address(web::address_text(*address)) == address);
  }
  if (const auto block = web::parse_block(text)) {
    require(block->prefix_bits >= 0 && block->prefix_bits <= (block->first.is_v6 ? 128 : 32));
    require(block->has(block->first));
  }
  if (const auto endpoint = net::parse_endpoint(text)) {
    const auto again = net::parse_endpoint(net::text_of(*endpoint));
    require(again && again->address == endpoint->address && again->port == endpoint->port);
  }
  read_client(text);
  return 0;
}
