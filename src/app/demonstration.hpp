#pragma once

#include "app/init.hpp"
#include "app/installation.hpp"

namespace probity::app {

/// The tenant `demo` with invented surveys and answers (survey/demonstration.hpp), marked as such
/// in its name, its pages and the statement; prints its set-up link. Conflict when it is there
/// already, or when a tenant of somebody's own has its name: nothing is changed then. Until
/// everything of it is stored it bears another name, under which a killed command's is found and
/// taken away by the next.
[[nodiscard]] Result<void> init_demonstration(const Config& config, Installation& installation);

/// Takes the demonstration away with its keys; its name is free again. NotFound when there is none.
/// May run beside a server. Never touches a tenant without the mark.
[[nodiscard]] Result<void> remove_demonstration(const Config& config);

}  // namespace probity::app
