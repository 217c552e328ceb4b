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
/// Begins of values of the move: a page to go to, a language to go on in.
inline constexpr std::string_view k_page_move = "page.";
inline constexpr std::string_view k_language_move = "lang.";

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
  bool is_enhanced = false;  ///< The page's script gets the hooks it needs.
};

/// The id of a question's first control.
[[nodiscard]] std::string control_id(std::uint32_t question);
/// The id of the first control of a row of a matrix, an item of a multipletext or a choice.
[[nodiscard]] std::string part_id(const Question& question, std::uint32_t index, std::size_t part);

/// An error on its way to the reader.
struct Finding {
  std::string id;    ///< Of the control it is about.
  std::string part;  ///< The text of the row or item; empty when it is about the whole.
  std::string reason;
};
/// Errors of one question, its parts included.
[[nodiscard]] std::vector<Finding> findings_of(const PageState& state, std::uint32_t question);

/// An answer as a person reads it: texts of choices, lists with commas, parts with their names.
[[nodiscard]] std::string answer_text(const Question& question, const Value& value,
                                      std::string_view locale);
/// Every question that was asked with its answer, as a list of terms; with buttons to change them
/// when `changes` says so.
enum class Changes : bool { None, Buttons };
void write_answers(HtmlWriter& out, const PageState& state, Changes changes);

/// Everything up to the content of <main>, and everything after it.
void open_document(HtmlWriter& out, const PageFrame& frame, std::string_view title);
void close_document(HtmlWriter& out, const PageFrame& frame);
/// Marks our words as what they are where the page's language has none of them, so that a screen
/// reader does not read English as Arabic, nor a browser set it from right to left.
HtmlWriter& our_language(HtmlWriter& out, std::string_view locale);
/// `{name}` replaced with the answer given, as plain text.
[[nodiscard]] std::string with_answers(const PageState& state, std::string_view text);
/// The same where answers may take `room` bytes, of which it leaves what they did not.
[[nodiscard]] std::string with_answers(const PageState& state, std::string_view text,
                                       std::size_t& room);

/// Writes one question with its controls. `when` is the condition (condition_json) by which the
/// page's script shows and hides it; empty when nothing on the page decides that.
void write_question(HtmlWriter& out, const PageState& state, std::uint32_t question,
                    std::string_view when = {});

}  // namespace probity::form
