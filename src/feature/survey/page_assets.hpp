#pragma once

#include <string>
#include <string_view>
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

/// Address of the style sheet of a colour ("#1f4f8f").
[[nodiscard]] std::string colour_address(std::string_view colour);

/// The routes that serve them, packed where the client takes it.
[[nodiscard]] std::vector<web::Route> page_asset_routes();

}  // namespace probity::survey
