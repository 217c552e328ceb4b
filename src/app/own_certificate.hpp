#pragma once

#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace probity::app {

/// When the configuration names no certificate, the server makes its own, and again 30 days before
/// it ends. Browsers warn about it; a notice in the log says what to do. Does nothing when
/// certificate files were given.
[[nodiscard]] Result<void> ensure_own_certificate(const Config& config, const Clock& clock,
                                                  Log& log);

/// Whether the certificate is one the server makes itself.
[[nodiscard]] bool has_own_certificate(const Config& config);

}  // namespace probity::app
