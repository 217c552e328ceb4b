#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json_writer.hpp"

namespace probity::form {

/// One member of the document that is not what it was.
struct MemberChange {
  std::string member;  ///< "visibleIf".
  std::string before;  ///< As JSON; empty when it was not there.
  std::string after;   ///< As JSON; empty when it is not there any more.
  std::string words;   ///< A sentence for people who do not read JSON; English, plain text.
};

/// Where an element stands: its page, the panel around it (empty: none) and its position among the
/// elements of its kind in the whole document, from 1.
struct Place {
  std::string page;
  std::string panel;
  std::uint32_t position = 0;
};

/// A page, a panel or a question of the documents.
struct ElementChange {
  std::string name;
  std::string kind;                   ///< "page", "panel" or "question".
  std::string type;                   ///< Of a question: "comment"; as the newer document has it.
  std::string title;                  ///< Default text, or the name.
  Place before;                       ///< Not set for what was added.
  Place after;                        ///< Not set for what was removed.
  std::vector<MemberChange> members;  ///< Of what was changed.
  std::string words;
};

/// What one version of a questionnaire asks otherwise than another.
struct Differences {
  std::vector<MemberChange> survey;  ///< Title, languages, texts of buttons.
  std::vector<ElementChange> added;
  std::vector<ElementChange> removed;
  /// The fewest elements whose moving explains the new order, and those on another page or panel.
  std::vector<ElementChange> moved;
  std::vector<ElementChange> changed;
  [[nodiscard]] bool is_empty() const {
    return survey.empty() && added.empty() && removed.empty() && moved.empty() && changed.empty();
  }
};

/// Compares two documents that parse_questionnaire takes. Elements are the same when their kind and
/// name are; a renamed question is one removed and one added, as its answers are. A property that
/// is absent is the same as one that is empty, and order of members does not count. BadRequest or
/// LimitExceeded when a text is no JSON within the bounds of documents.
[[nodiscard]] Result<Differences> compare_questionnaires(std::string_view before,
                                                         std::string_view after);

/// Writes them as one JSON object: survey, added, removed, moved, changed.
void write_differences(JsonWriter& json, const Differences& differences);

}  // namespace probity::form
