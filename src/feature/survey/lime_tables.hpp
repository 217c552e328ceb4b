#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity::survey {

/// One row of a table: texts by field name.
using LimeRow = std::map<std::string, std::string, std::less<>>;

/// The tables of a LimeSurvey structure file (.lss), as they stand in it.
struct LimeTables {
  std::string document_type;  ///< "Survey" for a survey's structure.
  std::map<std::string, std::vector<LimeRow>, std::less<>> tables;

  /// The rows of a table; none when there is no such table.
  [[nodiscard]] const std::vector<LimeRow>& rows(std::string_view table) const;
};

/// The field's text, or an empty one.
[[nodiscard]] std::string_view lime_field(const LimeRow& row, std::string_view name);

/// Reads the XML. BadRequest when it is not well-formed, has a document type declaration (so no
/// entities can be declared), or is not this format; LimitExceeded beyond k_lime_max_bytes,
/// k_lime_depth_max or k_lime_rows_max. Nothing is ever loaded from elsewhere.
[[nodiscard]] Result<LimeTables> read_lime_tables(std::string_view xml);

}  // namespace probity::survey
