#include "form/answer_value.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "form/temporal.hpp"

namespace probity::form {
namespace {

/// Adds an issue about a whole answer or one part of it.
void add(Issues& issues, Phrase phrase, std::string first = {}, std::string second = {}) {
  issues.push_back({phrase, std::move(first), std::move(second), {}, nullptr});
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// A scheme and something behind it, without spaces.
bool is_url(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 >= text.size()) return false;
  if (!std::ranges::all_of(text.substr(0, colon), [](char c) {
        return is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
      })) {
    return false;
  }
  return text.find_first_of(" \t\r\n<>\"") == std::string_view::npos;
}

bool is_color(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         text.substr(1).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// Control characters other than tab and line ends: no keyboard makes them.
bool has_bad_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
  });
}

std::optional<Value> stored_number(const TextRules& rules, const Value& answer, Issues& issues) {
  std::optional<double> number;
  if (const double* n = answer.number()) number = *n;
  if (const std::string* text = answer.text()) number = parse_number(*text);
  if (!number) {
    add(issues, Phrase::NotNumber);
    return {};
  }
  const std::size_t before = issues.size();
  if (rules.min && *number < *rules.min) add(issues, Phrase::TooSmall, number_text(*rules.min));
  if (rules.max && *number > *rules.max) add(issues, Phrase::TooLarge, number_text(*rules.max));
  if (rules.step) {
    const double steps = (*number - rules.min.value_or(0)) / *rules.step;
    if (std::fabs(steps - std::round(steps)) > 1e-6)
      add(issues, Phrase::BadStep, number_text(*rules.step));
  }
  if (issues.size() != before) return {};
  return Value(*number);
}

void check_temporal(const TextRules& rules, std::string_view text, Issues& issues) {
  if (!is_valid_temporal(rules.input, text))
    return add(issues, Phrase::BadForm, std::string(temporal_example(rules.input)));
  // Texts of these forms sort as the times they name.
  if (!rules.min_text.empty() && text < rules.min_text)
    add(issues, Phrase::TooEarly, rules.min_text);
  if (!rules.max_text.empty() && text > rules.max_text)
    add(issues, Phrase::TooLate, rules.max_text);
}

void check_text(const TextRules& rules, std::string_view text, Issues& issues) {
  // UTF-16 units are never more than bytes.
  if (text.size() > rules.length_max) {
    const std::size_t length = utf16_length(text);
    if (length > rules.length_max) {
      return add(issues, Phrase::TooLong, std::to_string(length), std::to_string(rules.length_max));
    }
  }
  if (has_bad_character(text)) return add(issues, Phrase::BadCharacter);
  if (is_temporal(rules.input)) return check_temporal(rules, text, issues);
  if (rules.input == InputType::Email && !is_email(text)) add(issues, Phrase::BadEmail);
  if (rules.input == InputType::Url && !is_url(text)) add(issues, Phrase::BadUrl);
  if (rules.input == InputType::Color && !is_color(text)) add(issues, Phrase::BadColor);
}

std::optional<Value> stored_text(const TextRules& rules, const Value& answer, Issues& issues) {
  if (rules.input == InputType::Number || rules.input == InputType::Range)
    return stored_number(rules, answer, issues);
  const std::string* text = answer.text();
  if (text == nullptr) {
    add(issues, Phrase::NotText);
    return {};
  }
  const std::size_t before = issues.size();
  check_text(rules, *text, issues);
  if (issues.size() != before) return {};
  return answer;
}

std::optional<Value> stored_choice(const Question& question, const Value& answer, Issues& issues) {
  if (!answer.is_scalar()) {
    add(issues, Phrase::NotOneChoice);
    return {};
  }
  const auto choice = question.find_choice(scalar_text(answer));
  if (!choice) {
    add(issues, Phrase::NotChoice);
    return {};
  }
  return question.choices[*choice].value;
}

/// Positions of the chosen; nothing when one is unknown or stands twice.
std::optional<std::vector<std::size_t>> chosen(const Question& question, const Value& answer,
                                               Issues& issues) {
  const Value::List* list = answer.list();
  if (list == nullptr) {
    add(issues, Phrase::NotList);
    return {};
  }
  std::vector<std::size_t> out;
  for (const Value& item : *list) {
    const auto choice = item.is_scalar() ? question.find_choice(scalar_text(item)) : std::nullopt;
    if (!choice) {
      add(issues, Phrase::NotChoice);
      return {};
    }
    if (std::ranges::find(out, *choice) != out.end()) {
      add(issues, Phrase::ChosenTwice);
      return {};
    }
    out.push_back(*choice);
  }
  return out;
}

