#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "web/dialer.hpp"

namespace probity::attest {

/// The server's own listener, as the program put it together.
struct OwnListener {
  std::shared_ptr<web::Dialer> dialer;  ///< To its first address.
  std::string host = "localhost";       ///< A name its certificate has and the server answers to.
  std::filesystem::path certificate;    ///< The chain in use, PEM.
  std::filesystem::path private_key;    ///< Its key, to see that they fit; PEM.
  std::vector<std::string> addresses;   ///< Every one declared, with the ports really bound.
  /// A dialer to another address of this machine.
  std::function<Result<std::shared_ptr<web::Dialer>>(const std::string& address)> dial;
};

/// Overloaded while nothing listens: a probe that needs it is then unknown.
using FindListener = std::function<Result<OwnListener>()>;

}  // namespace probity::attest
