#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/compare.hpp"
#include "report/report.hpp"
#include "report/words.hpp"

namespace probity::picture {

/// What a picture and a table are made of: one question of one released report, or of two that are
/// compared. Nothing else reaches them. Whoever makes a Subject has only what report::make_report
/// let out, so a picture cannot tell more than the report's own JSON (docs/decisions/042). The
/// pointers are borrowed.
struct Subject {
  const form::Question* question = nullptr;
  const report::QuestionCount* first = nullptr;
  const report::QuestionCount* second = nullptr;  ///< Null when nothing is compared.
  std::vector<const report::Comparison*> tests;   ///< Of this question.
  std::uint64_t responses = 0;                    ///< Of the first report.
  std::uint64_t second_responses = 0;
  std::string first_label;  ///< What the groups are called; only where two are compared.
  std::string second_label;
  std::string weight;                    ///< Name of the weighing question; empty without.
  std::vector<report::WordCount> words;  ///< Of a question answered in words.

  [[nodiscard]] bool is_compared() const { return second != nullptr; }
};

/// The pictures there are.
enum class Form : std::uint8_t {
  Bars,     ///< Choices, each with its share.
  Columns,  ///< Numbers and ratings in their order.
  Stack,    ///< Rows of a matrix or items of a ranking, each divided into shares.
  Score,    ///< The net promoter score on its scale.
  Words,    ///< Words, each with how many said it.
  None,     ///< Nothing to draw: nobody answered, nothing may be told, or texts without words.
};
[[nodiscard]] Form form_of(const Subject& subject);
/// "Bar chart".
[[nodiscard]] std::string_view form_name(Form form);

/// A question of a report by its name; null when the report does not have it.
[[nodiscard]] const report::QuestionCount* question_of(const report::Report& report,
                                                       std::string_view name);
/// The subjects of a report, or of two, in the order of the questionnaire. `tests` may be of other
/// questions as well.
[[nodiscard]] std::vector<Subject> subjects_of(const form::Questionnaire& questionnaire,
                                               std::span<const report::Report> reports,
                                               std::span<const report::Comparison> tests);

/// The test of a part ("" for the whole question); null when there is none.
[[nodiscard]] const report::Comparison* test_of(const Subject& subject, std::string_view part);
/// A value of a numeric question in the words it is entered in: a date, a time, a number.
[[nodiscard]] std::string value_text(const form::Question& question, double value);
/// "18", "20 to 25".
[[nodiscard]] std::string bin_text(const form::Question& question, const report::Bin& bin);

/// What stands under a picture, each a sentence: who answered, who did not and why as far as it is
/// told, what is pooled or estimated, methods, tests.
[[nodiscard]] std::vector<std::string> notes_of(const Subject& subject);
/// Why nothing of a question is told in this group.
[[nodiscard]] std::string_view suppressed_text();

}  // namespace probity::picture
