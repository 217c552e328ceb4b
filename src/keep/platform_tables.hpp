#pragma once

#include <vector>

#include "module/module.hpp"

namespace probity::keep {

/// The platform's own tables as an archive carries them: members (address, role, time; they are
/// invited again on import, for passwords, sessions and tokens are never exported), settings, and
/// the audit log, which is carried for reading and begins anew where it is imported.
[[nodiscard]] std::vector<module::ExportTable> platform_tables();

}  // namespace probity::keep
