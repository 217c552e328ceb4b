#pragma once

#include <string_view>

#include "feature/survey/infer.hpp"

namespace probity::survey {

/// Takes a cell that means "no answer" into the rules. LimitExceeded naming `path` beyond
/// k_import_missing_max or k_import_missing_max_bytes.
[[nodiscard]] Result<void> add_missing(std::string_view text, std::string_view path,
                                       TableRules& rules);
/// Takes a title: at most form::k_title_max_bytes, else LimitExceeded naming `path`.
[[nodiscard]] Result<std::string> read_title(std::string_view text, std::string_view path);

/// Reads what a person decided after a preview: `{title?, header_rows?, joined?, missing?: [text],
/// questions?: [{columns: [position], type?, title?}]}`, into `rules`. What is absent stays as it
/// was. `type` is the SurveyJS type to make, "number", or "none" for columns that are left out.
/// Refused with the path of the member: what is unknown, misshapen or beyond its limit.
[[nodiscard]] Result<void> read_plan(std::string_view json, TableRules& rules);

}  // namespace probity::survey
