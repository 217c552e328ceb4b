#include "report/filter.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "form/document.hpp"

namespace probity::report {
namespace {

constexpr std::string_view k_field = "filter";

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\' || c == '"') out.push_back('\\');
    out.push_back(c);
  }
  return out + "'";
}

/// The value of the choice that a reader means by its value or its text.
std::string choice_value(const Question& question, std::string_view meant) {
  if (question.find_choice(meant)) return std::string(meant);
  for (const Choice& choice : question.choices)
    if (choice.text.text() == meant) return choice.key;
  return std::string(meant);
}

/// One pair as a condition.
Result<std::string> pair_condition(const Questionnaire& questionnaire, std::string_view pair) {
  const std::size_t equal = pair.find('=');
  if (equal == std::string_view::npos) {
    return refuse_field(Code::BadRequest, std::string(k_field),
                        "is written name=value, pairs joined by &, or as a condition like "
                        "{name} = 'value'");
  }
  const std::string_view name = pair.substr(0, equal);
  const auto index = questionnaire.find(name);
  if (!index) {
    return refuse_field(Code::BadRequest, std::string(k_field),
                        fmt::format("names \"{}\", which is no question here", name.substr(0, 64)));
  }
  const Question& question = questionnaire.questions[*index];
  const std::string value = choice_value(question, pair.substr(equal + 1));
  return fmt::format("{{#{}}} {} {}", name, question.is_multiple_choice() ? "contains" : "=",
                     value.empty() ? "''" : quoted(value));
}

Result<std::string> pairs_condition(const Questionnaire& questionnaire, std::string_view text) {
  std::string out;
  for (const std::string_view pair : split(text, '&')) {
    PROBITY_TRY(condition, pair_condition(questionnaire, pair));
    if (!out.empty()) out += " and ";
    out += condition;
  }
  return out;
}

}  // namespace

Result<Filter> Filter::parse(const Questionnaire& questionnaire, std::string_view text) {
  if (text.size() > form::k_filter_max_bytes) {
    return refuse_field(
        Code::LimitExceeded, std::string(k_field),
        fmt::format("has {} bytes; at most {} are taken", text.size(), form::k_filter_max_bytes));
  }
  std::string condition(text);
  if (text.find('{') == std::string_view::npos) {
    PROBITY_TRY(made, pairs_condition(questionnaire, text));
    condition = std::move(made);
  }
  auto expression = Expression::parse(condition);
  if (!expression) {
    return refuse_field(expression.error().code, std::string(k_field), expression.error().hint);
  }
  auto bound = form::bind_expression(questionnaire, std::move(*expression));
  if (!bound) return refuse_field(bound.error().code, std::string(k_field), bound.error().hint);
  Filter out;
  out.text_ = text;
  out.condition_ = std::move(*bound);
  out.everything_ = {std::vector<bool>(questionnaire.questions.size(), true),
                     std::vector<bool>(questionnaire.containers.size(), true)};
  return out;
}

bool Filter::matches(const AnswerSet& answers) const {
  return condition_holds(condition_, answers, everything_);
}

std::string filter_variable(const Question& question, std::string_view row) {
  if (question.name.empty() || question.name.find_first_of("{}") != std::string::npos) return {};
  if (row.find_first_of("{}") != std::string_view::npos) return {};
  return fmt::format("{{#{}{}{}}}", question.name, row.empty() ? "" : ".", row);
}

std::string filter_of(const Question& question, const Choice& choice, std::string_view row) {
  const std::string variable = filter_variable(question, row);
  if (variable.empty()) return {};
  return fmt::format("{} {} {}", variable, question.is_multiple_choice() ? "contains" : "=",
                     quoted(choice.key));
}

}  // namespace probity::report
