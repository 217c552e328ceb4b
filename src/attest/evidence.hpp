#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attest/catalogue.hpp"
#include "attest/finding.hpp"
#include "base/id.hpp"
#include "crypto/cipher.hpp"
#include "crypto/hash.hpp"
#include "store/tx.hpp"

namespace probity::attest {

/// How long before its end a record is shown as running out.
inline constexpr Span k_evidence_warning = Span::days(30);
inline constexpr std::size_t k_evidence_records_max = 1000;  ///< A statement reads them all.
inline constexpr std::size_t k_evidence_text_bytes_max = 200;
inline constexpr std::size_t k_evidence_file_bytes_max = 1024 * 1024;  ///< To be hashed here.

inline constexpr crypto::Purpose k_issuer_purpose = "attest.evidence.issuer";
inline constexpr crypto::Purpose k_owner_purpose = "attest.evidence.owner";

/// A document that somebody vouches for; only its hash is kept.
struct EvidenceRecord {
  EvidenceId id;
  std::string kind;  ///< One of the catalogue's.
  crypto::Digest sha256{};
  Instant issued_at;
  Instant expires_at;
  Instant filed_at;
  std::string issuer;  ///< Who wrote it; published.
  std::string owner;   ///< Who answers for it inside the organisation; not published.
};

/// When a record stops counting for a promise: its expiry, or earlier when the promise asks for a
/// document younger than that. Pure.
[[nodiscard]] Instant end_of(const EvidenceRecord& record, const Promise& promise);

/// The record of the promise's kind that counts longest; null when there is none. Pure.
[[nodiscard]] const EvidenceRecord* best_record(std::span<const EvidenceRecord> records,
                                                const Promise& promise);

/// Records of a tenant in order of filing, after `after` (nil: from the first), at most `limit`.
/// The reader's grant must read "attest".
[[nodiscard]] Result<std::vector<EvidenceRecord>> list_evidence(store::Reader& reader,
                                                                const crypto::Cipher& cipher,
                                                                EvidenceId after, int limit);

/// As the API shows it.
[[nodiscard]] std::string evidence_json(const EvidenceRecord& record);

/// What a caller sends to file one.
struct EvidenceOrder {
  std::string kind;
  crypto::Digest sha256{};
  Instant issued_at;
  Instant expires_at;
  std::string issuer;
  std::string owner;
};

/// Reads and checks the body of POST /api/v1/evidence: `kind`, `issuer`, `owner`, `issued`,
/// `expires` (RFC 3339), and `sha256` (hexadecimal) or `file` (base64url of at most 1 MiB, hashed
/// and forgotten). BadRequest or LimitExceeded name the fields.
[[nodiscard]] Result<EvidenceOrder> read_order(const boost::json::value& body,
                                               const Catalogue& catalogue, Instant now);

}  // namespace probity::attest
