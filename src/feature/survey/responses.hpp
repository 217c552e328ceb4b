#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "module/approvable.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Routes to single responses: reading them page by page, erasing one, exporting all as CSV or JSON
/// Lines. Every read is audited before it is answered.
[[nodiscard]] std::vector<web::Route> response_routes(Services& services);

/// Erasing one response, for tenants where a second person approves it.
[[nodiscard]] module::Approvable approvable_erasure();

}  // namespace probity::survey
