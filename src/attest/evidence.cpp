#include "attest/evidence.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "sql/attest.hpp"
#include "web/body.hpp"

namespace probity::attest {
namespace {

Result<std::string> opened(const crypto::Cipher& cipher, crypto::Purpose purpose,
                           const EvidenceId& id, const Bytes& sealed) {
  PROBITY_TRY(plain, cipher.open(purpose, id.bytes(), sealed));
  return std::string(as_text(plain));
}

Instant read_time(web::Fields& fields, std::string_view name) {
  const std::string text = fields.text(name, {.bytes_max = 40});
  const auto at = parse_rfc3339(text);
  if (!at && !text.empty()) fields.refuse(name, "not a date (2026-01-31) or an RFC 3339 time");
  return at.value_or(Instant());
}

std::optional<crypto::Digest> digest_of_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  crypto::Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return {};
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

/// The hash given, or of the file given; exactly one of the two.
crypto::Digest read_digest(web::Fields& fields) {
  const auto hex = fields.maybe_text("sha256", {.bytes_max = 64});
  const auto file = fields.maybe_text("file", {.bytes_max = k_evidence_file_bytes_max * 4 / 3 + 4});
  if (hex.has_value() == file.has_value()) {
    fields.refuse("sha256", "give either the SHA-256 of the file or the file itself, in `file`");
    return {};
  }
  if (hex) {
    const auto digest = digest_of_hex(*hex);
    if (!digest) fields.refuse("sha256", "not 64 hexadecimal digits");
    return digest.value_or(crypto::Digest{});
  }
  const auto content = from_base64url(*file);
  if (!content) fields.refuse("file", "not base64url (RFC 4648, section 5, without padding)");
  return content ? crypto::sha256(*content) : crypto::Digest{};
}

}  // namespace

Instant end_of(const EvidenceRecord& record, const Promise& promise) {
  if (!promise.evidence_max_days) return record.expires_at;
  return std::min(record.expires_at, record.issued_at + Span::days(*promise.evidence_max_days));
}

const EvidenceRecord* best_record(std::span<const EvidenceRecord> records, const Promise& promise) {
  const EvidenceRecord* best = nullptr;
  for (const EvidenceRecord& record : records) {
    if (record.kind != promise.evidence_kind) continue;
    if (best == nullptr || end_of(record, promise) > end_of(*best, promise)) best = &record;
  }
  return best;
}

Result<std::vector<EvidenceRecord>> list_evidence(store::Reader& reader,
                                                  const crypto::Cipher& cipher, EvidenceId after,
                                                  int limit) {
  std::vector<EvidenceRecord> records;
  PROBITY_CHECK(reader.each(
      sql::attest::evidence_after, {reader.space().tenant(), after, limit},
      [&](const store::Row& row) -> Result<bool> {
        EvidenceRecord record;
        record.id = row.id<EvidenceId>(0);
        record.kind = row.text(1);
        const BytesView digest = row.bytes(2);
        if (digest.size() != record.sha256.size()) return fail(Code::IntegrityError, "evidence");
        std::ranges::copy(digest, record.sha256.begin());
        record.issued_at = row.instant(3);
        record.expires_at = row.instant(4);
        record.filed_at = row.instant(5);
        PROBITY_TRY(issuer, opened(cipher, k_issuer_purpose, record.id, to_bytes(row.bytes(6))));
        PROBITY_TRY(owner, opened(cipher, k_owner_purpose, record.id, to_bytes(row.bytes(7))));
        record.issuer = std::move(issuer);
        record.owner = std::move(owner);
        records.push_back(std::move(record));
        return true;
      }));
  return records;
}

std::string evidence_json(const EvidenceRecord& record) {
  JsonWriter json;
  json.begin_object();
  json.field("id", record.id.text());
  json.field("kind", record.kind);
  json.field("sha256", to_hex(record.sha256));
  json.field("issuer", record.issuer);
  json.field("owner", record.owner);
  json.field("issued", to_rfc3339(record.issued_at));
  json.field("expires", to_rfc3339(record.expires_at));
  json.field("filed_at", to_rfc3339(record.filed_at));
  json.end_object();
  return std::move(json).text();
}

Result<EvidenceOrder> read_order(const boost::json::value& body, const Catalogue& catalogue,
                                 Instant now) {
  web::Fields fields(body);
  EvidenceOrder order;
  order.kind = fields.text("kind", {.bytes_max = 64});
  order.issuer = fields.text("issuer", {.bytes_max = k_evidence_text_bytes_max});
  order.owner = fields.text("owner", {.bytes_max = k_evidence_text_bytes_max});
  order.issued_at = read_time(fields, "issued");
  order.expires_at = read_time(fields, "expires");
  order.sha256 = read_digest(fields);
  const auto is_known = [&](const Promise& p) { return p.evidence_kind == order.kind; };
  if (!order.kind.empty() && std::ranges::none_of(catalogue.promises, is_known))
    fields.refuse("kind", "not a kind of evidence; docs/promises.md lists them");
  // A day of grace for dates given without a time in a zone ahead of UTC.
  if (order.issued_at > now + Span::days(1)) fields.refuse("issued", "lies in the future");
  if (order.expires_at <= order.issued_at) fields.refuse("expires", "is not after `issued`");
  PROBITY_CHECK(fields.finish());
  return order;
}

}  // namespace probity::attest
