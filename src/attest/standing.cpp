#include "attest/standing.hpp"

#include "base/json_writer.hpp"

namespace probity::attest {
namespace {

/// Clocks of two nodes may differ by this much.
constexpr Span k_clock_tolerance = Span::minutes(1);

std::string reason_json(std::string_view reason) {
  JsonWriter json;
  json.begin_object();
  json.field("reason", reason);
  json.end_object();
  return std::move(json).text();
}

Standing by_evidence(const Promise& promise, const Measured& measured, Instant now) {
  Standing standing{.promise = &promise, .checked_at = {}, .next_due = {}, .evidence_json = {}};
  const EvidenceRecord* record = best_record(measured.evidence, promise);
  if (record == nullptr) {
    standing.evidence_json = reason_json("no evidence filed");
    return standing;
  }
  const Instant end = end_of(*record, promise);
  standing.status = now < end ? Status::Held : Status::Broken;
  standing.checked_at = record->filed_at;
  standing.next_due = end;
  JsonWriter json;
  json.begin_object();
  json.field("kind", record->kind);
  json.field("sha256", to_hex(record->sha256));
  json.field("issuer", record->issuer);
  json.field("issued", to_rfc3339(record->issued_at));
  json.field("expires", to_rfc3339(record->expires_at));
  if (now >= end)
    json.field("reason", "expired");
  else if (now >= end - k_evidence_warning)
    json.field("expires_soon", true);
  json.end_object();
  standing.evidence_json = std::move(json).text();
  return standing;
}

Standing by_probe(const Promise& promise, const Measured& measured, Instant now) {
  Standing standing{.promise = &promise, .checked_at = {}, .next_due = {}, .evidence_json = {}};
  if (promise.probe.empty() || !measured.probes.contains(promise.probe)) {
    standing.status = Status::NotBuilt;
    standing.evidence_json = reason_json(promise.probe.empty() ? "not built" : "no probe");
    return standing;
  }
  const auto found = measured.results.find(promise.probe);
  if (found == measured.results.end()) {
    standing.evidence_json = reason_json("not measured yet");
    return standing;
  }
  const ProbeResult& result = found->second;
  standing.checked_at = result.checked_at;
  standing.next_due = result.next_due;
  // Only a measurement that succeeds makes a broken sentence anything else.
  const bool is_broken = result.finding.status == Status::Broken;
  if (!is_broken && now >= result.next_due) {
    standing.evidence_json = reason_json("overdue");
    return standing;
  }
  if (!is_broken && result.checked_at > now + k_clock_tolerance) {
    standing.evidence_json = reason_json("measured in the future: the clock went back");
    return standing;
  }
  standing.status = result.finding.status;
  standing.evidence_json = result.finding.evidence_json;
  return standing;
}

}  // namespace

std::vector<Standing> judge(const Catalogue& catalogue, const Measured& measured, Instant now) {
  std::vector<Standing> standings;
  standings.reserve(catalogue.promises.size());
  for (const Promise& promise : catalogue.promises)
    standings.push_back(promise.method == Method::Evidence ? by_evidence(promise, measured, now)
                                                           : by_probe(promise, measured, now));
  return standings;
}

Counts count(const std::vector<Standing>& standings) {
  Counts counts;
  for (const Standing& standing : standings) {
    switch (standing.status) {
      case Status::Held: ++counts.held; break;
      case Status::Broken: ++counts.broken; break;
      case Status::Unknown: ++counts.unknown; break;
      case Status::Off: ++counts.off; break;
      case Status::NotBuilt: ++counts.not_built; break;
    }
  }
  return counts;
}

}  // namespace probity::attest
