#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "feature/survey/infer.hpp"

namespace probity::survey {

/// The longest run of columns from the first on that is one question, and that question without
/// name; nothing when the first column stands alone.
///
/// Headings must belong together: a shared beginning before " - ", or before a last part in square
/// brackets; empty headings behind a filled one; names that differ in a number behind "_". And the
/// values must show the same: either each column has one value besides "Not selected", "0" or "No"
/// (a checkbox; its options are what the cells say, or what follows the shared beginning), or all
/// columns have the same few values (a matrix).
[[nodiscard]] std::optional<QuestionPlan> join_columns(std::span<const Column> columns);

/// A checkbox of all these columns, whatever their headings; nothing when the values of one say
/// otherwise.
[[nodiscard]] std::optional<QuestionPlan> as_checkbox(std::span<const Column> columns);
/// A matrix of all these columns, whatever their headings; nothing when they have too many values.
[[nodiscard]] std::optional<QuestionPlan> as_matrix(std::span<const Column> columns);

}  // namespace probity::survey
