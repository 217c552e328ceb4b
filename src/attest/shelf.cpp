#include "attest/shelf.hpp"

#include <algorithm>
#include <utility>

#include "attest/grant.hpp"
#include "audit/entry.hpp"
#include "sql/attest.hpp"

namespace probity::attest {
namespace {

Bytes row_of(std::int64_t number) {
  Bytes row;
  append_u64(row, static_cast<std::uint64_t>(number));
  return row;
}

Result<VersionLine> line_of(const store::Row& row) {
  VersionLine line{row.integer(0), row.instant(1), {}};
  const BytesView digest = row.bytes(2);
  if (digest.size() != line.digest.size()) return fail(Code::IntegrityError, "version digest");
  std::ranges::copy(digest, line.digest.begin());
  return line;
}

}  // namespace

Result<void> Shelf::keep(const ProbeResult& result) {
  PROBITY_TRY(cipher, engine_.cipher(store::Space::system()));
  PROBITY_TRY(sealed, cipher->seal(k_evidence_purpose, as_bytes(result.probe),
                                   as_bytes(result.finding.evidence_json)));
  store::Change change{
      .grant = k_grant,
      .apply = [&](store::Tx& tx) -> Result<store::Journal> {
        PROBITY_CHECK(tx.run(sql::attest::store_result,
                             {result.probe, text_of(result.finding.status), result.checked_at,
                              result.next_due, build_, sealed}));
        return store::Journal{};
      },
      .on_refusal = {},
      .growth = store::Growth::Essential};
  return engine_.apply(store::Space::system(), std::move(change));
}

Result<std::map<std::string, ProbeResult, std::less<>>> Shelf::results() {
  PROBITY_TRY(cipher, engine_.cipher(store::Space::system()));
  PROBITY_TRY(reader, engine_.read(store::Space::system(), k_grant));
  std::map<std::string, ProbeResult, std::less<>> results;
  PROBITY_CHECK(reader->each(sql::attest::results, {}, [&](const store::Row& row) -> Result<bool> {
    const auto status = parse_status(row.text(1));
    if (!status || row.text(4) != build_) return true;
    ProbeResult result{std::string(row.text(0)), {}, row.instant(2), row.instant(3)};
    PROBITY_TRY(evidence, cipher->open(k_evidence_purpose, as_bytes(result.probe), row.bytes(5)));
    result.finding = {*status, std::string(as_text(evidence))};
    results.emplace(result.probe, std::move(result));
    return true;
  }));
  return results;
}

Result<std::vector<VersionLine>> Shelf::versions() {
  PROBITY_TRY(reader, engine_.read(store::Space::system(), k_grant));
  std::vector<VersionLine> lines;
  PROBITY_CHECK(reader->each(sql::attest::versions, {}, [&](const store::Row& row) -> Result<bool> {
    PROBITY_TRY(line, line_of(row));
    lines.push_back(line);
    return true;
  }));
  return lines;
}

Result<std::optional<StoredVersion>> Shelf::read_version(const store::Query& query,
                                                         store::Values values) {
  PROBITY_TRY(cipher, engine_.cipher(store::Space::system()));
  PROBITY_TRY(reader, engine_.read(store::Space::system(), k_grant));
  std::optional<StoredVersion> found;
  PROBITY_CHECK(reader->each(query, values, [&](const store::Row& row) -> Result<bool> {
    PROBITY_TRY(line, line_of(row));
    const Bytes binding = row_of(line.number);
    PROBITY_TRY(document, cipher->open(k_document_purpose, binding, row.bytes(3)));
    PROBITY_TRY(changes, cipher->open(k_changes_purpose, binding, row.bytes(4)));
    PROBITY_TRY(list, parse_differences(as_text(changes)));
    found = StoredVersion{line, std::string(as_text(document)), std::move(list)};
    return false;
  }));
  return found;
}

Result<StoredVersion> Shelf::version(std::int64_t number) {
  PROBITY_TRY(found, read_version(sql::attest::version, {number}));
  if (!found) return fail(Code::NotFound);
  return std::move(*found);
}

Result<std::optional<StoredVersion>> Shelf::newest_version() {
  return read_version(sql::attest::newest_version, {});
}

Result<void> Shelf::publish(const StoredVersion& version) {
  PROBITY_TRY(cipher, engine_.cipher(store::Space::system()));
  const Bytes binding = row_of(version.line.number);
  PROBITY_TRY(document, cipher->seal(k_document_purpose, binding, as_bytes(version.document)));
  const std::string changes_text = differences_json(version.changes);
  PROBITY_TRY(changes, cipher->seal(k_changes_purpose, binding, as_bytes(changes_text)));
  PROBITY_TRY(entry, audit::make_entry(*cipher, {.at = version.line.effective_at,
                                                 .action = "statement.make",
                                                 .actor = "system",
                                                 .object = std::to_string(version.line.number)}));
  store::Change change{.grant = k_grant,
                       .apply = [&](store::Tx& tx) -> Result<store::Journal> {
                         PROBITY_CHECK(tx.run(sql::attest::insert_version,
                                              {version.line.number, version.line.effective_at,
                                               version.line.digest, document, changes}));
                         return store::Journal{entry};
                       },
                       .on_refusal = {},
                       .growth = store::Growth::Essential};
  return engine_.apply(store::Space::system(), std::move(change));
}

}  // namespace probity::attest
