#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// Routes that read what was written into one question: the texts, searched and in pages, and the
/// words said most. Nothing is shown while fewer than the tenant's smallest group wrote, and no
/// word that fewer said (docs/decisions/031).
[[nodiscard]] std::vector<web::Route> comment_routes(Services& services);

}  // namespace probity::survey
