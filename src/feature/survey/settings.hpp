#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "module/approvable.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// PATCH of when a survey is open, its cap, its retention and its pages.
[[nodiscard]] std::vector<web::Route> settings_routes(Services& services);

/// Shortening a survey's retention, for tenants where a second person approves it.
[[nodiscard]] module::Approvable approvable_retention(Services& services);

}  // namespace probity::survey
