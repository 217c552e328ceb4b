#pragma once

#include <string>
#include <vector>

#include "web/route.hpp"

namespace probity::survey {

/// Addresses of the style sheet and the script of respondents' pages: each names a hash of what it
/// holds, so that browsers may keep it for good.
struct PageAssets {
  std::string stylesheet;
  std::string script;
};
[[nodiscard]] const PageAssets& page_assets();

/// The routes that serve them, packed where the client takes it.
[[nodiscard]] std::vector<web::Route> page_asset_routes();

}  // namespace probity::survey
