#pragma once

#include <vector>

#include "web/route.hpp"

namespace probity::survey {

struct Services;

/// The public link of a survey as a QR code, for its staff.
[[nodiscard]] std::vector<web::Route> share_routes(Services& services);

}  // namespace probity::survey
