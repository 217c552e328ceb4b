#pragma once

#include <string>

#include "web/router.hpp"

namespace probity::web {

/// The OpenAPI 3.1 document of every route of the program, test-mode routes left out unless asked
/// for. Members of ours: `x-probity-access` (permission:…, signed-in, link, everyone, test-mode)
/// `x-probity-body-max-bytes` and `x-probity-objects` (common: what the path names is the program's
/// own, the same for all tenants; absent everywhere else). Deterministic.
enum class TestRoutes : bool { Hidden, Shown };
[[nodiscard]] std::string openapi_json(const Router& router, std::string_view version,
                                       TestRoutes test_routes);

}  // namespace probity::web
