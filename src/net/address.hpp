#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "web/request.hpp"

namespace probity::net {

/// An address block in CIDR notation; an address alone is a block of one.
struct Block {
  web::Address first;
  int prefix_bits = 0;

  [[nodiscard]] bool has(const web::Address& address) const;
};

/// Config when the text is no block.
[[nodiscard]] Result<Block> parse_block(std::string_view text);

[[nodiscard]] bool is_in(const std::vector<Block>& blocks, const web::Address& address);

/// The client behind trusted proxies: the rightmost hop of X-Forwarded-For that is not one of
/// them. The TCP peer itself when it is not trusted, or when there is nothing readable to believe.
[[nodiscard]] web::Address client_address(const web::Address& peer, const web::Request& request,
                                          const std::vector<Block>& trusted);

}  // namespace probity::net
