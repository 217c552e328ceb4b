#pragma once

#include <mutex>
#include <string_view>

#include "base/clock.hpp"
#include "store/engine.hpp"

namespace probity::attest {

/// Slugs that begin so belong to the program's own measurements: nobody may take one, and they are
/// left out of counts, lists and exports.
inline constexpr std::string_view k_scratch_prefix = "probity-scratch-";
[[nodiscard]] bool is_scratch(std::string_view slug);

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
