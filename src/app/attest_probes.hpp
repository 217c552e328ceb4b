#pragma once

#include <filesystem>

#include "attest/listener.hpp"
#include "attest/probes.hpp"

namespace probity::app {

/// Every probe of the program, in the order of their first run: what tells most, first.
/// `data` is the data directory.
[[nodiscard]] attest::Probes all_probes(const attest::Ground& ground,
                                        const attest::FindListener& find,
                                        const std::filesystem::path& data);

}  // namespace probity::app
