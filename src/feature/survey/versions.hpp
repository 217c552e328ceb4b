#pragma once

#include <vector>

#include "web/route.hpp"

namespace probity::survey {

/// Routes by which members read versions of a questionnaire and what tells two of them apart.
[[nodiscard]] std::vector<web::Route> version_routes();

}  // namespace probity::survey
