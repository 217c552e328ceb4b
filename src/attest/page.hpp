#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attest/shelf.hpp"
#include "attest/statement.hpp"

namespace probity::attest {

/// Status in words with a mark that does not need colour ("✓ held").
[[nodiscard]] std::string_view words_of(Status status);

/// The statement as a page: limits and counts first, then the chapters. Pure.
[[nodiscard]] std::string statement_page(const StatementParts& parts);

/// The list of versions with their dates, newest first. Pure.
[[nodiscard]] std::string versions_page(const std::vector<VersionLine>& versions);

/// One version: its date, what changed, and where the signed document is. Pure.
[[nodiscard]] std::string version_page(const StoredVersion& version);

}  // namespace probity::attest
