#pragma once

#include <mutex>

#include "base/clock.hpp"
#include "module/scratch_name.hpp"
#include "store/engine.hpp"

namespace probity::attest {

using module::is_scratch;
using module::k_scratch_prefix;

/// How long a scratch organisation serves before its keys are destroyed and another takes over. Not
/// one for each measurement: destroyed tenants leave a line each, for good.
inline constexpr Span k_scratch_life = Span::hours(24);

/// Two organisations stand ready, so that one can try what belongs to the other.
enum class Which : bool { First, Second };

/// Scratch organisations, made on demand and shared by all probes (and, over PostgreSQL, by all
/// nodes). Threads: any.
class Scratch {
 public:
  Scratch(store::Engine& engine, const Clock& clock) : engine_(engine), clock_(clock) {}
  /// One that is young enough; older ones are destroyed.
  [[nodiscard]] Result<store::TenantRecord> tenant(Which which);

 private:
  store::Engine& engine_;
  const Clock& clock_;
  std::mutex mutex_;
};

}  // namespace probity::attest
