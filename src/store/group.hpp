#pragma once

#include <optional>
#include <span>

#include "base/log.hpp"
#include "store/change.hpp"
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

/// Runs all Changes in one transaction, each in a savepoint, appends their journal and commits.
/// Refusals stand in `refusal` of each. Calls no `done`: the caller decides on another attempt.
[[nodiscard]] GroupOutcome attempt_group(Session& session, std::span<Pending> group,
                                         const GroupRules& rules);

/// Calls every `done`: its own refusal, else the group's error, else success.
void answer_group(std::span<Pending> group, const GroupOutcome& outcome);

}  // namespace probity::store
