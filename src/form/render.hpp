#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "form/questionnaire.hpp"

namespace probity::form {

/// What surrounds every page a respondent sees.
struct PageFrame {
  std::string locale;  ///< Empty: the questionnaire's own, or English.
  std::string stylesheet = "/assets/respondent.css";
  std::string script;   ///< Address of respondent_script(); empty: pages without script.
  std::string colours;  ///< Another style sheet, after the first; may be empty.
  std::string logo;     ///< Address of a picture above the page; may be empty.
  std::string logo_alt;
  std::uint32_t logo_width = 0;  ///< Its sides in pixels, so that nothing moves when it arrives.
  std::uint32_t logo_height = 0;
  std::string imprint;  ///< Plain text below the page; a link when the address is not empty.
  std::string imprint_address;
  /// On a shared screen: the script begins anew at the address after so long without input. 0: on
  /// none.
  std::int64_t kiosk_idle_s = 0;
  std::string kiosk_address;
  std::string frame_origin;  ///< The script tells this origin how high the page is; may be empty.
  std::string notice;        ///< Plain text shown above the questions (who asks, who will know).
  /// Links below the page: address and text.
  std::vector<std::pair<std::string, std::string>> links;
};

/// A decoded pair of an application/x-www-form-urlencoded body, in order.
struct FormField {
  std::string name;
  std::string value;
};

struct RenderOptions {
  PageFrame frame;
  /// Position of the page; the number of pages means the last look before sending.
  std::uint32_t page = 0;
  /// Answers so far, as validate_answers makes them or as posted; all pages'.
  const Value* answers = nullptr;
  /// Errors of validate_answers, with fields "/answers/NAME".
  std::vector<FieldError> errors;
  bool has_new_questions = false;  ///< Says why the same page is shown again.
  bool reviews = false;            ///< The last look shows all answers.
  std::string not_sent;            ///< Why a complete page was not taken; plain text.
  bool has_trap = false;           ///< With a field that people do not see (k_trap_field).
  bool is_fresh = false;           ///< Nothing was posted yet: kept answers may be offered.
  bool keeps_locally = false;  ///< The script may keep answers in the browser until they are sent.
  std::string action;          ///< Address the form is posted to.
  /// Fields of the caller's that come back with the post; names must not begin with a letter and a
  /// dot or with an underscore.
  std::vector<std::pair<std::string, std::string>> hidden;
  /// What a language's tag is appended to on the first page ("/s/x?lang="); empty offers no choice
  /// of language.
  std::string language_address;
};

/// One page of a questionnaire as a whole HTML document: no script, no inline style, one column,
/// a label for every control, errors summed up at the top and linked to their controls. Answers to
/// other pages travel in one hidden field. Texts of the author may name answers as {name}.
[[nodiscard]] std::string render_page(const Questionnaire& questionnaire,
                                      const RenderOptions& options);

/// The page after sending.
struct Thanks {
  std::string words;            ///< Plain text; empty: completedHtml, or ours.
  std::string receipt;          ///< What a respondent takes along; empty: none is shown.
  std::string receipt_address;  ///< Of the page that tells whether its answers are stored.
  std::string onward;           ///< Where a link leads on to; may be empty.
  std::string onward_host;      ///< How that link calls it.
  std::string anew;             ///< Address of the first page, for a kiosk; may be empty.
  std::int64_t anew_s = 0;      ///< After which the script goes there by itself.
};

/// Thanks, then the receipt, what it is for, and a link to check it, then the way on.
[[nodiscard]] std::string render_thanks(const Questionnaire& questionnaire, const PageFrame& frame,
                                        const Thanks& thanks);

/// A page that only says something (closed, not found), in plain text of the frame's locale.
struct Message {
  std::string heading;
  std::vector<std::string> paragraphs;
  /// Shown below with the questions, so that nothing typed is lost.
  const Questionnaire* questionnaire = nullptr;
  const Value* answers = nullptr;
  /// A form that sends the same fields to the same address again; none when the address is empty.
  std::string again_action;
  std::vector<FormField> again;
};
[[nodiscard]] std::string render_message(const PageFrame& frame, const Message& message);

/// Name of the field that only programs fill in.
inline constexpr std::string_view k_trap_field = "website";

/// The stylesheet all these pages ask for; serve it under PageFrame::stylesheet.
[[nodiscard]] std::string_view respondent_stylesheet();
/// The script that makes pages more comfortable, a module of its own origin; serve it under
/// PageFrame::script.
[[nodiscard]] const std::string& respondent_script();

/// Splits and decodes such a body. BadRequest for broken escapes and bad UTF-8, LimitExceeded for
/// more than k_form_fields_max pairs.
[[nodiscard]] Result<std::vector<FormField>> parse_form_body(std::string_view body);

/// Back, Change and Stay check nothing: they take along what was typed.
enum class Move : std::uint8_t { Back, Next, Send, Change, Stay };

/// A posted page: the answers of all pages so far and where the respondent wants to go.
struct FormPost {
  Value answers;  ///< An object as the API takes it, not yet validated.
  std::uint32_t page = 0;
  Move move = Move::Next;
  std::uint32_t wanted_page = 0;  ///< For Move::Change.
  std::string locale;             ///< For Move::Stay: the language to go on in.
  /// Questions that stood on the posted page.
  std::vector<std::uint32_t> asked;
};

/// Turns a post of render_page's form into answers: the same JSON the API takes. Fields of other
/// names are passed over. BadRequest when the carried answers are no JSON object.
[[nodiscard]] Result<FormPost> read_form(const Questionnaire& questionnaire,
                                         const std::vector<FormField>& fields);

/// What to do after a post.
struct Step {
  bool is_complete = false;  ///< Validate `answers` without a page and store them.
  std::uint32_t page = 0;    ///< Else show this page (again).
  std::vector<FieldError> errors;
  bool has_new_questions = false;
};

/// Whether the last page sends, or shows all answers once more before.
enum class Ending : bool { Straight, Review };

/// Moves through the pages: back, on to the next page that has something to show, or to the end.
/// Pages with errors stay; pages on which answers made new questions appear are shown again first.
[[nodiscard]] Step advance(const Questionnaire& questionnaire, const FormPost& post,
                           std::string_view locale = "en", Ending ending = Ending::Straight);

/// The first page that shows anything, with the author's default answers.
[[nodiscard]] std::uint32_t first_page(const Questionnaire& questionnaire);
/// The author's defaults as answers, for the first rendering.
[[nodiscard]] Value default_answers(const Questionnaire& questionnaire);

}  // namespace probity::form
