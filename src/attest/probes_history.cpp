#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "attest/probes.hpp"
#include "attest/verify.hpp"
#include "crypto/hash.hpp"

namespace probity::attest {
namespace {

/// Versions read in full; of older ones number, date and digest are looked at.
constexpr std::size_t k_read_max = 20;

void look_at_lines(const std::vector<VersionLine>& lines, Instant now, Observations& seen) {
  Instant before;
  std::int64_t number = 0;
  for (const VersionLine& line : lines) {
    seen.expect(line.number == ++number, fmt::format("version {} is missing", number));
    seen.expect(line.effective_at > before && line.effective_at <= now + Span::minutes(1),
                fmt::format("version {} is undated or out of order", line.number));
    before = line.effective_at;
    number = line.number;
  }
}

/// A statement of test mode is never valid; its signature can be good all the same.
bool is_signed(const std::string& document, const std::vector<PublishedKey>& keys, Instant now) {
  for (const std::string& line : verify_statement(document, keys_json(keys), now).lines)
    if (line.starts_with("The signature is good")) return true;
  return false;
}

Result<void> look_at_content(const HistorySubject& subject, const VersionLine& line,
                             const std::string& predecessor, Instant now, Observations& seen) {
  const auto version = subject.version(line.number);
  seen.expect(version.has_value(), fmt::format("version {} cannot be read", line.number));
  if (!version) return {};
  seen.expect(crypto::sha256(as_bytes(version->document)) == line.digest,
              fmt::format("version {} is not what was published", line.number));
  seen.expect(is_signed(version->document, subject.keys, now),
              fmt::format("version {} bears no valid signature", line.number));
  if (predecessor.empty()) return {};
  const auto changes = differences(predecessor, version->document);
  seen.expect(changes && *changes == version->changes,
              fmt::format("version {} differs from its recorded difference", line.number));
  return {};
}

Result<Finding> measure(const Ground& ground, const HistorySubject& subject) {
  Observations seen;
  const Instant now = ground.clock.now();
  PROBITY_TRY(lines, subject.versions());
  seen.need(!lines.empty(), "no version has been published yet");
  look_at_lines(lines, now, seen);
  const std::size_t first = lines.size() > k_read_max ? lines.size() - k_read_max : 0;
  std::string predecessor;
  for (std::size_t i = first; i < lines.size(); ++i) {
    PROBITY_CHECK(look_at_content(subject, lines[i], predecessor, now, seen));
    const auto version = subject.version(lines[i].number);
    predecessor = version ? version->document : std::string();
  }
  seen.note("versions", static_cast<std::int64_t>(lines.size()));
  return seen.finding();
}

}  // namespace

Probes history_probes(const Ground& ground, HistorySubject subject) {
  Probes probes;
  probes.push_back({.name = "statement.versions_dated",
                    .run = [ground, subject = std::move(subject)](const Deadline&) {
                      return measure(ground, subject);
                    }});
  return probes;
}

}  // namespace probity::attest
