#include "report/facet.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "form/condition_json.hpp"
#include "form/temporal.hpp"

namespace probity::report {
namespace {

std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t width) {
  int value = 0;
  if (at + width > text.size()) return {};
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + width, value);
  if (error != std::errc() || end != text.data() + at + width) return {};
  return value;
}

std::optional<double> temporal_number(InputType input, std::string_view text) {
  if (!form::is_valid_temporal(input, text)) return {};
  if (input == InputType::Time) return *digits_at(text, 0, 2) * 60 + *digits_at(text, 3, 2);
  const int year = *digits_at(text, 0, 4);
  const int month = *digits_at(text, 5, 2);
  if (input == InputType::Month) return year * 12 + month - 1;
  const auto day = std::chrono::year(year) / month / *digits_at(text, 8, 2);
  return std::chrono::sys_days(day).time_since_epoch().count();
}

void put(std::vector<Facet>& facets, const Facet& facet) {
  if (std::ranges::find(facets, facet) == facets.end()) facets.push_back(facet);
}

/// Choices of a question that constants of a condition name.
void put_named_choices(const Condition& condition, const Question& question, Facet facet,
                       std::vector<Facet>& out) {
  const auto put_named = [&](const Value& value) {
    const auto choice = question.find_choice(form::scalar_text(value));
    if (!choice) return;
    facet.part = static_cast<std::uint32_t>(*choice);
    put(out, facet);
  };
  for (const Value& constant : condition.expression.constants()) {
    put_named(constant);
    if (const Value::List* list = constant.list())
      for (const Value& item : *list)
        put_named(item);
  }
}

template <typename Parts>
void put_part(const Parts& parts, const Target& target, Facet facet, std::vector<Facet>& out) {
  for (std::uint32_t i = 0; i < parts.size(); ++i) {
    if (parts[i].name != target.member) continue;
    facet.part = i;
    put(out, facet);
  }
}

void put_target(const Questionnaire& form, const Condition& condition, const Target& target,
                std::vector<Facet>& out) {
  const Question& question = form.questions[target.question];
  Facet facet{FacetKind::Answered, target.question, 0};
  const std::size_t before = out.size();
  if (target.part != Target::Part::Comment) {
    if (question.is_single_choice()) {
      facet.kind = FacetKind::Choice;
    } else if (is_plain_number(question)) {
      facet.kind = FacetKind::Number;
    } else if (question.is_multiple_choice() && question.kind != Kind::Ranking) {
      put_named_choices(condition, question, {FacetKind::Option, target.question, 0}, out);
    } else if (target.part == Target::Part::Member) {
      put_part(question.rows, target, {FacetKind::Row, target.question, 0}, out);
      put_part(question.items, target, {FacetKind::Item, target.question, 0}, out);
    }
  }
  if (out.size() == before) put(out, facet);
}

void put_condition(const Questionnaire& form, const Condition& condition, std::vector<Facet>& out) {
  for (const Target& target : condition.targets)
    put_target(form, condition, target, out);
}

/// The conditions that decide whether a question is shown, its own first.
std::vector<std::string> conditions_on(const Questionnaire& form, const Question& question) {
  std::vector<std::string> out;
  const auto put_one = [&](const Condition& condition) {
    if (!condition.is_empty()) out.push_back(condition_json(form, condition));
  };
  put_one(question.visible_if);
  std::uint32_t box = question.container;
  for (std::size_t level = 0; level <= form::k_levels_max && box != Container::k_none; ++level) {
    put_one(form.containers[box].visible_if);
    box = form.containers[box].parent;
  }
  return out;
}

bool has_same_facets(const Question& a, const Question& b) {
  const auto has_same = [](const auto& ours, const auto& theirs, auto name) {
    return std::ranges::equal(ours, theirs, {}, name, name);
  };
  return a.kind == b.kind && a.text.input == b.text.input && a.selected_min == b.selected_min &&
         a.selected_max == b.selected_max && a.is_each_row_unique == b.is_each_row_unique &&
         has_same(a.choices, b.choices, &Choice::key) && has_same(a.rows, b.rows, &Row::name) &&
         has_same(a.items, b.items, &Item::name);
}

}  // namespace

std::vector<bool> counted_otherwise(const Questionnaire& form, const Questionnaire& other) {
  std::vector<bool> out;
  for (const Question& question : form.questions) {
    const auto same = std::ranges::find(other.questions, question.key, &Question::key);
    out.push_back(same == other.questions.end() || !has_same_facets(question, *same) ||
                  conditions_on(form, question) != conditions_on(other, *same));
  }
  // What is shown by the answer to such a question is counted otherwise itself.
  for (std::size_t pass = 0; pass < form.questions.size(); ++pass) {
    bool is_settled = true;
    for (std::uint32_t i = 0; i < form.questions.size(); ++i) {
      const auto guards = guards_of(form, i);
      const bool is_led = std::ranges::any_of(
          guards, [&](const Facet& guard) -> bool { return out[guard.question]; });
      if (out[i] || !is_led) continue;
      out[i] = true;
      is_settled = false;
    }
    if (is_settled) break;
  }
  return out;
}

