#pragma once

#include <vector>

#include "module/module.hpp"

namespace probity::survey {

/// This room's tables as an export carries them and an import takes them back: surveys, their
/// versions, links (the same public address works again when the tenant's id is kept) and responses
/// with their ids. Idempotency keys are not carried.
[[nodiscard]] std::vector<module::ExportTable> survey_archive();

}  // namespace probity::survey
