#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "form/render.hpp"
#include "form/visibility.hpp"
#include "form/wording.hpp"

/// Inside of render_page.
namespace probity::form {

/// Names of form fields: a letter for the part, a dot, and the question's key.
[[nodiscard]] std::string answer_field(const Question& question);
[[nodiscard]] std::string comment_field(const Question& question);
/// Row of a matrix, item of a multipletext, choice of a ranking.
[[nodiscard]] std::string part_field(const Question& question, std::size_t part);
/// Names of the room's own hidden fields.
inline constexpr std::string_view k_answers_field = "_answers";
inline constexpr std::string_view k_page_field = "_page";
inline constexpr std::string_view k_asked_field = "_asked";
inline constexpr std::string_view k_move_field = "_move";

/// HTML as it grows. Everything that is not a literal goes through text() or attribute().
class HtmlWriter {
 public:
  HtmlWriter& raw(std::string_view html) {
    out_ += html;
    return *this;
  }
  HtmlWriter& text(std::string_view plain);
  /// ` name="value"`.
  HtmlWriter& attribute(std::string_view name, std::string_view value);
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// What controls need to know of the page they stand on.
struct PageState {
  const Questionnaire& questionnaire;
  std::string locale;
  AnswerSet answers;
  Visibility visibility;
  const std::vector<FieldError>& errors;
};

/// The id of a question's first control, which errors link to.
[[nodiscard]] std::string control_id(std::uint32_t question);
/// Errors of one question, its parts included.
[[nodiscard]] std::vector<std::string> errors_of(const PageState& state, std::uint32_t question);
/// `{name}` replaced with the answer given, as plain text.
[[nodiscard]] std::string with_answers(const PageState& state, std::string_view text);

/// Writes one question with its controls.
void write_question(HtmlWriter& out, const PageState& state, std::uint32_t question);

}  // namespace probity::form
