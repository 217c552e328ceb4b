#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "attest/probes_drills.hpp"
#include "base/clock.hpp"
#include "net/server.hpp"

namespace probity::app {

/// What a listener made for a drill runs on. The product leaves it as it is; a test loosens the
/// supervision and sees the drill turn red.
struct DrillListenerParts {
  /// How the listener is set up, once address and files are in it.
  std::function<void(net::ServerOptions&)> options;
  /// Whether the supervision sees the clock move.
  bool sees_clock = true;
};

/// Opens listeners on a free port of loopback, with a throw-away certificate below `parent` and the
/// product's own supervision; they answer every request with a fixed word.
[[nodiscard]] std::function<Result<std::unique_ptr<attest::DrillListener>>()> make_drill_listeners(
    std::filesystem::path parent, DrillListenerParts parts = {});

}  // namespace probity::app
