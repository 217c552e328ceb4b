#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "web/request.hpp"
#include "web/response.hpp"
#include "web/route.hpp"

namespace probity::web {

/// What a plain page is made of. Everything but `main_html` is text and escaped here.
struct PageParts {
  std::string title;  ///< In the tab and for screen readers.
  std::string lang = "en";
  std::string dir = "ltr";
  std::string organisation;  ///< Shown above the content; empty shows nothing.
  std::string main_html;     ///< Already escaped HTML of <main>.
  /// Stylesheets beside the common one ("/assets/respondent.css").
  std::vector<std::string> stylesheets;
  std::string script;  ///< A module of the program's own ("/assets/login.js"); empty: none.
  /// Whether the footer links to the security statement and the privacy page.
  bool has_footer = true;
  std::string privacy_path = "/privacy";
};

/// A whole document: common stylesheet, skip link, landmarks, nothing from elsewhere.
[[nodiscard]] std::string page(const PageParts& parts);

/// page() as an answer.
[[nodiscard]] Response page_response(int status, const PageParts& parts);

/// Whether an error is told as a page: on routes that answer pages, unless the client asks for
/// JSON alone; at addresses that do not exist (no route), when it names text/html in Accept, as
/// browsers do and programs do not.
[[nodiscard]] bool wants_page(const Request& request, const Route* route);

/// The common page of an error: what happened, what to do, and the number to give when asking.
[[nodiscard]] Response refusal_page(const Refusal& refusal);

/// Escaped pieces that pages share.
[[nodiscard]] std::string paragraph(std::string_view text);
[[nodiscard]] std::string heading(std::string_view text);

/// A fixed file of the program, served under /assets with a strong ETag and a day of caching.
struct Asset {
  std::string_view path;  ///< "/assets/probity.css".
  std::string_view content_type;
  std::string_view content;
};
[[nodiscard]] Route asset_route(const Asset& asset);
/// Styles of the plain pages.
[[nodiscard]] Asset page_stylesheet();

}  // namespace probity::web
