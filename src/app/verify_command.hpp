#pragma once

#include <string>

#include "app/config.hpp"
#include "base/error.hpp"

namespace probity::app {

/// What `probity verify` is told.
struct VerifyOptions {
  std::string statement_file;
  std::string public_key;
  std::string tenant;
  bool wants_audit = false;
};

/// Checks a saved statement (needs no data and no server), or with `--audit` the audit chains of the
/// data. Prints what it found. IntegrityError when something does not verify.
[[nodiscard]] Result<void> verify(const Config& config, const VerifyOptions& options);

}  // namespace probity::app
