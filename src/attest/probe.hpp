#pragma once

#include <functional>
#include <string>
#include <vector>

#include "attest/catalogue.hpp"
#include "attest/finding.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/instant.hpp"

namespace probity::attest {

/// How often what is measured live is measured again, and what is drilled.
inline constexpr Span k_live_every = Span::hours(1);
inline constexpr Span k_drill_every = Span::hours(24);
/// How long after its due time a measurement may end before its sentence stops being green: the
/// jitter of its start, the others queued before it, and its own deadline.
inline constexpr Span k_probe_jitter = Span::minutes(10);
inline constexpr Span k_probe_slack = Span::minutes(20);
/// What came to no end (a full server, a lost connection) is tried again after this, then after
/// twice as long and so on, until it is its turn anyway.
inline constexpr Span k_retry_first = Span::minutes(2);
/// A measurement that takes longer is unknown.
inline constexpr Span k_probe_deadline = Span::seconds(30);
/// The same for what is drilled: it waits for damage to be noticed, several times over.
inline constexpr Span k_drill_deadline = Span::minutes(3);

/// One measurement. `run` returns what it found; an error means that it could not be carried out
/// (unknown, with the error's code as the reason). It looks at the deadline between its steps.
struct Probe {
  std::string name;  ///< "area.noun_state", as in the catalogue.
  Method method = Method::Live;
  Span every = k_live_every;
  std::function<Result<Finding>(const Deadline&)> run;
};

using Probes = std::vector<Probe>;

}  // namespace probity::attest
