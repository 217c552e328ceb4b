#pragma once

#include <memory>
#include <string>

#include "web/dialer.hpp"

namespace probity::net {

/// Connects to one address of this machine: a blocking client for the statement's probes, apart
/// from the server's own code so that a mistake there is not repeated here. `address` is
/// "127.0.0.1:8443" or "[::1]:8443"; Config when it is neither.
[[nodiscard]] Result<std::unique_ptr<web::Dialer>> make_dialer(const std::string& address);

}  // namespace probity::net
