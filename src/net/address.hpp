#pragma once

#include <vector>

#include "web/address.hpp"
#include "web/request.hpp"

namespace probity::net {

/// The client behind trusted proxies: the rightmost hop of X-Forwarded-For that is not one of
/// them. The TCP peer itself when it is not trusted, or when there is nothing readable to believe.
[[nodiscard]] web::Address client_address(const web::Address& peer, const web::Request& request,
                                          const std::vector<web::Block>& trusted);

}  // namespace probity::net
