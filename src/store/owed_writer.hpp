#pragma once

#include <optional>
#include <span>

#include "store/engine.hpp"
#include "store/session.hpp"
#include "store/sqlite_file.hpp"

namespace probity::store {

/// How far the commit log's Changes are written into the file the session reads; nothing when none
/// ever was.
[[nodiscard]] Result<std::optional<LogPlace>> read_place(Session& session);

/// Brings what the commit log has into the file that owes it: by the commit of the transaction that
/// is open with it or, after a failure or a death, by doing it again. Threads: the holder of the
/// file's writer mutex.
class OwedWriter {
 public:
  explicit OwedWriter(const EngineParts& parts) : parts_(parts) {}

  /// Reads the file's place into its debts, or makes it.
  [[nodiscard]] Result<void> find_place(OpenFile& file, const Space& space);
  /// Everything owed is committed to the file when it returns. On failure it stays owed, and the
  /// reason is logged. NewerData when nothing here redoes a Change.
  [[nodiscard]] Result<void> write(OpenFile& file);

 private:
  [[nodiscard]] Result<void> write_open(OpenFile& file);
  [[nodiscard]] Result<void> redo_owed(OpenFile& file);
  [[nodiscard]] Result<void> take_what_is_due(OpenFile& file, Session& session);
  [[nodiscard]] Result<void> redo_one(Session& session, const LoggedChange& change);
  [[nodiscard]] Result<void> commit_changes(OpenFile& file, Session& session,
                                            std::span<const LoggedChange> changes);

  const EngineParts& parts_;
};

}  // namespace probity::store
