#pragma once

#include <string>
#include <string_view>

#include "feature/survey/findings.hpp"
#include "picture/document.hpp"
#include "web/call.hpp"

namespace probity::survey {

/// What the two groups of a comparison are called in pictures and documents; empty: by what
/// selects them. At most k_group_label_max_bytes each.
struct GroupLabels {
  std::string first;
  std::string second;
};
/// From `label` and `compare_label` of the query. LimitExceeded when one is longer.
[[nodiscard]] Result<GroupLabels> group_labels(const web::Request& request);

/// Subjects of all questions, labelled.
[[nodiscard]] std::vector<picture::Subject> subjects_of(const Findings& findings,
                                                        const GroupLabels& labels);
/// Adds the words of a question that is answered in words: of all responses, so only where nothing
/// selects a group.
[[nodiscard]] Result<void> add_words(web::Call& call, const Findings& findings,
                                     picture::Subject& subject);

/// How a report is put down as a document.
struct DocumentStyle {
  GroupLabels labels;
  std::string origin;  ///< Where people reach the server (web::origin_of).
  double width = 640;  ///< Of its pictures, in pixels.
};
/// The whole report: facts, and each question with picture, notes and table. Words of the first
/// k_document_words_max questions that are answered in words. Deadline when that takes too long.
[[nodiscard]] Result<picture::Document> document_of(web::Call& call, const Findings& findings,
                                                    const DocumentStyle& style);

}  // namespace probity::survey
