#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Routes by which members make, change, publish, open, close and delete surveys.
[[nodiscard]] std::vector<web::Route> manage_routes(Services& services);

}  // namespace probity::survey
