#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/instant.hpp"
#include "store/engine.hpp"

namespace probity::benchmarks {

/// Stores `count` responses in the survey behind a public link, as submissions do (sealed, with an
/// audit entry and an idempotency key each, 64 to a commit), spread over the 20 hours before `now`.
/// `answers` are taken in turn and checked against the questionnaire.
[[nodiscard]] Result<void> fill_survey(store::Engine& engine, std::string_view link,
                                       std::span<const std::string> answers, int count,
                                       Instant now);

/// Makes tenants "bench-0"…, each with the published survey of `questionnaire`; their links.
[[nodiscard]] Result<std::vector<std::string>> make_tenants(store::Engine& engine,
                                                            std::string_view questionnaire,
                                                            int count, Instant now);

}  // namespace probity::benchmarks
