#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feature/survey/survey.hpp"
#include "form/questionnaire.hpp"

namespace probity::survey {

/// The columns of a survey's CSV export: one for each question of any published version (as its
/// newest version words it), for each row of a matrix, item of a multipletext and comment.
class CsvColumns {
 public:
  /// Reads the published versions, the newest k_versions_max of them.
  [[nodiscard]] static Result<CsvColumns> load(store::Reader& reader, const crypto::Cipher& cipher,
                                               const SurveyRecord& survey);
  static constexpr std::int64_t k_versions_max = 50;

  void add(std::shared_ptr<const form::Questionnaire> questionnaire);
  /// ",title" for each column.
  void append_titles(std::string& out) const;
  /// ",cell" for each column: the texts of choices, several of them joined by "; ".
  [[nodiscard]] Result<void> append_cells(std::string& out, std::string_view answers_json) const;

 private:
  struct Column {
    std::string title;
    std::string key;                           ///< Member of the answers.
    std::string part;                          ///< Row or item; empty for the whole answer.
    const form::Question* question = nullptr;  ///< Null for a comment.
  };
  void put(Column column);

  std::vector<std::shared_ptr<const form::Questionnaire>> questionnaires_;  ///< Keep `question`.
  std::vector<Column> columns_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace probity::survey
