#include "form/change_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace probity::form {
namespace {

/// Characters of a text that are shown in a sentence.
constexpr std::size_t k_shown_characters = 120;
/// Choices that a sentence names; the others are counted.
constexpr std::size_t k_shown_choices = 8;

/// How members that hold texts are called in a sentence.
constexpr auto k_texts = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"title", "title"},
    {"description", "description"},
    {"html", "text"},
    {"completedHtml", "page of thanks"},
    {"pageNextText", "text of the button that goes on"},
    {"pagePrevText", "text of the button that goes back"},
    {"completeText", "text of the button that sends"},
    {"requiredErrorText", "message for a missing answer"},
    {"placeholder", "hint inside the field"},
    {"minRateDescription", "word for the low end"},
    {"maxRateDescription", "word for the high end"},
    {"otherText", "text of the choice for something else"},
    {"noneText", "text of the choice for none"},
    {"refuseText", "text of the choice to refuse"},
    {"dontKnowText", "text of the choice for not knowing"},
    {"labelTrue", "text for yes"},
    {"labelFalse", "text for no"},
});

/// How lists of choices are called.
constexpr auto k_lists = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"choices", "Choices"},
    {"rateValues", "Rates"},
    {"columns", "Columns"},
    {"rows", "Rows"},
    {"items", "Fields"},
});

template <typename Table>
std::string_view name_in(const Table& table, std::string_view member) {
  const auto found = std::ranges::find(table, member, &Table::value_type::first);
  return found == table.end() ? std::string_view() : found->second;
}

std::string cut(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && ++characters > k_shown_characters) return std::string(text.substr(0, i)) + "…";
  }
  return std::string(text);
}

std::string shown(const Value& value) {
  if (value.is_scalar()) return cut(scalar_text(value));
  std::string json;
  append_value(json, value);
  return cut(json);
}

/// A text by language: the default one under "".
std::vector<std::pair<std::string, std::string>> by_language(const Value* value) {
  std::vector<std::pair<std::string, std::string>> out;
  if (value == nullptr) return out;
  if (value->members() == nullptr) return {{"", scalar_text(*value)}};
  for (const Member& member : *value->members())
    out.emplace_back(member.name == "default" ? "" : member.name, scalar_text(member.value));
  return out;
}

std::string in_language(const std::vector<std::pair<std::string, std::string>>& texts,
                        std::string_view language) {
  const auto found = std::ranges::find(
      texts, language, [](const auto& one) -> std::string_view { return one.first; });
  return found == texts.end() ? std::string() : found->second;
}

/// "es, fr": languages but the default whose texts differ.
std::string changed_languages(const Value* before, const Value* after) {
  const auto was = by_language(before);
  const auto is = by_language(after);
  std::vector<std::string> names;
  const auto each = [&](const auto& from) {
    for (const auto& [language, text] : from) {
      if (language.empty() || in_language(was, language) == in_language(is, language)) continue;
      if (std::ranges::find(names, language) == names.end()) names.push_back(language);
    }
  };
  each(was);
  each(is);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string text_words(std::string_view name, const Value* before, const Value* after) {
  const std::string languages = changed_languages(before, after);
  const std::string was = before == nullptr ? "" : default_text(*before);
  const std::string is = after == nullptr ? "" : default_text(*after);
  if (was == is) return fmt::format("The {} changed in {}.", name, languages);
  const std::string also =
      languages.empty() ? "" : fmt::format(" It changed in {} too.", languages);
  if (was.empty()) return fmt::format("The {} is new: “{}”.{}", name, cut(is), also);
  if (is.empty()) return fmt::format("The {} “{}” was taken away.", name, cut(was));
  return fmt::format("The {} was “{}” and is “{}”.{}", name, cut(was), cut(is), also);
}

/// What a choice, row or column is known by, and what people read.
struct Option {
  std::string key;
  const Value* value = nullptr;
  std::string text;
};

std::vector<Option> options_of(const Value* list) {
  std::vector<Option> out;
  if (list == nullptr || list->list() == nullptr) return out;
  for (const Value& one : *list->list()) {
    Option option{scalar_text(one), &one, scalar_text(one)};
    for (const std::string_view name : {"value", "name"}) {
      const Value* key = one.find(name);
      if (key != nullptr && option.key.empty()) option.key = scalar_text(*key);
    }
    for (const std::string_view name : {"text", "title"}) {
      const Value* text = one.find(name);
      if (text != nullptr && option.text.empty()) option.text = default_text(*text);
    }
    if (option.text.empty()) option.text = option.key;
    out.push_back(std::move(option));
  }
  return out;
}

const Option* find_option(const std::vector<Option>& options, std::string_view key) {
  const auto found = std::ranges::find(options, key, &Option::key);
  return found == options.end() ? nullptr : &*found;
}

void add_part(std::string& out, std::string_view what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  const std::size_t count = std::min(names.size(), k_shown_choices);
  out += fmt::format(
      "{} {} “{}”", out.empty() ? "" : ";", what,
      fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count), "”, “"));
  if (names.size() > count) out += fmt::format(" and {} more", names.size() - count);
}

