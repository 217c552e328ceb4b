#include <algorithm>

#include "form/document.hpp"
#include "form/page_writer.hpp"

namespace probity::form {
namespace {

std::string choice_text(const Question& question, const Value& value, std::string_view locale) {
  std::string key = scalar_text(value);
  if (const auto choice = question.find_choice(key))
    return std::string(question.choices[*choice].text.in(locale));
  return key;
}

/// The name a row or an item is known by to the reader.
std::string part_title(const Question& question, std::string_view name, std::string_view locale) {
  for (const Row& row : question.rows)
    if (row.name == name) return std::string(row.text.in(locale));
  for (const Item& item : question.items)
    if (item.name == name) return std::string(item.title.in(locale));
  return std::string(name);
}

bool is_secret(const Question& question) { return question.text.input == InputType::Password; }

void write_change(HtmlWriter& out, const PageState& state, const Question& question) {
  out.raw("<button type=\"submit\" class=\"plain\"").attribute("name", k_move_field);
  out.attribute("value", std::string(k_page_move) + std::to_string(question.page)).raw(">");
  out.text(phrase(state.locale, Phrase::Change)).raw("<span class=\"unseen\"> ");
  out.text(with_answers(state, question.title.in(state.locale))).raw("</span></button>");
}

}  // namespace

std::string part_id(const Question& question, std::uint32_t index, std::size_t part) {
  std::string id = control_id(index);
  if (part == 0) return id;
  return id + (question.kind == Kind::Matrix ? "-r" : "-") + std::to_string(part);
}

std::string control_id(std::uint32_t question) { return "q" + std::to_string(question); }

std::vector<Finding> findings_of(const PageState& state, std::uint32_t index) {
  const Question& question = state.questionnaire.questions[index];
  const std::string field = child_path("/answers", question.key);
  std::vector<Finding> out;
  for (const FieldError& error : state.errors) {
    if (error.field == field) out.push_back({control_id(index), {}, error.reason});
    if (!error.field.starts_with(field + "/")) continue;
    Finding finding{control_id(index), {}, error.reason};
    for (std::size_t i = 0; i < question.rows.size(); ++i) {
      if (error.field != child_path(field, question.rows[i].name)) continue;
      finding.id = part_id(question, index, i);
      finding.part = question.rows[i].text.in(state.locale);
    }
    for (std::size_t i = 0; i < question.items.size(); ++i) {
      if (error.field != child_path(field, question.items[i].name)) continue;
      finding.id = part_id(question, index, i);
      finding.part = question.items[i].title.in(state.locale);
    }
    // A sentence that names its part already needs no label.
    if (finding.reason.find(finding.part) != std::string::npos) finding.part.clear();
    out.push_back(std::move(finding));
  }
  return out;
}

std::string answer_text(const Question& question, const Value& value, std::string_view locale) {
  if (is_secret(question)) return "••••";
  std::string out;
  if (const Value::List* list = value.list()) {
    for (const Value& item : *list)
      out += (out.empty() ? "" : ", ") + choice_text(question, item, locale);
    return out;
  }
  if (const Value::Members* members = value.members()) {
    for (const auto& [name, part] : *members) {
      out += (out.empty() ? "" : "\n") + part_title(question, name, locale) + ": " +
             choice_text(question, part, locale);
    }
    return out;
  }
  return choice_text(question, value, locale);
}

void write_answers(HtmlWriter& out, const PageState& state, Changes changes) {
  out.raw("<dl class=\"answers\">\n");
  for (std::size_t i = 0; i < state.questionnaire.questions.size(); ++i) {
    const Question& question = state.questionnaire.questions[i];
    if (!question.is_answerable() || !state.visibility.questions[i]) continue;
    out.raw("<div><dt>").text(with_answers(state, question.title.in(state.locale)));
    out.raw("</dt>\n<dd>");
    const Value* value = state.answers.values[i];
    const Value* comment = state.answers.comments[i];
    if (value != nullptr)
      out.raw("<p>").text(answer_text(question, *value, state.locale)).raw("</p>");
    if (comment != nullptr) out.raw("<p>").text(scalar_text(*comment)).raw("</p>");
    if (value == nullptr && comment == nullptr) {
      out.raw("<p class=\"none\"");
      our_language(out, state.locale).raw(">").text(phrase(state.locale, Phrase::NotAnswered));
      out.raw("</p>");
    }
    out.raw("</dd>\n");
    if (changes == Changes::Buttons) {
      out.raw("<dd class=\"change\">");
      write_change(out, state, question);
      out.raw("</dd>\n");
    }
    out.raw("</div>\n");
  }
  out.raw("</dl>\n");
}

}  // namespace probity::form
