#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Links by which somebody without an account reads one report: made, listed and taken away by who
/// may edit the survey and read its report; shown at /r/{token} until they expire. The link says
/// what is shown; whoever follows it can change nothing. An unknown, an expired and a revoked link
/// and one of a deleted survey answer alike.
[[nodiscard]] std::vector<web::Route> report_link_routes(Services& services);

}  // namespace probity::survey
