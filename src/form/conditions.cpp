#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "form/document.hpp"

namespace probity::form {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equal_words(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

constexpr std::string_view k_comment_suffix = "-Comment";

/// Finds what a variable means: a whole answer first, then its comment, then a part of it.
class Resolver {
 public:
  explicit Resolver(const Questionnaire& questionnaire) : questionnaire_(questionnaire) {}

  [[nodiscard]] std::optional<Target> resolve(std::string_view name) const {
    if (const auto whole = find(name)) return Target{*whole, Target::Part::Whole, {}, 0};
    if (name.ends_with(k_comment_suffix)) {
      const auto owner = find(name.substr(0, name.size() - k_comment_suffix.size()));
      if (owner && questionnaire_.questions[*owner].takes_comment())
        return Target{*owner, Target::Part::Comment, {}, 0};
    }
    if (name.ends_with(']')) return resolve_item(name);
    for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0;
         dot = name.rfind('.', dot - 1)) {
      const auto owner = find(name.substr(0, dot));
      if (owner) return resolve_member(*owner, name.substr(dot + 1));
    }
    return {};
  }

 private:
  /// SurveyJS finds names without regard to case when the exact name does not exist.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const {
    if (const auto exact = questionnaire_.find(name)) return exact;
    for (const auto& [key, question] : questionnaire_.index)
      if (equal_words(key, name)) return question;
    return {};
  }

  [[nodiscard]] std::optional<Target> resolve_item(std::string_view name) const {
    const std::size_t open = name.rfind('[');
    if (open == std::string_view::npos) return {};
    const auto owner = find(name.substr(0, open));
    std::uint32_t item = 0;
    const char* const last = name.data() + name.size() - 1;
    const auto [end, error] = std::from_chars(name.data() + open + 1, last, item);
    if (!owner || error != std::errc{} || end != last) return {};
    if (!questionnaire_.questions[*owner].is_multiple_choice()) return {};
    return Target{*owner, Target::Part::Item, {}, item};
  }

  [[nodiscard]] std::optional<Target> resolve_member(std::uint32_t owner,
                                                     std::string_view member) const {
    const Question& question = questionnaire_.questions[owner];
    for (const Row& row : question.rows)
      if (row.name == member) return Target{owner, Target::Part::Member, row.name, 0};
    for (const Item& item : question.items)
      if (item.name == member) return Target{owner, Target::Part::Member, item.name, 0};
    return {};
  }

  const Questionnaire& questionnaire_;
};

void bind_at(const Questionnaire& questionnaire, Condition& condition, const std::string& path,
             Findings& findings) {
  auto bound = bind_expression(questionnaire, condition.expression);
  if (bound) {
    condition = std::move(*bound);
  } else {
    findings.refuse(bound.error().code, path, bound.error().hint);
  }
}

/// Orders containers and questions so that each stands after what its visibility depends on: its
/// container and every question its condition reads. What is left over depends on itself.
class Orderer {
 public:
  explicit Orderer(Questionnaire& questionnaire)
      : questionnaire_(questionnaire),
        containers_(questionnaire.containers.size()),
        waits_(containers_ + questionnaire.questions.size()),
        followers_(waits_.size()) {}

  /// Gives the elements that depend on themselves; none when all have a place.
  std::vector<Element> run() {
    for (std::size_t i = 0; i < containers_; ++i) {
      const Container& box = questionnaire_.containers[i];
      if (box.parent != Container::k_none) add_edge(box.parent, i);
      add_edges(box.visible_if, i);
    }
    for (std::size_t i = containers_; i < waits_.size(); ++i) {
      const Question& question = questionnaire_.questions[i - containers_];
      add_edge(question.container, i);
      add_edges(question.visible_if, i);
    }
    place();
    std::vector<Element> left;
    for (std::size_t i = 0; i < waits_.size(); ++i)
      if (waits_[i] != 0) left.push_back(element(i));
    return left;
  }

