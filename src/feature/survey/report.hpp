#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// The route of the report: counts, shares, means and scores over all responses or a group of them
/// (docs/decisions/031), two groups side by side, and an ETag that changes with the responses.
[[nodiscard]] std::vector<web::Route> report_routes(Services& services);

}  // namespace probity::survey
