#include "keep/archive.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/json_writer.hpp"
#include "crypto/hash.hpp"
#include "keep/gzip.hpp"
#include "keep/tar.hpp"

namespace probity::keep {
namespace {

// A member ends when it has one of the two; so does the memory a table needs.
constexpr std::size_t k_member_bytes = 1024U * 1024;
constexpr int k_member_rows = 1000;

constexpr std::string_view k_readme =
    "An archive of everything one organisation has in Probity.\n"
    "\n"
    "THE CONTENT IS IN CLEAR: addresses, questions and answers can be read by whoever has it.\n"
    "\n"
    "schema.json      the tables and their members\n"
    "tables/NAME/*    one JSON object a line, in key order; times are microseconds since 1970 UTC\n"
    "manifest.json    rows and SHA-256 of each table, size and SHA-256 of each file\n"
    "\n"
    "Not in it: passwords, sessions, API tokens, invitation links, keys.\n";

struct MemberFact {
  std::string name;
  std::size_t size;
  std::string sha256_hex;
};

std::string schema_of(const std::vector<module::ExportTable>& tables) {
  JsonWriter json;
  json.begin_object();
  json.key("tables");
  json.begin_array();
  for (const module::ExportTable& table : tables) {
    json.begin_object();
    json.field("name", table.name);
    json.field("imported", table.read != nullptr);
    json.key("members");
    json.begin_array();
    for (const std::string_view column : table.columns)
      json.value(column);
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return std::move(json).text() + "\n";
}

}  // namespace

struct ArchiveStream::State {
  std::unique_ptr<store::Reader> snapshot;
  std::shared_ptr<const crypto::Cipher> cipher;
  std::vector<module::ExportTable> tables;
  store::TenantRecord tenant;
  Instant now;
  GzipWriter gzip;
  std::vector<MemberFact> members;
  TableFacts facts;
  crypto::Sha256 table_hash;
  std::size_t table = 0;
  int part = 0;
  Bytes last_key;
  bool has_begun = false;
  bool is_over = false;

  void put_member(std::string name, std::string_view content, std::string& out) {
    gzip.add(tar_header(name, content.size(), now), out);
    gzip.add(content, out);
    gzip.add(tar_padding(content.size()), out);
    members.push_back({std::move(name), content.size(), to_hex(crypto::sha256(as_bytes(content)))});
  }

  void begin(std::string& out) {
    has_begun = true;
    put_member("README.txt", k_readme, out);
    put_member("schema.json", schema_of(tables), out);
  }

  void end(std::string& out) {
    is_over = true;
    put_member("manifest.json", manifest(), out);
    gzip.add(tar_end(), out);
    gzip.finish(out);
  }

  [[nodiscard]] std::string manifest() const;

  // The objects of a table after the last key, at most a member's worth.
  Result<void> each_object(const module::ExportTable& source, const module::TakeLine& take) {
    const module::RowKeys keys{tenant.id, *cipher};
    if (source.walk != nullptr) return source.walk(*snapshot, keys, last_key, take);
    const auto write_row = [&](const store::Row& row) -> Result<bool> {
      JsonWriter json;
      json.begin_object();
      PROBITY_CHECK(source.write(row, keys, json));
      json.end_object();
      return take(row.bytes(0), json);
    };
    return snapshot->each(*source.list, {tenant.id, last_key, k_member_rows}, write_row);
  }

  // One member of the present table; the table ends with its last row.
  Result<void> put_rows(std::string& out) {
    const module::ExportTable& source = tables[table];
    TableFact& fact = facts[std::string(source.name)];
    fact.is_imported = source.read != nullptr;
    std::string lines;
    Bytes newest_key;  // The statement still holds the last one.
    int rows = 0;
    const auto add_line = [&](BytesView key, JsonWriter& json) -> Result<bool> {
      lines += json.text();
      lines += '\n';
      newest_key.assign(key.begin(), key.end());
      ++rows;
      return lines.size() < k_member_bytes && rows < k_member_rows;
    };
    PROBITY_CHECK(each_object(source, add_line));
    const bool is_cut = lines.size() >= k_member_bytes || rows == k_member_rows;
    if (rows > 0) {
      last_key = std::move(newest_key);
      table_hash.add(as_bytes(lines));
      fact.rows += static_cast<std::uint64_t>(rows);
      put_member(fmt::format("tables/{}/{:06}.jsonl", source.name, ++part), lines, out);
    }
    if (!is_cut) {
      fact.sha256_hex = to_hex(table_hash.finish());
      last_key.clear();
      part = 0;
      ++table;
    }
    return {};
  }
};

std::string ArchiveStream::State::manifest() const {
  JsonWriter json;
  json.begin_object();
  json.field("format", "probity-export");
  json.field("version", 1);
  json.field("made_at", to_rfc3339(now));
  json.key("tenant");
  json.begin_object();
  json.field("id", tenant.id.text());
  json.field("slug", tenant.slug);
  json.field("region", tenant.region);
  json.end_object();
  json.key("tables");
  json.begin_object();
  for (const auto& [name, fact] : facts) {
    json.key(name);
    json.begin_object();
    json.field("rows", fact.rows);
    json.field("sha256", fact.sha256_hex);
    json.field("imported", fact.is_imported);
    json.end_object();
  }
  json.end_object();
  json.key("files");
  json.begin_array();
  for (const MemberFact& member : members) {
    json.begin_object();
    json.field("name", member.name);
    json.field("size", member.size);
    json.field("sha256", member.sha256_hex);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return std::move(json).text() + "\n";
}

ArchiveStream::ArchiveStream(std::unique_ptr<store::Reader> snapshot,
                             std::shared_ptr<const crypto::Cipher> cipher,
                             std::vector<module::ExportTable> tables, store::TenantRecord tenant,
                             Instant now)
    : state_(std::make_unique<State>()) {
  std::erase_if(tables, [](const module::ExportTable& table) {
    return table.write == nullptr && table.walk == nullptr;
  });
  state_->snapshot = std::move(snapshot);
  state_->cipher = std::move(cipher);
  state_->tables = std::move(tables);
  state_->tenant = std::move(tenant);
  state_->now = now;
}

ArchiveStream::~ArchiveStream() = default;

Result<bool> ArchiveStream::next(std::string& out) {
  if (state_->is_over) return false;
  if (!state_->has_begun) {
    state_->begin(out);
  } else if (state_->table < state_->tables.size()) {
    PROBITY_CHECK(state_->put_rows(out));
  } else {
    state_->end(out);
    state_->snapshot.reset();
    return false;
  }
  return true;
}

const TableFacts& ArchiveStream::tables() const { return state_->facts; }

}  // namespace probity::keep
