#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "attest/catalogue.hpp"
#include "attest/evidence.hpp"
#include "attest/finding.hpp"

namespace probity::attest {

/// Everything a statement is judged from.
struct Measured {
  std::set<std::string, std::less<>> probes;                ///< Registered in this process.
  std::map<std::string, ProbeResult, std::less<>> results;  ///< By probe.
  std::vector<EvidenceRecord> evidence;
};

/// Where one sentence stands at a moment.
struct Standing {
  const Promise* promise = nullptr;
  Status status = Status::Unknown;
  std::optional<Instant> checked_at;
  std::optional<Instant> next_due;
  std::string evidence_json;  ///< A JSON object.
};

/// Judges every promise, in the catalogue's order, which must outlive the result. A promise without
/// a recent measurement is never held (docs/statement.md). Pure.
[[nodiscard]] std::vector<Standing> judge(const Catalogue& catalogue, const Measured& measured,
                                          Instant now);

/// How many sentences have each status.
struct Counts {
  int held = 0;
  int broken = 0;
  int unknown = 0;
  int off = 0;
  int not_built = 0;
};
[[nodiscard]] Counts count(const std::vector<Standing>& standings);

}  // namespace probity::attest
