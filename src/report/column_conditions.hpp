#pragma once

#include <cstdint>
#include <vector>

#include "report/column_table.hpp"
#include "report/filter.hpp"
#include "report/questions.hpp"

namespace probity::report {

/// By response, 0 or 1; empty: 1 for all.
using Mask = std::vector<std::uint8_t>;

/// Which codes of a column are answers.
[[nodiscard]] Mask answers_in(const Column& column);

/// The answers of a block as a questionnaire sees them.
class BlockAnswers {
 public:
  BlockAnswers(const Questionnaire& form, const Columns::State& block);

  [[nodiscard]] std::size_t rows() const { return block_.rows; }
  [[nodiscard]] const Columns::State& block() const { return block_; }
  /// Null when nobody answered the question.
  [[nodiscard]] const Column* of(std::uint32_t question) const { return columns_[question]; }
  [[nodiscard]] const Column* comment_of(std::uint32_t question) const {
    return comments_[question];
  }

 private:
  const Columns::State& block_;
  std::vector<const Column*> columns_;   ///< By question.
  std::vector<const Column*> comments_;  ///< By question.
};

/// Decides conditions for all responses of a block: each combination of answers once.
class BlockConditions {
 public:
  BlockConditions(const Questionnaire& form, const BlockAnswers& answers)
      : form_(form), answers_(answers) {}

  /// Whether all that a condition asks is in the block.
  [[nodiscard]] bool knows(const Condition& condition) const;
  /// For whom it holds, whatever is shown.
  [[nodiscard]] Mask holds(const Condition& condition) const { return holds(condition, {}); }
  /// To whom each question is shown, as decide_visibility() says; by question.
  [[nodiscard]] std::vector<Mask> shown() const;

 private:
  [[nodiscard]] Mask holds(const Condition& condition, const std::vector<Mask>& shown) const;

  const Questionnaire& form_;
  const BlockAnswers& answers_;
};

}  // namespace probity::report
