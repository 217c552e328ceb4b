#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attest/finding.hpp"
#include "attest/statement.hpp"
#include "store/engine.hpp"

namespace probity::attest {

inline constexpr crypto::Purpose k_evidence_purpose = "attest.result.evidence";
inline constexpr crypto::Purpose k_document_purpose = "attest.version.document";
inline constexpr crypto::Purpose k_changes_purpose = "attest.version.changes";

/// A stored version, without its content.
struct VersionLine {
  std::int64_t number = 0;
  Instant effective_at;
  crypto::Digest digest{};
};

/// A stored version with its signed document and its differences from the one before.
struct StoredVersion {
  VersionLine line;
  std::string document;
  std::vector<Difference> changes;
};

/// What the statement keeps in the system's space: results of probes and published versions.
/// Threads: any.
class Shelf {
 public:
  Shelf(store::Engine& engine, std::string build) : engine_(engine), build_(std::move(build)) {}

  [[nodiscard]] Result<void> keep(const ProbeResult& result);
  /// Of this build alone: what another one measured says nothing of this one.
  [[nodiscard]] Result<std::map<std::string, ProbeResult, std::less<>>> results();

  /// Oldest first.
  [[nodiscard]] Result<std::vector<VersionLine>> versions();
  /// NotFound when there is none of that number.
  [[nodiscard]] Result<StoredVersion> version(std::int64_t number);
  [[nodiscard]] Result<std::optional<StoredVersion>> newest_version();
  /// Conflict when another node has published that number.
  [[nodiscard]] Result<void> publish(const StoredVersion& version);

 private:
  [[nodiscard]] Result<std::optional<StoredVersion>> read_version(const store::Query& query,
                                                                  store::Values values);
  store::Engine& engine_;
  std::string build_;
};

}  // namespace probity::attest
