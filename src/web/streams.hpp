#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "identity/principal.hpp"
#include "store/tx.hpp"
#include "web/budget.hpp"

namespace probity::web {

/// How many snapshots may outlive their handler, in bodies that are made while they are sent. Such
/// a body lasts as long as its client takes to read it, and the store lends a bounded number of
/// readers: the bounds keep room for everybody's short reads, whoever downloads how slowly.
/// Threads: any.
class StreamBudget {
 public:
  /// `total_max` over all tenants.
  explicit StreamBudget(std::uint64_t total_max);

  /// The snapshot, counted until it is destroyed. Throttled when the person (all sessions and
  /// tokens of one member) or the tenant has all it may have, Overloaded when there is no room at
  /// all; both say when to come back.
  [[nodiscard]] Result<std::unique_ptr<store::Reader>> count(
      const identity::Principal& who, std::unique_ptr<store::Reader> snapshot);

 private:
  Budget of_tenants_;
  Budget of_persons_;
};

/// The total for an engine, by what its pool of readers holds (Engine::kind()).
[[nodiscard]] std::uint64_t streams_max_of(std::string_view engine_kind);

}  // namespace probity::web
