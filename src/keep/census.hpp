#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "crypto/keys.hpp"
#include "store/moment.hpp"

namespace probity::keep {

/// What lies in a copy of the data: counts by tenant ("main") and kind ("responses"), with the
/// audit entries of each chain and the hash of its head. Two copies are equal when these are.
using Census = std::map<std::string, std::map<std::string, std::string>>;

/// What a store is opened with; all outlive the call.
struct CensusParts {
  const Clock& clock;
  Log& log;
  const crypto::MasterKeys& master;
  std::string database = {};  ///< PostgreSQL's URL; empty for SQLCipher.
  std::string app_role = {};  ///< Who is to serve what is restored there.
};

/// Opens the store below `directory`, walks every audit chain, and counts. IntegrityError when a
/// chain is broken; what opening answers otherwise.
[[nodiscard]] Result<Census> take_census(const std::filesystem::path& directory,
                                         const CensusParts& parts);
/// The same of a moment of PostgreSQL.
[[nodiscard]] Result<Census> take_census(store::Moment& moment);

}  // namespace probity::keep
