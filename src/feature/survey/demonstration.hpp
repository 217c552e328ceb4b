#pragma once

#include <cstdint>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "store/engine.hpp"

namespace probity::survey {

/// A tenant that is to be filled with invented surveys.
struct DemonstrationParts {
  store::Engine& engine;
  Log& log;
  TenantId tenant;  ///< Empty, and marked (module/demonstration.hpp).
  UserId author;    ///< Its owner, in whose name the surveys are made.
  Instant now;      ///< The answers arrive in the weeks before it.
};

struct DemonstrationReport {
  int surveys = 0;
  int responses = 0;
};

/// Makes one running confidential survey, one closed anonymous one and one draft, of our own
/// content, with answers invented from a fixed seed. Everything goes the way of requests: routes,
/// checks, seals, Idempotency-Keys, audit. Only the clock of the handlers is set back; the audit
/// log says when it really happened and that a command did it. Errors as of the routes; what was
/// stored until then stays, so the caller takes the tenant back.
[[nodiscard]] Result<DemonstrationReport> fill_demonstration(const DemonstrationParts& parts);

}  // namespace probity::survey
