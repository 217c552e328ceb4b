#include "attest/archive.hpp"

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>

#include "attest/evidence.hpp"
#include "sql/attest.hpp"

namespace probity::attest {
namespace {

namespace q = sql::attest;
using module::ArchiveRow;
using module::RowKeys;
using module::RowStore;

constexpr auto k_columns = std::to_array<std::string_view>(
    {"id", "kind", "sha256", "issued_at", "expires_at", "filed_at", "issuer", "owner"});

std::optional<std::string> text_in(const ArchiveRow& row, std::string_view name) {
  const auto* value = row.values.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

std::optional<std::int64_t> number_in(const ArchiveRow& row, std::string_view name) {
  const auto* value = row.values.if_contains(name);
  if (value == nullptr || !value->is_int64()) return {};
  return value->get_int64();
}

Result<void> write_evidence(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  const auto id = row.id<EvidenceId>(0);
  PROBITY_TRY(issuer, keys.cipher.open(k_issuer_purpose, id.bytes(), row.bytes(6)));
  PROBITY_TRY(owner, keys.cipher.open(k_owner_purpose, id.bytes(), row.bytes(7)));
  json.field("id", id.text());
  json.field("kind", row.text(1));
  json.field("sha256", to_hex(row.bytes(2)));
  json.field("issued_at", row.integer(3));
  json.field("expires_at", row.integer(4));
  json.field("filed_at", row.integer(5));
  json.field("issuer", as_text(issuer));
  json.field("owner", as_text(owner));
  return {};
}

/// Dates of evidence are what a person wrote: years 0000 to 9999.
bool is_date(std::optional<std::int64_t> us) {
  return us && *us >= module::k_archive_date_least_us && *us <= module::k_archive_moment_most_us;
}

bool is_short(const std::optional<std::string>& text) {
  return text && text->size() <= k_evidence_text_bytes_max;
}

Result<RowStore> read_evidence(const ArchiveRow& row, const RowKeys& keys) {
  const auto id = EvidenceId::parse(text_in(row, "id").value_or(""));
  const auto kind = text_in(row, "kind");
  const auto digest = from_hex(text_in(row, "sha256").value_or("?"));
  const auto issued = number_in(row, "issued_at");
  const auto expires = number_in(row, "expires_at");
  const auto filed = number_in(row, "filed_at");
  const auto issuer = text_in(row, "issuer");
  const auto owner = text_in(row, "owner");
  const bool is_whole = id && is_short(kind) && digest &&
                        digest->size() == sizeof(crypto::Digest) && is_date(issued) &&
                        is_date(expires) && is_date(filed) && is_short(issuer) && is_short(owner);
  if (!is_whole) return fail(Code::BadRequest, "a row of attest_evidence is not understood");
  PROBITY_TRY(sealed_issuer, keys.cipher.seal(k_issuer_purpose, id->bytes(), as_bytes(*issuer)));
  PROBITY_TRY(sealed_owner, keys.cipher.seal(k_owner_purpose, id->bytes(), as_bytes(*owner)));
  return [=, tenant = keys.tenant, issuer_bytes = std::move(sealed_issuer),
          owner_bytes = std::move(sealed_owner)](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::insert_evidence, {tenant, *id, *kind, *digest, *issued, *expires,
                                              *filed, issuer_bytes, owner_bytes}));
    return {};
  };
}

}  // namespace

std::vector<module::ExportTable> evidence_archive() {
  return {{"attest_evidence", &q::export_evidence, k_columns, write_evidence, read_evidence,
           &q::clear_evidence}};
}

}  // namespace probity::attest
