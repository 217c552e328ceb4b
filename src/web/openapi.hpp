#pragma once

#include <string>

#include "web/router.hpp"

namespace probity::web {

/// The OpenAPI 3.1 document of every route of the program, test-mode routes left out unless asked
/// for. Members of ours: `x-probity-access` (permission:…, signed-in, link, everyone, test-mode)
/// and `x-probity-body-max-bytes`. Deterministic.
enum class TestRoutes : bool { Hidden, Shown };
[[nodiscard]] std::string openapi_json(const Router& router, std::string_view version,
                                       TestRoutes test_routes);

}  // namespace probity::web
