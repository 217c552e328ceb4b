#pragma once

#include <optional>
#include <string>

#include "crypto/cipher.hpp"
#include "feature/survey/survey.hpp"
#include "store/tx.hpp"

namespace probity::survey {

/// The token of a survey's public link; nothing before it was published.
[[nodiscard]] Result<std::optional<std::string>> load_link(store::Reader& reader,
                                                           const crypto::Cipher& cipher,
                                                           const SurveyId& id);

}  // namespace probity::survey
