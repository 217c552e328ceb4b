#include "report/meaning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace probity::report {
namespace {

/// An answer that no condition names.
constexpr std::string_view k_anything = "\x01";

bool is_list_question(const Question& question) {
  return question.kind == Kind::Checkbox || question.kind == Kind::Tagbox;
}

/// That there is an answer, where nothing more is known of it.
void put_anything(Value& answer) {
  if (answer.is_null()) answer = Value(k_anything);
}

/// Puts what a facet's value says into the answer of its question.
void put(const Question& question, const Facet& facet, std::size_t value,
         std::span<const double> numbers, Value& answer) {
  switch (facet.kind) {
    case FacetKind::Choice:
      if (value < question.choices.size()) answer = question.choices[value].value;
      if (value == question.choices.size()) answer = Value(k_anything);
      return;
    case FacetKind::Option: {
      if (value > 1) return;
      if (answer.list() == nullptr) answer = Value(Value::List{Value(k_anything)});
      if (value == 0) answer.list()->push_back(question.choices[facet.part].value);
      return;
    }
    case FacetKind::Row:
      if (value < question.choices.size())
        answer.set(question.rows[facet.part].name, question.choices[value].value);
      if (value == question.choices.size()) put_anything(answer);
      return;
    case FacetKind::Item:
      if (value == 0) answer.set(question.items[facet.part].name, Value(k_anything));
      if (value == 1) put_anything(answer);
      return;
    case FacetKind::Number:
      if (value < numbers.size()) answer = answer_of_number(question, numbers[value]);
      if (value == numbers.size()) answer = Value(k_anything);
      return;
    case FacetKind::Answered:
      if (value == 0) put_anything(answer);
      return;
    case FacetKind::Place:
    case FacetKind::Arrival: return;
  }
}

}  // namespace

Value answer_of_number(const Question& question, double number) {
  const bool is_month = question.text.input == InputType::Month;
  if (!is_month && question.text.input != InputType::Date) return Value(number);
  // Only dates have few enough: a number may be as great as people type it.
  const auto whole = static_cast<int>(number);
  if (is_month) return Value(fmt::format("{:04}-{:02}", whole / 12, whole % 12 + 1));
  const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(whole))};
  return Value(fmt::format("{:04}-{:02}-{:02}", int(day.year()), unsigned(day.month()),
                           unsigned(day.day())));
}

bool Meaning::is_decided() const {
  const Condition& condition = filter_.condition();
  for (std::size_t i = 0; i < condition.targets.size(); ++i) {
    const Target& target = condition.targets[i];
    const Question& question = questionnaire_.questions[target.question];
    if (target.part == Target::Part::Comment) return false;
    if (condition.expression.asks_presence_alone(i)) continue;
    if (question.is_single_choice() || is_plain_number(question)) continue;
    if (question.kind == Kind::Matrix && target.part == Target::Part::Member) continue;
    const bool is_whole = target.part == Target::Part::Whole;
    if (is_list_question(question) && is_whole && condition.expression.asks_membership_alone(i))
      continue;
    return false;
  }
  return true;
}

bool Meaning::holds(std::span<const std::size_t> values,
                    std::span<const std::vector<double>> numbers) const {
  std::vector<Value> slots(questionnaire_.questions.size());
  for (std::size_t i = 0; i < facets_.size(); ++i) {
    const std::uint32_t index = facets_[i].question;
    put(questionnaire_.questions[index], facets_[i], values[i], numbers[i], slots[index]);
  }
  AnswerSet answers(questionnaire_);
  for (const Facet& facet : facets_)
    if (!slots[facet.question].is_null()) answers.values[facet.question] = &slots[facet.question];
  return filter_.matches(answers);
}

}  // namespace probity::report