std::string list_words(std::string_view name, const Value* before, const Value* after) {
  const auto was = options_of(before);
  const auto is = options_of(after);
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> reworded;
  std::vector<std::string_view> old_order;
  std::vector<std::string_view> new_order;
  for (const Option& one : is) {
    const Option* old_one = find_option(was, one.key);
    if (old_one == nullptr) {
      added.push_back(cut(one.text));
      continue;
    }
    new_order.push_back(one.key);
    if (!(*old_one->value == *one.value)) reworded.push_back(cut(one.text));
  }
  for (const Option& one : was) {
    find_option(is, one.key) == nullptr ? removed.push_back(cut(one.text))
                                        : old_order.push_back(one.key);
  }
  std::string out;
  add_part(out, "added", added);
  add_part(out, "removed", removed);
  add_part(out, "changed", reworded);
  if (old_order != new_order) out += fmt::format("{} in another order", out.empty() ? "" : ";");
  return fmt::format("{}:{}.", name, out.empty() ? " changed" : out);
}

std::string condition_words(std::string_view always, std::string_view only, const Value* before,
                            const Value* after) {
  if (after == nullptr) return fmt::format("{} (before: {}).", always, shown(*before));
  if (before == nullptr) return fmt::format("{} if {}.", only, shown(*after));
  return fmt::format("{} if {} (before: {}).", only, shown(*after), shown(*before));
}

std::string other_words(std::string_view member, const Value* before, const Value* after) {
  if (before == nullptr) return fmt::format("“{}” is set: {}.", member, shown(*after));
  if (after == nullptr) return fmt::format("“{}” is not set any more: {}.", member, shown(*before));
  return fmt::format("“{}” was {} and is {}.", member, shown(*before), shown(*after));
}

}  // namespace

std::string default_text(const Value& value) {
  const auto texts = by_language(&value);
  std::string text = in_language(texts, "");
  if (!text.empty() || texts.empty()) return text;
  return texts.front().second;
}

std::string change_words(std::string_view member, const Value* before, const Value* after) {
  if (const auto name = name_in(k_texts, member); !name.empty())
    return text_words(name, before, after);
  if (const auto name = name_in(k_lists, member); !name.empty())
    return list_words(name, before, after);
  if (member == "visibleIf")
    return condition_words("It is always shown now", "It is shown only", before, after);
  if (member == "requiredIf") {
    return condition_words("No condition makes an answer necessary any more", "It must be answered",
                           before, after);
  }
  if (member == "isRequired") {
    return after == nullptr ? "It may be left out now." : "It must be answered now.";
  }
  if (member == "type" && before != nullptr && after != nullptr)
    return fmt::format("It was of the type {} and is of the type {}.", shown(*before),
                       shown(*after));
  return other_words(member, before, after);
}

}  // namespace probity::form
