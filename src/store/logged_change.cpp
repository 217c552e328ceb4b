#include "store/logged_change.hpp"

#include <algorithm>

namespace probity::store {
namespace {

void append_entry(Bytes& out, const JournalEntry& entry) {
  append_sized(out, entry.id.bytes());
  append_u64(out, static_cast<std::uint64_t>(entry.at.us()));
  append_sized(out, as_bytes(entry.action));
  append_sized(out, as_bytes(entry.actor));
  append_sized(out, as_bytes(entry.object));
  append_sized(out, as_bytes(entry.outcome));
  append_sized(out, entry.detail);
}

std::unexpected<Error> damaged() {
  return fail(Code::IntegrityError, "a record of the commit log does not hold together");
}

std::string read_text(ByteReader& reader) { return std::string(as_text(reader.sized())); }

Result<JournalEntry> read_entry(ByteReader& reader) {
  const auto id = AuditId::from_bytes(reader.sized());
  if (!id) return damaged();
  JournalEntry entry;
  entry.id = *id;
  entry.at = Instant::from_us(static_cast<std::int64_t>(reader.u64()));
  entry.action = read_text(reader);
  entry.actor = read_text(reader);
  entry.object = read_text(reader);
  entry.outcome = read_text(reader);
  entry.detail = to_bytes(reader.sized());
  return entry;
}

Result<LoggedChange> read_record(ByteReader& reader) {
  LoggedChange change;
  const auto tenant = TenantId::from_bytes(reader.sized());
  const BytesView epoch = reader.sized();
  if (!tenant || epoch.size() != change.epoch.bytes.size()) return damaged();
  change.tenant = *tenant;
  std::ranges::copy(epoch, change.epoch.bytes.begin());
  change.position = reader.u64();
  change.kind = read_text(reader);
  change.content = to_bytes(reader.sized());
  const std::uint32_t entries = reader.u32();
  for (std::uint32_t i = 0; i < entries && reader.is_whole(); ++i) {
    PROBITY_TRY(entry, read_entry(reader));
    change.entries.push_back(std::move(entry));
  }
  if (!reader.is_whole()) return damaged();
  return change;
}

}  // namespace

void append_record(Bytes& records, const LoggedChange& change) {
  append_sized(records, change.tenant.bytes());
  append_sized(records, change.epoch.bytes);
  append_u64(records, change.position);
  append_sized(records, as_bytes(change.kind));
  append_sized(records, change.content);
  append_u32(records, static_cast<std::uint32_t>(change.entries.size()));
  for (const JournalEntry& entry : change.entries)
    append_entry(records, entry);
}

Result<std::vector<LoggedChange>> read_records(BytesView records) {
  std::vector<LoggedChange> changes;
  ByteReader reader(records);
  while (!reader.is_at_end()) {
    PROBITY_TRY(change, read_record(reader));
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace probity::store
