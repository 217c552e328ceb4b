#include "store/owed_writer.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "sql/store.hpp"
#include "store/group.hpp"

namespace probity::store {
namespace {

std::vector<const JournalEntry*> entries_of(std::span<const LoggedChange> changes) {
  std::vector<const JournalEntry*> entries;
  for (const LoggedChange& change : changes) {
    for (const JournalEntry& entry : change.entries)
      entries.push_back(&entry);
  }
  return entries;
}

}  // namespace

Result<std::optional<LogPlace>> read_place(Session& session) {
  return session.first(sql::store::log_place, {session.space().tenant()}, [](const Row& row) {
    LogPlace place;
    const BytesView epoch = row.bytes(0);
    std::copy_n(epoch.begin(), std::min(epoch.size(), place.epoch.bytes.size()),
                place.epoch.bytes.begin());
    place.written = static_cast<std::uint64_t>(row.integer(1));
    return place;
  });
}

Result<void> OwedWriter::find_place(OpenFile& file, const Space& space) {
  SqliteSession session(space, file.writer());
  PROBITY_CHECK(session.begin());
  session.enter(k_grant_all, Session::Company::Alone);
  auto place = read_place(session);
  if (place && !*place) {
    *place = LogPlace{make_raw_id(Instant()), 0};
    auto begun = session.run(sql::store::begin_log_place, {space.tenant(), (*place)->epoch.bytes});
    Result<void> ended;
    if (begun) ended = session.commit();
    if (!begun || !ended) {
      session.rollback();
      file.doubt();
      return fail(Code::StorageFailed, "the place in the commit log could not be made");
    }
  } else {
    session.rollback();
  }
  if (!place) return std::unexpected(std::move(place).error());
  file.owed().place = *place;
  return {};
}

Result<void> OwedWriter::write(OpenFile& file) {
  OwedChanges& owed = file.owed();
  if (owed.open && write_open(file)) return {};
  if (owed.changes.empty()) {
    file.clear_debt();
    return {};
  }
  auto redone = redo_owed(file);
  if (!redone) {
    parts_.log.failure("owed_changes_not_written", {{"file", file.path().filename().string()},
                                                    {"changes", owed.changes.size()},
                                                    {"detail", redone.error().detail}});
  }
  return redone;
}

Result<void> OwedWriter::write_open(OpenFile& file) {
  OwedChanges& owed = file.owed();
  auto written = commit_changes(file, *owed.open, owed.changes);
  if (!written) {
    parts_.log.failure("group_failed", {{"file", file.path().filename().string()},
                                        {"changes", owed.changes.size()},
                                        {"detail", written.error().detail}});
    owed.drop_open();
    file.doubt();
    return written;
  }
  file.clear_debt();
  return {};
}

Result<void> OwedWriter::commit_changes(OpenFile& file, Session& session,
                                        std::span<const LoggedChange> changes) {
  PROBITY_CHECK(write_gathered(session, entries_of(changes), {parts_.journaler, parts_.log}));
  if (changes.empty()) {
    session.rollback();
    return {};
  }
  const std::uint64_t position = changes.back().position;
  PROBITY_CHECK(session.run(sql::store::move_log_place,
                            {session.space().tenant(), static_cast<std::int64_t>(position)}));
  PROBITY_CHECK(session.commit());
  file.owed().place->written = position;
  return {};
}

// In one transaction, so that another process that sees the place move sees all of it.
Result<void> OwedWriter::redo_owed(OpenFile& file) {
  OwedChanges& owed = file.owed();
  PROBITY_CHECK(file.mend());
  const Space space = Space::of(owed.changes.front().tenant);
  if (!owed.place) PROBITY_CHECK(find_place(file, space));
  SqliteSession session(space, file.writer());
  Result<void> redone = session.begin();
  if (redone) redone = take_what_is_due(file, session);
  for (const LoggedChange& change : owed.changes) {
    if (!redone) break;
    redone = redo_one(session, change);
  }
  if (redone) redone = commit_changes(file, session, owed.changes);
  if (!redone) {
    session.rollback();
    file.doubt();
    return redone;
  }
  file.clear_debt();
  return {};
}

// Drops what lies in the file already. Inside the transaction: another process may have written it
// since this one looked.
Result<void> OwedWriter::take_what_is_due(OpenFile& file, Session& session) {
  OwedChanges& owed = file.owed();
  session.enter(k_grant_all, Session::Company::Alone);
  PROBITY_TRY(found, read_place(session));
  if (!found) return fail(Code::IntegrityError, "the place in the commit log vanished");
  const LogPlace place = *found;
  owed.place = place;
  const auto strangers = std::erase_if(
      owed.changes, [&](const LoggedChange& change) { return change.epoch != place.epoch; });
  if (strangers > 0) {
    parts_.log.failure("owed_to_another_file",
                       {{"file", file.path().filename().string()}, {"changes", strangers}});
  }
  std::erase_if(owed.changes,
                [&](const LoggedChange& change) { return change.position <= place.written; });
  std::uint64_t expected = place.written;
  for (const LoggedChange& change : owed.changes) {
    if (change.position != ++expected)
      return fail(Code::IntegrityError, "the commit log misses changes of this file");
  }
  return {};
}

Result<void> OwedWriter::redo_one(Session& session, const LoggedChange& change) {
  if (change.kind.empty()) return {};
  const auto redoer = std::ranges::find(parts_.redoers, change.kind, &Redoer::kind);
  if (redoer == parts_.redoers.end())
    return fail(Code::NewerData, fmt::format("nothing here redoes {}", change.kind));
  session.enter((*redoer)->grant(), Session::Company::Others);
  PROBITY_CHECK((*redoer)->redo(session, change.content));
  if (session.failure()) return std::unexpected(*session.failure());
  return session.accept();
}

}  // namespace probity::store
