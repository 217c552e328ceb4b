#pragma once

#include <vector>

#include "attest/publisher.hpp"
#include "web/route.hpp"

namespace probity::attest {

/// POST, GET and DELETE /api/v1/evidence. Evidence belongs to the installation: only members of the
/// tenant that runs it may file or read it (to others it is not found).
[[nodiscard]] std::vector<web::Route> evidence_routes(Publisher& publisher, store::Engine& engine);

}  // namespace probity::attest
