#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Routes of a report that is looked at: every question with picture, notes and table as JSON, one
/// picture as SVG or PNG, the whole as PDF or workbook (docs/decisions/042). All are written from
/// the same Findings as the report's JSON, under the same Access and audit.
[[nodiscard]] std::vector<web::Route> picture_routes(Services& services);

}  // namespace probity::survey
