#pragma once

#include <string>
#include <string_view>

namespace probity::form {

/// An author's HTML reduced to what cannot act: paragraphs, line breaks, emphasis, headings (h1
/// becomes h2, because the page has one), lists, quotations, code, and links to https: and mailto:
/// addresses. Attributes other than a link's href are dropped; containers such as div and span are
/// dropped and their content kept; everything else is shown as text. Every element is closed, so
/// the result may stand anywhere in a page. Linear in the input, at most k_html_depth_max deep.
[[nodiscard]] std::string sanitise_html(std::string_view html);

}  // namespace probity::form
