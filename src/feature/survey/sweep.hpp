#pragma once

#include <vector>

#include "feature/survey/services.hpp"
#include "jobs/scheduler.hpp"

namespace probity::survey {

/// Recurring work: erasing what is past its retention, removing deleted surveys, forgetting
/// idempotency keys. Each in slices of one Change, over all tenants.
[[nodiscard]] std::vector<jobs::Job> survey_jobs(Services& services);

// The runs themselves; the text is the job's outcome.
[[nodiscard]] Result<std::string> run_retention(Services& services, Instant now);
/// Which tenants a sweep looks at: those with a deletion since the last one (known to this process
/// alone), or all, for what a stopped process left behind.
enum class SweepScope : bool { Listed, All };
[[nodiscard]] Result<std::string> run_sweep(Services& services, Instant now, SweepScope scope);
[[nodiscard]] Result<std::string> run_forgetting(Services& services, Instant now);

}  // namespace probity::survey
