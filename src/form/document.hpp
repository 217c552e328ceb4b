#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "form/properties.hpp"
#include "form/questionnaire.hpp"

/// Inside of the parser: how a document is walked and what is found wrong with it.
namespace probity::form {

/// Refusals and warnings of one document, bounded.
class Findings {
 public:
  void refuse(Code code, std::string path, std::string reason);
  void warn(std::string path, std::string reason);
  [[nodiscard]] bool is_clean() const { return error_.fields.empty(); }
  [[nodiscard]] std::size_t count() const { return error_.fields.size(); }
  [[nodiscard]] Error take_error() { return std::move(error_); }
  [[nodiscard]] std::vector<Warning> take_warnings() { return std::move(warnings_); }

 private:
  Error error_;
  std::vector<Warning> warnings_;
};

/// `path` with one more step, escaped as RFC 6901 asks.
[[nodiscard]] std::string child_path(std::string_view path, std::string_view name);
[[nodiscard]] std::string child_path(std::string_view path, std::size_t index);

/// One object of the document with its place and its row set of the property table. Getters give
/// the neutral value for what is absent or has the wrong shape (which check() has reported).
class Node {
 public:
  Node(const Value& value, std::string path, Owner owner)
      : value_(value), path_(std::move(path)), owner_(owner) {}

  /// Reports undeclared, refused, ignored and misshapen properties.
  void check(Findings& findings) const;

  [[nodiscard]] const Value& value() const { return value_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Owner owner() const { return owner_; }
  [[nodiscard]] std::string at(std::string_view name) const { return child_path(path_, name); }

  /// The first of the names that is there and not null.
  [[nodiscard]] const Value* get(std::string_view name, std::string_view older = {}) const;
  [[nodiscard]] std::string text(std::string_view name, std::string_view older = {}) const;
  [[nodiscard]] bool flag(std::string_view name, std::string_view older = {}) const;
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> count(std::string_view name) const;
  [[nodiscard]] const Value::List& list(std::string_view name, std::string_view older = {}) const;

 private:
  const Value& value_;
  std::string path_;
  Owner owner_;
};

/// Reads a text in one or several languages, checking its length and languages.
[[nodiscard]] LocalText read_local_text(const Value& value, const std::string& path,
                                        Findings& findings,
                                        std::size_t bytes_max = k_title_max_bytes);
[[nodiscard]] LocalText read_local_text(const Node& node, std::string_view name, Findings& findings,
                                        std::string_view older = {});

/// Parses the expression of a property; its variables are bound later.
[[nodiscard]] Condition read_condition(const Node& node, std::string_view name, Findings& findings);

/// What the survey says about all its questions.
struct SurveyRules {
  std::size_t text_max = k_text_answer_max;
  std::size_t comment_max = k_comment_answer_max;
};

/// Fills everything but place, name and page of a question.
void read_question(const Node& node, const SurveyRules& rules, Question& out, Findings& findings);

/// True for a scalar, and for a list or an object of scalars that is not larger than any answer can
/// be: what conditions may be asked about before it has been validated.
[[nodiscard]] bool is_answer_shaped(const Value& value);

/// Binds the variables of an expression to questions; BadRequest names the first unknown one.
[[nodiscard]] Result<Condition> bind_expression(const Questionnaire& questionnaire,
                                                Expression expression);

/// Binds every variable to a question, refuses unknown names and conditions that depend on
/// themselves, and orders the decisions. Expects names, index and containers to be complete.
void bind_conditions(Questionnaire& questionnaire, Findings& findings);

}  // namespace probity::form