Selection both_of(const Selection& a, const Selection& b) {
  Selection out = a;
  out.also = b.filter;
  if (b.from_unit) out.from_unit = std::max(a.from_unit.value_or(*b.from_unit), *b.from_unit);
  if (b.to_unit) out.to_unit = std::min(a.to_unit.value_or(*b.to_unit), *b.to_unit);
  return out;
}

bool is_numeric(const Question& question) {
  if (question.kind != Kind::Text) return false;
  switch (question.text.input) {
    case InputType::Number:
    case InputType::Range:
    case InputType::Date:
    case InputType::DateTimeLocal:
    case InputType::Time:
    case InputType::Month: return true;
    default: return false;
  }
}

bool is_plain_number(const Question& question) {
  const InputType input = question.text.input;
  return is_numeric(question) && input != InputType::DateTimeLocal && input != InputType::Time;
}

std::optional<double> number_of(const Question& question, std::string_view text) {
  if (form::is_temporal(question.text.input)) return temporal_number(question.text.input, text);
  return form::parse_number(text);
}

std::optional<double> choice_number(const Choice& choice) {
  if (choice.role != Choice::Role::Declared) return {};
  if (const double* number = choice.value.number()) return *number;
  if (const auto number = form::parse_number(choice.key)) return number;
  return form::parse_number(choice.text.text());
}

bool is_promoter_rating(const Question& question) {
  if (question.kind != Kind::Rating || question.choices.size() != 11) return false;
  for (std::size_t i = 0; i < 11; ++i) {
    const double* value = question.choices[i].value.number();
    if (value == nullptr || *value != static_cast<double>(i)) return false;
  }
  return true;
}

std::vector<Facet> facets_of(const Question& question, std::uint32_t index) {
  std::vector<Facet> out;
  const auto each = [&](FacetKind kind, std::size_t count) {
    for (std::uint32_t part = 0; part < count; ++part)
      out.push_back({kind, index, part});
  };
  if (!question.is_answerable()) return out;
  if (question.is_single_choice()) return {{FacetKind::Choice, index, 0}};
  if (is_numeric(question)) return {{FacetKind::Number, index, 0}};
  out.push_back({FacetKind::Answered, index, 0});
  if (question.kind == Kind::Ranking)
    each(FacetKind::Place, question.choices.size());
  else if (question.is_multiple_choice())
    each(FacetKind::Option, question.choices.size());
  each(FacetKind::Row, question.rows.size());
  each(FacetKind::Item, question.items.size());
  return out;
}

std::vector<Facet> guards_of(const Questionnaire& questionnaire, std::uint32_t question) {
  std::vector<Facet> out;
  put_condition(questionnaire, questionnaire.questions[question].visible_if, out);
  std::uint32_t box = questionnaire.questions[question].container;
  for (std::size_t level = 0; level <= form::k_levels_max && box != Container::k_none; ++level) {
    put_condition(questionnaire, questionnaire.containers[box].visible_if, out);
    box = questionnaire.containers[box].parent;
  }
  return out;
}

std::vector<Dimension> dimensions_of(const Questionnaire& questionnaire,
                                     const Selection& selection) {
  std::vector<Facet> facets;
  for (const auto* filter : {&selection.filter, &selection.also})
    if (*filter) put_condition(questionnaire, (*filter)->condition(), facets);
  std::vector<Dimension> out;
  for (const Facet& facet : facets)
    out.push_back({facet, false, true});
  // Guards of guards too; each facet is looked at once, and a document has few.
  for (std::size_t i = 0; i < facets.size() && i < form::k_conditions_steps_max; ++i) {
    const std::vector<Facet> guards = guards_of(questionnaire, facets[i].question);
    if (guards.empty()) continue;
    out[i].is_guarded = true;
    for (const Facet& guard : guards) {
      const auto found = std::ranges::find(facets, guard);
      if (found != facets.end()) {
        out[static_cast<std::size_t>(found - facets.begin())].is_guarded = true;
        continue;
      }
      facets.push_back(guard);
      out.push_back({guard, true, false});
    }
  }
  if (selection.asks_arrival()) out.push_back({{FacetKind::Arrival, 0, 0}, false, true});
  return out;
}

}  // namespace probity::report
