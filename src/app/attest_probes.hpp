#pragma once

#include <filesystem>
#include <string>

#include "attest/listener.hpp"
#include "attest/probes.hpp"
#include "base/log.hpp"

namespace probity::app {

/// What the probes look at, beside their common ground.
struct ProbeParts {
  attest::FindListener find;
  std::filesystem::path data;  ///< The data directory; drills make folders of their own in it.
  Log& log;
  std::string public_url = {};  ///< As configured.
};

/// Every probe of this program but those of the statement itself, in the order of their first run:
/// first what needs no listener, then what comes in by the front door, at last the drills.
[[nodiscard]] attest::Probes all_probes(const attest::Ground& ground, const ProbeParts& parts);

}  // namespace probity::app
