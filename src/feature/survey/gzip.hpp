#pragma once

#include <string>
#include <string_view>

#include "web/request.hpp"
#include "web/response.hpp"

namespace probity::survey {

/// Whether the client takes gzip (RFC 9110, 12.5.3), by its name and not refused by q=0.
[[nodiscard]] bool takes_gzip(const web::Request& request);

/// Packs the body when the client takes it. Only for pages without anything of the request's own:
/// where a secret stands beside text somebody else may choose, the length of what is packed tells
/// about the secret (BREACH). The page a link leads to has neither, and a page that answers a post
/// shows again what was posted, so it goes out as it is.
[[nodiscard]] web::Response packed_for(const web::Request& request, web::Response response);

}  // namespace probity::survey
