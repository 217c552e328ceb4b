#pragma once

#include <cstddef>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "picture/document.hpp"

namespace probity::picture {

/// Rows of one table in a PDF; the rest is in the workbook, and the page says so.
inline constexpr std::size_t k_pdf_rows_max = 120;
/// Columns beside each other; more go into further tables below.
inline constexpr std::size_t k_pdf_columns_max = 9;

/// A document as PDF (A4): title page, each question with picture, notes and table, page numbers,
/// real text in reading order with a structure tree, an outline. No script, no link, no form,
/// nothing embedded but fonts. NotBuilt without fonts, Deadline when it takes too long.
[[nodiscard]] Result<std::string> pdf_of(const Document& document, const Deadline& deadline);

}  // namespace probity::picture
