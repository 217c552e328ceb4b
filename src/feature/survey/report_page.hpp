#pragma once

#include <string>

#include "picture/document.hpp"
#include "web/page.hpp"

namespace probity::survey {

/// A report as a page for people without an account: pictures as SVG within the page, each with its
/// table; no script, nothing to fill in, no link but the common ones. Every text is escaped.
[[nodiscard]] std::string report_page(const picture::Document& document);

/// The style sheet of that page.
[[nodiscard]] web::Asset report_stylesheet();

}  // namespace probity::survey
