#pragma once

#include <vector>

#include "web/route.hpp"

namespace probity::app {

/// The console for staff under /console: its files by their hashed names, immutable; every other
/// address below it, four levels deep, answers the page that the console begins with. The files
/// hold no data, so everybody may fetch them; what the console shows comes by the API. In a build
/// without the console every address is a plain page that says so.
///
/// Bodies are gzip whatever Accept-Encoding says (RFC 9110 section 12.5.3 allows it): they are
/// read by browsers.
[[nodiscard]] std::vector<web::Route> console_routes();

}  // namespace probity::app