 private:
  void add_edge(std::size_t before, std::size_t after) {
    followers_[before].push_back(after);
    ++waits_[after];
  }
  void add_edges(const Condition& condition, std::size_t after) {
    for (const Target& target : condition.targets)
      add_edge(containers_ + target.question, after);
  }
  [[nodiscard]] Element element(std::size_t node) const {
    const bool is_container = node < containers_;
    return {is_container, static_cast<std::uint32_t>(is_container ? node : node - containers_)};
  }
  void place() {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < waits_.size(); ++i)
      if (waits_[i] == 0) ready.push_back(i);
    for (std::size_t next = 0; next < ready.size(); ++next) {
      questionnaire_.decision_order.push_back(element(ready[next]));
      for (const std::size_t follower : followers_[ready[next]])
        if (--waits_[follower] == 0) ready.push_back(follower);
    }
  }

  Questionnaire& questionnaire_;
  std::size_t containers_;
  std::vector<std::size_t> waits_;
  std::vector<std::vector<std::size_t>> followers_;
};

void bind_all(Questionnaire& questionnaire, Findings& findings) {
  std::size_t steps = 0;
  const auto bind = [&](Condition& condition, const std::string& path) {
    if (condition.is_empty()) return;
    const bool is_first_beyond = steps <= k_conditions_steps_max &&
                                 steps + condition.expression.steps() > k_conditions_steps_max;
    steps += condition.expression.steps();
    if (is_first_beyond) {
      findings.refuse(
          Code::LimitExceeded, path,
          fmt::format("makes the conditions of the document longer than {} parts in all",
                      k_conditions_steps_max));
    }
    bind_at(questionnaire, condition, path, findings);
  };
  for (Container& box : questionnaire.containers) {
    bind(box.visible_if, child_path(box.path, "visibleIf"));
    bind(box.required_if, child_path(box.path, "requiredIf"));
  }
  for (Question& question : questionnaire.questions) {
    bind(question.visible_if, child_path(question.path, "visibleIf"));
    bind(question.required_if, child_path(question.path, "requiredIf"));
    for (Validator& validator : question.validators)
      bind(validator.condition, child_path(question.path, "validators"));
    for (Item& item : question.items)
      for (Validator& validator : item.validators)
        bind(validator.condition, child_path(question.path, "items"));
  }
}

}  // namespace

Result<Condition> bind_expression(const Questionnaire& questionnaire, Expression expression) {
  Condition out;
  const Resolver resolver(questionnaire);
  for (const Variable& variable : expression.variables()) {
    const auto target = resolver.resolve(variable.text);
    if (!target) {
      return refuse(Code::BadRequest, fmt::format("refers to \"{}\", which is no question here",
                                                  variable.text.substr(0, 64)));
    }
    out.targets.push_back(*target);
  }
  out.expression = std::move(expression);
  return out;
}

void bind_conditions(Questionnaire& questionnaire, Findings& findings) {
  bind_all(questionnaire, findings);
  if (!findings.is_clean()) return;
  for (const Element& element : Orderer(questionnaire).run()) {
    const bool has_condition = element.is_container
                                   ? !questionnaire.containers[element.index].visible_if.is_empty()
                                   : !questionnaire.questions[element.index].visible_if.is_empty();
    // Those without a condition are only caught in the loop of others.
    if (!has_condition) continue;
    const std::string& path = element.is_container ? questionnaire.containers[element.index].path
                                                   : questionnaire.questions[element.index].path;
    findings.refuse(Code::BadRequest, child_path(path, "visibleIf"),
                    "depends on itself, directly or through other questions: it cannot be "
                    "decided");
  }
  const auto hides = [](const auto& thing) {
    return thing.is_hidden || !thing.visible_if.is_empty();
  };
  questionnaire.has_hiding = std::ranges::any_of(questionnaire.containers, hides) ||
                             std::ranges::any_of(questionnaire.questions, hides);
}

}  // namespace probity::form
