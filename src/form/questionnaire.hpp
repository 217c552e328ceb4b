#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "form/expression.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::form {

/// A text in one or more languages.
class LocalText {
 public:
  LocalText() = default;
  explicit LocalText(std::string text) : text_(std::move(text)) {}

  void add(std::string locale, std::string text);
  [[nodiscard]] bool is_empty() const { return text_.empty() && others_.empty(); }
  /// The text of that language ("de-AT" falls back to "de"), else the default one, else any.
  [[nodiscard]] std::string_view in(std::string_view locale) const;
  /// The default text; what reports and exports use.
  [[nodiscard]] std::string_view text() const { return in({}); }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& others() const {
    return others_;
  }

 private:
  std::string text_;
  std::vector<std::pair<std::string, std::string>> others_;
};

enum class Kind : std::uint8_t {
  Text,
  Comment,
  Radiogroup,
  Checkbox,
  Dropdown,
  Tagbox,
  Rating,
  Boolean,
  Ranking,
  Matrix,
  MultipleText,
  Html,
};
/// The SurveyJS name of a kind ("multipletext").
[[nodiscard]] std::string_view kind_name(Kind kind);

enum class InputType : std::uint8_t {
  Text,
  Number,
  Date,
  DateTimeLocal,
  Time,
  Month,
  Week,
  Email,
  Url,
  Tel,
  Range,
  Color,
  Password,
};
/// The HTML name of an input type ("datetime-local").
[[nodiscard]] std::string_view input_type_name(InputType type);

/// What a variable of a condition refers to.
struct Target {
  enum class Part : std::uint8_t { Whole, Comment, Member, Item };
  std::uint32_t question = 0;  ///< Index into Questionnaire::questions.
  Part part = Part::Whole;
  std::string member;      ///< Row or item name, for Part::Member.
  std::uint32_t item = 0;  ///< Position in a list, for Part::Item.
};

/// An expression with its variables bound to questions.
struct Condition {
  Expression expression;
  std::vector<Target> targets;  ///< One for each of expression.variables().
  [[nodiscard]] bool is_empty() const { return expression.is_empty(); }
};

/// One thing to choose, rate with, or one column.
struct Choice {
  enum class Role : std::uint8_t { Declared, Other, None, Refuse, DontKnow };
  Value value;      ///< A scalar; what an answer holds.
  std::string key;  ///< scalar_text(value); unique in the question.
  LocalText text;   ///< Never empty.
  Role role = Role::Declared;
  /// True when choosing it beside others is refused ("None").
  [[nodiscard]] bool is_exclusive() const {
    return role == Role::None || role == Role::Refuse || role == Role::DontKnow;
  }
};

/// A row of a matrix.
struct Row {
  std::string name;
  LocalText text;
};

/// A rule of SurveyJS's `validators`.
struct Validator {
  enum class Rule : std::uint8_t { Numeric, Text, AnswerCount, Email, Expression };
  Rule rule = Rule::Numeric;
  std::optional<double> min;  ///< Value, length in UTF-16 units, or number of answers.
  std::optional<double> max;
  bool allows_digits = true;
  Condition condition;
  LocalText text;  ///< The author's message; may be empty.
};

/// How one line or field of text is entered.
struct TextRules {
  InputType input = InputType::Text;
  std::optional<double> min;  ///< Number and range.
  std::optional<double> max;
  std::optional<double> step;
  std::string min_text;  ///< Dates and times, in the form of the input type.
  std::string max_text;
  std::size_t length_max = k_text_answer_max;
  LocalText placeholder;
  std::string autocomplete;  ///< HTML token, checked against a list.
};

/// One field of a multipletext question.
struct Item {
  std::string name;
  LocalText title;
  bool is_required = false;
  LocalText required_text;
  TextRules rules;
  std::vector<Validator> validators;
};

/// Everything that is asked or shown. One flat type: what a kind does not use is empty.
struct Question {
  Kind kind = Kind::Text;
  std::string name;             ///< Unique; may be empty for Html.
  std::string key;              ///< Member of the answers: valueName, else name.
  std::string path;             ///< JSON pointer into the document, for messages.
  std::uint32_t container = 0;  ///< Index of the page or panel it lies in.
  std::uint32_t page = 0;       ///< Position of its page.
  LocalText title;              ///< Never empty (the name stands in), except for Html.
  LocalText description;
  bool is_title_hidden = false;
  bool is_hidden = false;  ///< `visible: false` without a condition.
  bool is_required = false;
  Condition visible_if;
  Condition required_if;
  LocalText required_text;
  bool has_comment = false;  ///< A comment field beside it, answered as "<key>-Comment".
  LocalText comment_text;
  Value default_value;
  std::vector<Validator> validators;

