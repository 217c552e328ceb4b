#pragma once

#include "attest/listener.hpp"
#include "attest/probes.hpp"

namespace probity::app {

/// Every probe of the program, in the order of their first run: what tells most, first.
[[nodiscard]] attest::Probes all_probes(const attest::Ground& ground,
                                        const attest::FindListener& find);

}  // namespace probity::app
