#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "picture/shape.hpp"
#include "picture/table.hpp"

namespace probity::picture {

/// A question of a document.
struct Section {
  std::string title;
  std::optional<Picture> picture;
  std::optional<Picture> narrow;  ///< The same for telephones.
  std::vector<std::string> notes;
  Table table;
};

/// A whole report, for every writer: PDF, XLSX, a page. Texts may hold anything a person typed.
struct Document {
  std::string title;
  std::string organisation;  ///< May be empty.
  /// What the title page says beside them, name and value ("Responses", "1,186").
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> notes;  ///< Under the facts: why a group is not shown, methods.
  std::string made_at;             ///< RFC 3339, UTC.
  std::vector<Section> sections;
};

/// The section of a subject; `width` of its picture.
[[nodiscard]] Section section_of(const Subject& subject, double width);

}  // namespace probity::picture
