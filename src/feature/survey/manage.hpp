#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "module/approvable.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Routes by which members make, change, publish, open, close and delete surveys.
[[nodiscard]] std::vector<web::Route> manage_routes(Services& services);

/// Deleting a survey, for tenants where a second person approves it.
[[nodiscard]] module::Approvable approvable_deletion(Services& services);

}  // namespace probity::survey
