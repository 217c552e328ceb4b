#pragma once

#include <memory>

#include "base/error.hpp"
#include "store/engine.hpp"

namespace probity::store {

/// A virtual file system for tests: the default one, with the faults of a FaultPlan. Registered
/// under a name of its own for as long as it lives. Threads: any.
class FaultVfs {
 public:
  [[nodiscard]] static Result<std::unique_ptr<FaultVfs>> install(const FaultPlan& plan);
  virtual ~FaultVfs() = default;
  /// What sqlite3_open_v2 takes.
  [[nodiscard]] virtual const char* name() const = 0;
};

}  // namespace probity::store
