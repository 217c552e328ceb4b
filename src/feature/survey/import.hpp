#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// The route by which a table (CSV, TSV) with its responses, or a SurveyJS document, becomes a
/// survey.
[[nodiscard]] std::vector<web::Route> import_routes(Services& services);

}  // namespace probity::survey
