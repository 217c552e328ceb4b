#pragma once

#include <atomic>
#include <optional>
#include <span>

#include "base/log.hpp"
#include "store/change.hpp"
#include "store/engine.hpp"
#include "store/session.hpp"

namespace probity::store {

/// A Change waiting in a queue, and then what became of it.
struct Pending {
  Change change;
  Done done;
  Journal journal{};
  std::optional<Error> refusal{};
};

/// What a group is run under.
struct GroupRules {
  Journaler* journaler = nullptr;
  Log& log;
  bool is_full = false;  ///< Below the low-water mark: only essential Changes are taken.
};

/// How an attempt to run a group ended.
enum class GroupEnd : std::uint8_t { Committed, Rerun, Failed };

struct GroupOutcome {
  GroupEnd end = GroupEnd::Failed;
  Error error{};                    ///< Why it failed or must be run again.
  Trouble trouble = Trouble::None;  ///< Broken: the connection is in doubt.
  bool was_committing = false;      ///< The commit had begun: it may have happened.
};

/// What an engine tells of the groups it ran. Threads: any.
class GroupCounts {
 public:
  void add(std::span<const Pending> group, const GroupOutcome& outcome);
  void add(std::uint64_t changes, std::uint64_t refused, GroupEnd end);
  /// The counts; the rest of the figures is zero.
  [[nodiscard]] EngineStats stats() const;

 private:
  std::atomic<std::uint64_t> groups_committed_{0};
  std::atomic<std::uint64_t> changes_committed_{0};
  std::atomic<std::uint64_t> groups_failed_{0};
  std::atomic<std::uint64_t> changes_refused_{0};
};

/// Runs one Change of the session's transaction. A refusal stands in `pending`; an error is that of
/// the whole group.
[[nodiscard]] Result<void> run_change(Session& session, Pending& pending, const GroupRules& rules,
                                      Session::Company company);
/// What a group that ran leaves in the audit log; valid as long as the group.
[[nodiscard]] std::vector<const JournalEntry*> entries_of(std::span<Pending> group);
/// Writes what the Changes gathered, and their entries: what is left to do before the commit.
[[nodiscard]] Result<void> write_gathered(Session& session,
                                          const std::vector<const JournalEntry*>& entries,
                                          const GroupRules& rules);
/// How an attempt ended that failed with this error; rolls it back.
[[nodiscard]] GroupOutcome give_up(Session& session, Error error);

/// Runs all Changes in one transaction, each in a savepoint, appends their journal and commits.
/// Refusals stand in `refusal` of each. Calls no `done`: the caller decides on another attempt.
[[nodiscard]] GroupOutcome attempt_group(Session& session, std::span<Pending> group,
                                         const GroupRules& rules);

/// What a Change of the group is answered with: its own refusal, else the group's error, else
/// success.
[[nodiscard]] Result<void> answer_of(const Pending& pending, const GroupOutcome& outcome);
/// Calls every `done`.
void answer_group(std::span<Pending> group, const GroupOutcome& outcome);

}  // namespace probity::store