std::optional<Value> stored_choices(const Question& question, const Value& answer,
                                    std::string_view locale, Issues& issues) {
  auto positions = chosen(question, answer, issues);
  if (!positions) return {};
  const std::size_t count = positions->size();
  const std::size_t before = issues.size();
  for (const std::size_t position : *positions) {
    const Choice& choice = question.choices[position];
    if (count > 1 && choice.is_exclusive())
      add(issues, Phrase::NotAlone, std::string(choice.text.in(locale)));
  }
  const bool stands_alone = count == 1 && question.choices[positions->front()].is_exclusive();
  if (question.selected_min && count < *question.selected_min && !stands_alone) {
    add(issues, Phrase::TooFewChosen, std::to_string(count),
        std::to_string(*question.selected_min));
  }
  if (question.selected_max && count > *question.selected_max) {
    add(issues, Phrase::TooManyChosen, std::to_string(count),
        std::to_string(*question.selected_max));
  }
  const bool is_ranking = question.kind == Kind::Ranking;
  if (is_ranking && !question.is_partial_ranking && count != question.choices.size())
    add(issues, Phrase::RankAll, std::to_string(question.choices.size()));
  if (issues.size() != before) return {};
  // A set has no order of its own; a ranking is nothing but its order.
  if (!is_ranking) std::ranges::sort(*positions);
  Value::List list;
  list.reserve(count);
  for (const std::size_t position : *positions)
    list.push_back(question.choices[position].value);
  return Value(std::move(list));
}

std::optional<Value> stored_matrix(const Question& question, const Value& answer, Issues& issues) {
  const Value::Members* members = answer.members();
  if (members == nullptr) {
    add(issues, Phrase::NotObject);
    return {};
  }
  const std::size_t before = issues.size();
  std::vector<const Value*> cells(question.rows.size());
  for (const auto& [name, value] : *members) {
    const auto row = std::ranges::find(question.rows, name, &Row::name);
    if (row == question.rows.end()) {
      add(issues, Phrase::UnknownRow);
      return {};
    }
    if (value.is_blank()) continue;
    const auto choice = value.is_scalar() ? question.find_choice(scalar_text(value)) : std::nullopt;
    if (!choice) {
      add(issues, Phrase::NotChoice);
      issues.back().part = name;
      continue;
    }
    const Value*& cell = cells[static_cast<std::size_t>(row - question.rows.begin())];
    cell = &question.choices[*choice].value;
    const auto has_same = [&](const Value*& other) { return &other != &cell && other == cell; };
    if (question.is_each_row_unique && std::ranges::any_of(cells, has_same))
      add(issues, Phrase::RowsMustDiffer);
  }
  if (issues.size() != before) return {};
  Value::Members out;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (cells[i] != nullptr) out.push_back({question.rows[i].name, *cells[i]});
  return Value(std::move(out));
}

std::optional<Value> stored_items(const Question& question, const Value& answer, Issues& issues) {
  const Value::Members* members = answer.members();
  if (members == nullptr) {
    add(issues, Phrase::NotObject);
    return {};
  }
  const std::size_t before = issues.size();
  const auto is_item = [&](const Member& member) {
    return std::ranges::find(question.items, member.name, &Item::name) != question.items.end();
  };
  if (!std::ranges::all_of(*members, is_item)) {
    add(issues, Phrase::UnknownItem);
    return {};
  }
  Value::Members out;
  for (const Item& item : question.items) {
    const Value* value = answer.find(item.name);
    if (value == nullptr || value->is_blank()) continue;
    const std::size_t from = issues.size();
    auto stored = stored_text(item.rules, *value, issues);
    for (std::size_t i = from; i < issues.size(); ++i)
      issues[i].part = item.name;
    if (!stored) continue;
    check_validators(item.validators, *stored, item.name, issues);
    out.push_back({item.name, std::move(*stored)});
  }
  if (issues.size() != before) return {};
  return Value(std::move(out));
}

