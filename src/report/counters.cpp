#include "report/counters.hpp"

#include <cmath>
#include <string>

namespace probity::report {
namespace {

namespace dom = simdjson::dom;

std::size_t counters_of(const Question& question) {
  const std::size_t choices = question.choices.size();
  if (question.kind == Kind::Matrix) return question.rows.size() * choices;
  if (question.kind == Kind::Ranking) return choices * choices;
  if (question.kind == Kind::MultipleText) return question.items.size();
  return choices;
}

AnswerPlan make_plan(const Question& question, std::size_t from) {
  AnswerPlan plan;
  plan.from = from;
  plan.count = counters_of(question);
  std::vector<std::string> keys;
  for (const Choice& choice : question.choices) {
    keys.push_back(choice.key);
    plan.numbers.push_back(choice.value.number() != nullptr ? *choice.value.number()
                                                            : std::nan(""));
  }
  plan.choices.build(std::move(keys));
  std::vector<std::string> parts;
  for (const Row& row : question.rows)
    parts.push_back(row.name);
  for (const Item& item : question.items)
    parts.push_back(item.name);
  plan.parts.build(std::move(parts));
  return plan;
}

}  // namespace

std::uint32_t AnswerPlan::find(const dom::element& value) const {
  std::string_view text;
  if (!value.get_string().get(text)) return choices.find(text);
  bool truth = false;
  if (!value.get_bool().get(truth)) return choices.find(truth ? "true" : "false");
  double number = 0;
  if (value.get_double().get(number)) return KeyTable::k_none;
  for (std::uint32_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] == number) return i;
  return choices.find(form::number_text(number));
}

Counters::Counters(const Questionnaire& form) : form_(&form) {
  for (const Question& question : form.questions) {
    plans_.push_back(make_plan(question, size_));
    from.push_back(size_);
    size_ += plans_.back().count;
  }
  const std::size_t questions = form.questions.size();
  answered = size_;
  not_shown = answered + questions;
  undeclared = not_shown + questions;
  size_ = undeclared + questions;
}

std::optional<std::uint32_t> place_in_answer(const AnswerPlan& plan, const dom::element& answer,
                                             std::uint32_t choice) {
  dom::array list;
  if (answer.get_array().get(list)) {
    if (plan.find(answer) == choice) return 0;
    return {};
  }
  std::uint32_t place = 0;
  for (const dom::element item : list) {
    if (plan.find(item) == choice) return place;
    ++place;
  }
  return {};
}

std::optional<double> number_in_answer(const Question& question, const dom::element& answer) {
  double number = 0;
  if (!answer.get_double().get(number)) return number;
  std::string_view text;
  if (answer.get_string().get(text)) return {};
  return number_of(question, text);
}

double weight_in_answer(const Question& question, const AnswerPlan& plan,
                        const dom::element& answer) {
  std::optional<double> number;
  if (question.is_single_choice()) {
    const std::uint32_t choice = plan.find(answer);
    if (choice != KeyTable::k_none) number = choice_number(question.choices[choice]);
  } else {
    number = number_in_answer(question, answer);
  }
  return number && std::isfinite(*number) && *number > 0 ? *number : 0;
}

}  // namespace probity::report
