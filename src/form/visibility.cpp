#include "form/visibility.hpp"

namespace probity::form {
namespace {

constexpr std::string_view k_comment_suffix = "-Comment";

class BoundVariables final : public Variables {
 public:
  BoundVariables(const Condition& condition, const AnswerSet& answers, const Visibility& visibility)
      : condition_(condition), answers_(answers), visibility_(visibility) {}

  const Value* find(std::size_t variable) const override {
    const Target& target = condition_.targets[variable];
    if (!visibility_.questions[target.question]) return nullptr;
    const Value* value = answers_.values[target.question];
    switch (target.part) {
      case Target::Part::Whole: return value;
      case Target::Part::Comment: return answers_.comments[target.question];
      case Target::Part::Member: return value == nullptr ? nullptr : value->find(target.member);
      case Target::Part::Item: break;
    }
    const Value::List* list = value == nullptr ? nullptr : value->list();
    return list == nullptr || target.item >= list->size() ? nullptr : &(*list)[target.item];
  }

 private:
  const Condition& condition_;
  const AnswerSet& answers_;
  const Visibility& visibility_;
};

}  // namespace

AnswerSet::AnswerSet(const Questionnaire& questionnaire, const Value& answers)
    : AnswerSet(questionnaire) {
  const Value::Members* members = answers.members();
  if (members == nullptr) return;
  for (const auto& [name, value] : *members) {
    if (const auto question = questionnaire.find(name)) {
      values[*question] = &value;
    } else if (name.ends_with(k_comment_suffix)) {
      const auto owner = questionnaire.find(
          std::string_view(name).substr(0, name.size() - k_comment_suffix.size()));
      if (owner) comments[*owner] = &value;
    }
  }
}

Visibility decide_visibility(const Questionnaire& questionnaire, const AnswerSet& answers) {
  Visibility out{std::vector<bool>(questionnaire.questions.size(), true),
                 std::vector<bool>(questionnaire.containers.size(), true)};
  if (!questionnaire.has_hiding) return out;
  for (const Element& element : questionnaire.decision_order) {
    const auto decide = [&](const auto& thing, std::uint32_t parent) {
      if (parent != Container::k_none && !out.containers[parent]) return false;
      if (thing.is_hidden) return false;
      return thing.visible_if.is_empty() || condition_holds(thing.visible_if, answers, out);
    };
    if (element.is_container) {
      const Container& box = questionnaire.containers[element.index];
      out.containers[element.index] = decide(box, box.parent);
    } else {
      const Question& question = questionnaire.questions[element.index];
      out.questions[element.index] = decide(question, question.container);
    }
  }
  return out;
}

bool shows_anything(const Questionnaire& questionnaire, const Visibility& visibility,
                    std::uint32_t page) {
  for (std::size_t i = 0; i < questionnaire.questions.size(); ++i)
    if (questionnaire.questions[i].page == page && visibility.questions[i]) return true;
  return false;
}

bool condition_holds(const Condition& condition, const AnswerSet& answers,
                     const Visibility& visibility) {
  return condition.expression.holds(BoundVariables(condition, answers, visibility));
}

}  // namespace probity::form
