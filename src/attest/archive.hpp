#pragma once

#include <vector>

#include "module/module.hpp"

namespace probity::attest {

/// The evidence records of a tenant, as an export carries them and an import takes them back.
[[nodiscard]] std::vector<module::ExportTable> evidence_archive();

}  // namespace probity::attest
