#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// The pages respondents see, without script: the questionnaire page by page, thanks with the
/// receipt, and what is said when a survey is closed or unknown.
[[nodiscard]] std::vector<web::Route> page_routes(Services& services);

}  // namespace probity::survey