  TextRules text;  ///< Text and Comment.
  std::uint32_t rows_shown = 4;

  /// Radiogroup, Checkbox, Dropdown, Tagbox, Ranking: choices, special ones last. Rating: its
  /// values. Boolean: the values for true and false. Matrix: columns.
  std::vector<Choice> choices;
  bool has_other = false;
  LocalText other_placeholder;
  std::optional<std::size_t> selected_min;
  std::optional<std::size_t> selected_max;
  bool is_partial_ranking = false;
  LocalText rate_min_text;
  LocalText rate_max_text;

  std::vector<Row> rows;  ///< Matrix.
  bool is_each_row_required = false;
  bool is_each_row_unique = false;

  std::vector<Item> items;  ///< MultipleText.

  LocalText html;  ///< Html: as written; render sanitises it.

  /// False for Html.
  [[nodiscard]] bool is_answerable() const { return kind != Kind::Html; }
  /// True where one of `choices` is the whole answer.
  [[nodiscard]] bool is_single_choice() const {
    return kind == Kind::Radiogroup || kind == Kind::Dropdown || kind == Kind::Rating ||
           kind == Kind::Boolean;
  }
  /// True where the answer is a list of `choices`.
  [[nodiscard]] bool is_multiple_choice() const {
    return kind == Kind::Checkbox || kind == Kind::Tagbox || kind == Kind::Ranking;
  }
  /// True when "<key>-Comment" may be answered.
  [[nodiscard]] bool takes_comment() const { return has_comment || has_other; }
  /// Position in `choices` by the text of its value, or nothing.
  [[nodiscard]] std::optional<std::size_t> find_choice(std::string_view choice_key) const;
};

/// A page or a panel.
struct Container {
  static constexpr std::uint32_t k_none = 0xFFFFFFFF;
  bool is_page = false;
  std::string name;
  std::string path;
  std::uint32_t parent = k_none;
  std::uint32_t page = 0;
  LocalText title;
  LocalText description;
  bool is_hidden = false;
  bool is_required = false;  ///< Panels: at least one of its questions must be answered.
  Condition visible_if;
  Condition required_if;
};

/// Where in the document an element stands, for rendering in order: a container or a question.
struct Element {
  bool is_container = false;
  std::uint32_t index = 0;
};

/// A questionnaire: pages of panels and questions, flattened in document order. Immutable after
/// parse_questionnaire; any thread may read it.
struct Questionnaire {
  LocalText title;
  LocalText description;
  std::string locale = "en";         ///< The default language.
  std::vector<std::string> locales;  ///< All languages any text has, the default first.
  LocalText completed_html;
  LocalText next_text;
  LocalText previous_text;
  LocalText complete_text;
  bool shows_previous = true;
  bool shows_title = true;
  std::vector<Container> containers;
  std::vector<Question> questions;
  std::vector<std::uint32_t> pages;  ///< Containers that are pages, in order.
  std::vector<Element> order;        ///< Document order; a container stands before its content.
  /// Order in which visibility is decided: an element stands after everything it depends on.
  std::vector<Element> decision_order;
  /// False when nothing is ever hidden: then visibility costs nothing.
  bool has_hiding = false;

  /// Index of a question by the name of its member in the answers, or nothing. `key` may also be a
  /// question's own name where that differs.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view key) const;

  /// Names to positions, sorted; made by the parser.
  std::vector<std::pair<std::string, std::uint32_t>> index;
};

/// Something in the document that is ignored without changing what respondents are asked.
struct Warning {
  std::string path;
  std::string reason;
};

struct Parsed {
  Questionnaire questionnaire;
  std::vector<Warning> warnings;
};

/// Reads a SurveyJS document. Each property stands in a declared table (properties.hpp): kept,
/// ignored with a warning, or refused because ignoring it would change what is asked, of whom, or
/// what an answer means. Errors: every refusal found (at most k_document_errors_max) with its JSON
/// pointer in `fields`; the code is that of the first: LimitExceeded, UnknownField or BadRequest.
[[nodiscard]] Result<Parsed> parse_questionnaire(std::string_view json);

/// JSON Schema (2020-12) of what parse_questionnaire keeps or ignores, generated from the property
/// table; docs/questionnaire.schema.json is the same text.
[[nodiscard]] std::string questionnaire_schema();

}  // namespace probity::form
