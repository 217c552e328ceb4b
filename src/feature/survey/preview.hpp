#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Routes by which members see a questionnaire as its respondents will, page by page and with its
/// conditions and checks. Nothing that is entered there is stored.
[[nodiscard]] std::vector<web::Route> preview_routes(Services& services);

}  // namespace probity::survey
