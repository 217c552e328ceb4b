#pragma once

#include <string>
#include <vector>

#include "feature/survey/services.hpp"
#include "feature/survey/survey.hpp"
#include "jobs/scheduler.hpp"

namespace probity::survey {

/// Recurring work: blocks for reports (docs/decisions/043), where reports were slow every minute,
/// for all every hour.
[[nodiscard]] std::vector<jobs::Job> block_jobs(Services& services);

/// Which tenants a run looks at.
enum class BlockScope : bool { Noted, All };
/// Makes the blocks that are missing; the text is the job's outcome. Rows are read and sealed on
/// the calling thread, outside of the tenant's writer.
[[nodiscard]] Result<std::string> run_blocks(Services& services, Instant now, BlockScope scope);

/// How many blocks were made of a survey's responses.
[[nodiscard]] Result<int> make_blocks(Services& services, TenantId tenant, const SurveyId& survey,
                                      Mode mode, Instant now);

}  // namespace probity::survey
