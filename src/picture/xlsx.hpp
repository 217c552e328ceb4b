#pragma once

#include <string>

#include "picture/document.hpp"

namespace probity::picture {

/// Sheets of a workbook; questions beyond them are left out, and its first sheet says so.
inline constexpr std::size_t k_sheets_max = 500;

/// A document as a workbook (Office Open XML): a sheet of facts, then one for each question with
/// its table and notes. Texts are stored as texts whatever they begin with, so no cell is a
/// formula, a link or a macro; numbers are numbers. Made in memory: nothing of it reaches a disk.
[[nodiscard]] std::string xlsx_of(const Document& document);

}  // namespace probity::picture
