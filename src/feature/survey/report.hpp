#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// The route of the report: counts, means and NPS over all responses or a filtered group of them.
[[nodiscard]] std::vector<web::Route> report_routes(Services& services);

/// Whether a filtered group may be shown. A group of fewer than `least` could be one person; so
/// could what the rest leaves over when it is taken from the whole (docs/decisions/031). The whole
/// itself is always shown: nothing is singled out by it that its organisation does not read
/// anyway.
[[nodiscard]] bool may_show_group(std::uint64_t group, std::uint64_t total, std::uint64_t least);

}  // namespace probity::survey
