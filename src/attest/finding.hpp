#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"

namespace probity::attest {

/// What the statement says of a sentence (docs/statement.md, the five statuses).
enum class Status : std::uint8_t { Held, Broken, Unknown, Off, NotBuilt };
/// "held", "broken", "unknown", "off", "not_built".
[[nodiscard]] std::string_view text_of(Status status);
[[nodiscard]] std::optional<Status> parse_status(std::string_view text);

/// What one measurement found: held, broken or unknown, and the evidence, a JSON object of numbers
/// and words of the program. Published: it must hold nothing personal and nothing secret.
struct Finding {
  Status status = Status::Unknown;
  std::string evidence_json = "{}";
};

/// Collects the evidence of one measurement and judges it: broken as soon as one observation
/// contradicts the sentence, unknown when something needed for a judgement was missing, held when
/// neither was the case. So a probe that never looked can not be green by default: it must also
/// have counted at least one observation.
class Observations {
 public:
  /// A number or word for the reader ("versions_refused").
  void note(std::string_view name, std::int64_t value);
  void note(std::string_view name, std::string_view value);
  /// One thing looked at: it is as promised, or not; `what` names it and is published when not.
  void expect(bool is_as_promised, std::string_view what);
  /// Something without which nothing can be said: when missing, the result is unknown.
  void need(bool is_there, std::string_view what);
  /// What could not be done, as the reason of an unknown result.
  void give_up(std::string_view reason);
  [[nodiscard]] bool has_given_up() const { return !missing_.empty(); }
  [[nodiscard]] bool has_contradiction() const { return !contradictions_.empty(); }
  [[nodiscard]] Finding finding() const;

 private:
  std::string notes_;           // Members of a JSON object, without its braces.
  std::string contradictions_;  // Items of a JSON array.
  std::string missing_;
  int looked_ = 0;
  int contradicted_ = 0;
};

/// The last result of a probe, as kept and shown.
struct ProbeResult {
  std::string probe;
  Finding finding;
  Instant checked_at;  ///< End of the measurement.
  Instant next_due;    ///< After this it counts no more: overdue.
};

}  // namespace probity::attest
