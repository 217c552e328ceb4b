#pragma once

#include <functional>

#include "app/config.hpp"
#include "attest/listener.hpp"
#include "net/server.hpp"

namespace probity::app {

/// The server's own listener as probes reach it; Overloaded while it is closed. `server` answers
/// null until it has been started.
[[nodiscard]] attest::FindListener make_listener_finder(const Config& config,
                                                        std::function<net::Server*()> server);

}  // namespace probity::app
