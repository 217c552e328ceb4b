#pragma once

#include "app/config.hpp"
#include "base/error.hpp"

namespace probity::app {

/// Runs the server until SIGTERM or SIGINT; then drains for at most 10 s. SIGHUP reads the
/// certificate again. Returns when everything accepted has been answered and is on disk.
[[nodiscard]] Result<void> serve(const Config& config);

}  // namespace probity::app
