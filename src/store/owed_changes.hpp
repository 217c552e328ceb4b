#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "store/commit_log.hpp"
#include "store/logged_change.hpp"
#include "store/sqlite_connection.hpp"

namespace probity::store {

/// Changes and bytes after which an open group is written to its file: what a reader may have to
/// wait for.
inline constexpr std::size_t k_open_group_changes_max = 512;
inline constexpr std::size_t k_open_group_bytes_max = 1024UL * 1024;

/// How far the commit log's Changes are written into a file.
struct LogPlace {
  RawId epoch;
  std::uint64_t written = 0;  ///< Position of the last Change in the file.
};

/// What a file owes: Changes that were given to the commit log, acknowledged or about to be, and
/// are not yet committed to the file. Guarded by the file's writer mutex.
struct OwedChanges {
  std::optional<LogPlace> place;  ///< Nothing until the first group that may be gathered.
  /// In the order of their positions, which follow `place->written` without a gap.
  std::vector<LoggedChange> changes;
  /// The open transaction in which all of `changes` have run and wait to be written; null when they
  /// must be done again: after a start or a failure.
  std::unique_ptr<SqliteSession> open;
  std::size_t bytes = 0;               ///< Of the contents of `changes`.
  Span since;                          ///< When the transaction was opened.
  std::vector<CommitLog::Hold> holds;  ///< On the log's segments that have them.

  /// Position of the next Change.
  [[nodiscard]] std::uint64_t next_position() const {
    return changes.empty() ? place->written + 1 : changes.back().position + 1;
  }
  /// Gives the open transaction up: what is owed must be done again.
  void drop_open() {
    if (open) open->rollback();
    open.reset();
  }
  /// Forgets all but the place.
  void clear() {
    drop_open();
    changes.clear();
    bytes = 0;
    holds.clear();
  }
};

}  // namespace probity::store
