#pragma once

#include <cstddef>

/// Every bound of the questionnaire room, each with its reason. A refusal names the bound it met.
namespace probity::form {

// The document.
/// A long questionnaire with five languages has about 200 kB; a request has to fit into memory.
inline constexpr std::size_t k_document_max_bytes = 1024 * 1024;
/// Nesting of the JSON text itself: 16 panels, each an object in an array, and what they hold.
inline constexpr std::size_t k_document_depth_max = 64;
/// Nobody answers more, and one page of the report holds them.
inline constexpr std::size_t k_questions_max = 500;
inline constexpr std::size_t k_pages_max = 100;
/// Panels inside panels.
inline constexpr std::size_t k_levels_max = 16;
inline constexpr std::size_t k_panels_max = 500;
/// Choices, rate values, rows, columns and items of one question.
inline constexpr std::size_t k_choices_max = 200;
inline constexpr std::size_t k_validators_max = 10;
inline constexpr std::size_t k_name_max_bytes = 128;
/// Values of choices travel in every answer.
inline constexpr std::size_t k_choice_value_max_bytes = 1024;
inline constexpr std::size_t k_title_max_bytes = 8 * 1024;
inline constexpr std::size_t k_html_max_bytes = 64 * 1024;
/// Translations of one text.
inline constexpr std::size_t k_locales_max = 64;
/// An answer to a bad document stays readable.
inline constexpr std::size_t k_document_errors_max = 50;
inline constexpr std::size_t k_warnings_max = 200;

// Conditions.
inline constexpr std::size_t k_expression_max_bytes = 4 * 1024;
inline constexpr std::size_t k_expression_nodes_max = 500;
inline constexpr std::size_t k_expression_depth_max = 32;
/// Longest text that joining with `+` may make; longer becomes empty.
inline constexpr std::size_t k_expression_text_max_bytes = 4 * 1024;
/// Largest list that may be written of answers (`[{a}, {b}]`); larger becomes empty. Answers of one
/// question reach 150 kB, and lists inside lists would copy them at each level.
inline constexpr std::size_t k_expression_list_max_bytes = 64 * 1024;
/// Bytes of texts that comparing may look at for each step of an expression: 100 chosen answers of
/// 40 bytes with 10 others need a quarter of it. Texts beyond it are equal only when they are the
/// same.
inline constexpr std::size_t k_expression_work_per_step = 128 * 1024;
/// Texts longer than this are compared without the case rules of all scripts, only those of ASCII.
inline constexpr std::size_t k_expression_fold_max_bytes = 1024;
/// Steps of all conditions of one document: together with the limits above it bounds the time that
/// one set of answers can cost.
inline constexpr std::size_t k_conditions_steps_max = 10'000;

// Pages.
/// Markup that the tables of one questionnaire come to, about: a matrix has rows times columns, a
/// ranking items times places. 500 matrices of 10 rows and 7 columns need a third.
inline constexpr std::size_t k_controls_max_bytes = 16 * 1024 * 1024;
/// Answers shown inside one text of the questionnaire (`{name}`), which may name one many times.
inline constexpr std::size_t k_piped_max_bytes = 4 * 1024;

// Answers.
inline constexpr std::size_t k_answers_max_bytes = 256 * 1024;
/// An answer is an object of scalars, lists or objects of scalars.
inline constexpr std::size_t k_answers_depth_max = 8;
/// UTF-16 code units, as browsers count `maxlength`; a question may set less.
inline constexpr std::size_t k_text_answer_max = 10'000;
inline constexpr std::size_t k_comment_answer_max = 50'000;
inline constexpr std::size_t k_answer_errors_max = 50;

// Pages and filters.
inline constexpr std::size_t k_form_fields_max = 20'000;
inline constexpr std::size_t k_filter_max_bytes = 4 * 1024;

}  // namespace probity::form
