#include "feature/survey/stored_link.hpp"

#include "sql/survey.hpp"

namespace probity::survey {

Result<std::optional<std::string>> load_link(store::Reader& reader, const crypto::Cipher& cipher,
                                             const SurveyId& id) {
  PROBITY_TRY(sealed, reader.first(sql::survey::link_of, {reader.space().tenant(), id},
                                   [](const store::Row& row) { return to_bytes(row.bytes(1)); }));
  if (!sealed) return std::optional<std::string>();
  PROBITY_TRY(secret, cipher.open(k_link_purpose, id.bytes(), *sealed));
  return std::optional(std::string(as_text(secret)));
}

}  // namespace probity::survey