void check_numeric(const Validator& rule, const Value& value, Issues& issues) {
  const auto number =
      value.number() != nullptr ? std::optional(*value.number()) : parse_number(scalar_text(value));
  if (!number) return add(issues, Phrase::NotNumber);
  if (rule.min && *number < *rule.min) add(issues, Phrase::TooSmall, number_text(*rule.min));
  if (rule.max && *number > *rule.max) add(issues, Phrase::TooLarge, number_text(*rule.max));
}

void check_length(const Validator& rule, const Value& value, Issues& issues) {
  const std::string text = scalar_text(value);
  const std::size_t length = utf16_length(text);
  const auto count = static_cast<double>(length);
  if (rule.min && count < *rule.min)
    add(issues, Phrase::TooShort, std::to_string(length), number_text(*rule.min));
  if (rule.max && count > *rule.max)
    add(issues, Phrase::TooLong, std::to_string(length), number_text(*rule.max));
  if (!rule.allows_digits && text.find_first_of("0123456789") != std::string::npos)
    add(issues, Phrase::NoDigits);
}

void check_count(const Validator& rule, const Value& value, Issues& issues) {
  const std::size_t count = value.list() != nullptr ? value.list()->size() : 1;
  if (rule.min && static_cast<double>(count) < *rule.min)
    add(issues, Phrase::TooFewChosen, std::to_string(count), number_text(*rule.min));
  if (rule.max && static_cast<double>(count) > *rule.max)
    add(issues, Phrase::TooManyChosen, std::to_string(count), number_text(*rule.max));
}

}  // namespace

std::size_t utf16_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) ++length;
    if (byte >= 0xF0) ++length;  // Outside the basic plane: a surrogate pair.
  }
  return length;
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return false;
  constexpr std::string_view k_local_signs = ".!#$%&'*+/=?^_`{|}~-";
  const auto is_local = [&](char c) {
    return is_alphanumeric(c) || k_local_signs.find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(local, is_local)) return false;
  const auto labels = split(domain, '.');
  return labels.size() >= 2 && std::ranges::all_of(labels, [](std::string_view label) {
           return !label.empty() && label.size() <= 63 && label.front() != '-' &&
                  label.back() != '-' &&
                  std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
         });
}

void check_validators(const std::vector<Validator>& validators, const Value& value,
                      std::string_view part, Issues& issues) {
  for (const Validator& rule : validators) {
    const std::size_t from = issues.size();
    switch (rule.rule) {
      case Validator::Rule::Numeric: check_numeric(rule, value, issues); break;
      case Validator::Rule::Text: check_length(rule, value, issues); break;
      case Validator::Rule::AnswerCount: check_count(rule, value, issues); break;
      case Validator::Rule::Email:
        if (!is_email(scalar_text(value))) add(issues, Phrase::BadEmail);
        break;
      case Validator::Rule::Expression: break;  // Needs the other answers; see answers.cpp.
    }
    for (std::size_t i = from; i < issues.size(); ++i) {
      issues[i].part = part;
      if (!rule.text.is_empty()) issues[i].custom = &rule.text;
    }
  }
}

void check_comment(const Question& question, const Value& comment, Issues& issues) {
  if (!question.takes_comment()) return add(issues, Phrase::NoComment);
  TextRules rules;
  rules.length_max = k_comment_answer_max;
  if (const std::string* text = comment.text()) {
    check_text(rules, *text, issues);
  } else {
    add(issues, Phrase::NotText);
  }
}

std::optional<Value> stored_form(const Question& question, const Value& answer,
                                 std::string_view locale, Issues& issues) {
  switch (question.kind) {
    case Kind::Text:
    case Kind::Comment: return stored_text(question.text, answer, issues);
    case Kind::Radiogroup:
    case Kind::Dropdown:
    case Kind::Rating:
    case Kind::Boolean: return stored_choice(question, answer, issues);
    case Kind::Checkbox:
    case Kind::Tagbox:
    case Kind::Ranking: return stored_choices(question, answer, locale, issues);
    case Kind::Matrix: return stored_matrix(question, answer, issues);
    case Kind::MultipleText: return stored_items(question, answer, issues);
    case Kind::Html: break;
  }
  add(issues, Phrase::UnknownQuestion);
  return {};
}

}  // namespace probity::form
