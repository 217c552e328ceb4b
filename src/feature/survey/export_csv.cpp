#include "feature/survey/export_csv.hpp"

#include <algorithm>

#include "feature/survey/sheet.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

/// The text of one chosen or typed value.
std::string text_of(const form::Question* question, const form::Value& value) {
  std::string key = form::scalar_text(value);
  if (question == nullptr) return key;
  if (const auto choice = question->find_choice(key))
    return std::string(question->choices[*choice].text.text());
  return key;
}

std::string cell_of(const form::Question* question, const form::Value& value) {
  if (const auto* list = value.list()) {
    std::string joined;
    for (const form::Value& item : *list) {
      if (!joined.empty()) joined += "; ";
      joined += text_of(question, item);
    }
    return joined;
  }
  return text_of(question, value);
}

}  // namespace

Result<CsvColumns> CsvColumns::load(store::Reader& reader, const crypto::Cipher& cipher,
                                    const SurveyRecord& survey) {
  CsvColumns columns;
  const std::int64_t first = std::max<std::int64_t>(1, survey.version - k_versions_max + 1);
  for (std::int64_t version = first; version <= survey.version; ++version) {
    PROBITY_TRY(loaded, load_version(reader, cipher, survey.id, version));
    PROBITY_TRY(questionnaire, parse_stored(loaded.json));
    columns.add(std::move(questionnaire));
  }
  return columns;
}

void CsvColumns::put(Column column) {
  const std::string name = column.key + '\0' + column.part + (column.question ? "" : "\1");
  const auto [found, is_new] = index_.try_emplace(name, columns_.size());
  if (is_new) {
    columns_.push_back(std::move(column));
  } else {
    columns_[found->second] = std::move(column);
  }
}

void CsvColumns::add(std::shared_ptr<const form::Questionnaire> questionnaire) {
  for (const form::Question& question : questionnaire->questions) {
    if (!question.is_answerable()) continue;
    const std::string title(question.title.text());
    for (const form::Row& row : question.rows)
      put({title + " - " + std::string(row.text.text()), question.key, row.name, &question});
    for (const form::Item& item : question.items)
      put({title + " - " + std::string(item.title.text()), question.key, item.name, &question});
    if (question.rows.empty() && question.items.empty()) put({title, question.key, {}, &question});
    if (question.takes_comment()) {
      const std::string label(question.comment_text.text());
      put({title + " - " + (label.empty() ? "Comment" : label),
           question.key + "-Comment",
           {},
           nullptr});
    }
  }
  questionnaires_.push_back(std::move(questionnaire));
}

void CsvColumns::append_titles(std::string& out) const {
  for (const Column& column : columns_) {
    out.push_back(',');
    append_csv_cell(out, column.title);
  }
}

Result<void> CsvColumns::append_cells(std::string& out, std::string_view answers_json) const {
  constexpr form::ValueLimits k_limits{.bytes_max = 2 * form::k_answers_max_bytes,
                                       .depth_max = form::k_answers_depth_max + 1};
  PROBITY_TRY(answers, form::parse_value(answers_json, k_limits));
  for (const Column& column : columns_) {
    out.push_back(',');
    const form::Value* value = answers.find(column.key);
    if (value != nullptr && !column.part.empty()) value = value->find(column.part);
    if (value != nullptr) append_csv_cell(out, cell_of(column.question, *value));
  }
  return {};
}

}  // namespace probity::survey
