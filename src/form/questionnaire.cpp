#include "form/questionnaire.hpp"

#include <algorithm>

namespace probity::form {

void LocalText::add(std::string locale, std::string text) {
  if (locale.empty()) {
    text_ = std::move(text);
    return;
  }
  others_.emplace_back(std::move(locale), std::move(text));
}

std::string_view LocalText::in(std::string_view locale) const {
  while (!locale.empty()) {
    for (const auto& [name, text] : others_)
      if (name == locale && !text.empty()) return text;
    const std::size_t dash = locale.find_last_of("-_");
    locale = dash == std::string_view::npos ? std::string_view() : locale.substr(0, dash);
  }
  if (text_.empty() && !others_.empty()) return others_.front().second;
  return text_;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::Text: return "text";
    case Kind::Comment: return "comment";
    case Kind::Radiogroup: return "radiogroup";
    case Kind::Checkbox: return "checkbox";
    case Kind::Dropdown: return "dropdown";
    case Kind::Tagbox: return "tagbox";
    case Kind::Rating: return "rating";
    case Kind::Boolean: return "boolean";
    case Kind::Ranking: return "ranking";
    case Kind::Matrix: return "matrix";
    case Kind::MultipleText: return "multipletext";
    case Kind::Html: return "html";
  }
  return {};
}

std::string_view input_type_name(InputType type) {
  switch (type) {
    case InputType::Text: return "text";
    case InputType::Number: return "number";
    case InputType::Date: return "date";
    case InputType::DateTimeLocal: return "datetime-local";
    case InputType::Time: return "time";
    case InputType::Month: return "month";
    case InputType::Week: return "week";
    case InputType::Email: return "email";
    case InputType::Url: return "url";
    case InputType::Tel: return "tel";
    case InputType::Range: return "range";
    case InputType::Color: return "color";
    case InputType::Password: return "password";
  }
  return {};
}

std::optional<std::size_t> Question::find_choice(std::string_view choice_key) const {
  for (std::size_t i = 0; i < choices.size(); ++i)
    if (choices[i].key == choice_key) return i;
  return {};
}

std::optional<std::uint32_t> Questionnaire::find(std::string_view key) const {
  const auto at = std::ranges::lower_bound(
      index, key, {}, [](const auto& entry) { return std::string_view(entry.first); });
  if (at == index.end() || at->first != key) return {};
  return at->second;
}

}  // namespace probity::form
