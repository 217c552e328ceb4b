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

/// Checks a saved statement (needs no data and no server), or with `--audit` the audit chains of
/// the data. Prints what it found. The exit code: 0 all verifies, 1 something does not, 2 a
/// statement that could not be checked for want of a key. `public_key` is the key's text, or a file
/// with a keys document.
[[nodiscard]] Result<int> verify(const Config& config, const VerifyOptions& options);

}  // namespace probity::app
