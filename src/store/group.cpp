#include "store/group.hpp"

#include <algorithm>
#include <exception>

#include <fmt/core.h>

namespace probity::store {
namespace {

Result<Journal> apply_guarded(Session& session, Change& change, Log& log) {
  try {
    return change.apply(session);
  } catch (const std::exception& e) {
    log.failure("change_threw", {{"grant", change.grant.name}});
    return fail(Code::Internal, fmt::format("a change threw: {}", e.what()));
  } catch (...) {
    log.failure("change_threw", {{"grant", change.grant.name}});
    return fail(Code::Internal, "a change threw");
  }
}

Result<void> append_entries(Session& session, const std::vector<const JournalEntry*>& entries,
                            const GroupRules& rules) {
  if (entries.empty()) return {};
  if (rules.journaler == nullptr) {
    return fail(Code::Internal, "a change is to be journaled, but there is no journaler");
  }
  auto appended = rules.journaler->append(session, entries);
  if (session.failure()) return std::unexpected(*session.failure());
  return appended;
}

bool has_accepted(std::span<const Pending> group) {
  for (const Pending& pending : group) {
    if (!pending.refusal) return true;
  }
  return false;
}

GroupOutcome finish(Session& session, std::span<Pending> group, const GroupRules& rules) {
  const auto entries = entries_of(group);
  if (auto written = write_gathered(session, entries, rules); !written)
    return give_up(session, std::move(written).error());
  if (entries.empty() && !has_accepted(group)) {
    session.rollback();
    return {GroupEnd::Committed, {}, Trouble::None, false};
  }
  if (auto committed = session.commit(); !committed) {
    GroupOutcome outcome = give_up(session, std::move(committed).error());
    outcome.was_committing = true;
    return outcome;
  }
  return {GroupEnd::Committed, {}, Trouble::None, false};
}

}  // namespace

GroupOutcome give_up(Session& session, Error error) {
  const Trouble trouble = session.trouble();
  session.rollback();
  return {trouble == Trouble::Rerun ? GroupEnd::Rerun : GroupEnd::Failed, std::move(error), trouble,
          false};
}

Result<void> run_change(Session& session, Pending& pending, const GroupRules& rules,
                        Session::Company company) {
  if (rules.is_full && pending.change.growth == Growth::Grows) {
    pending.refusal = Error{Code::StorageFull, "below the low-water mark", {}, {}, 0};
    return {};
  }
  session.enter(pending.change.grant, company);
  auto journal = apply_guarded(session, pending.change, rules.log);
  if (session.failure()) journal = std::unexpected(*session.failure());
  if (journal) {
    pending.journal = std::move(*journal);
    return session.accept();
  }
  if (session.trouble() >= Trouble::Group) return std::unexpected(std::move(journal).error());
  pending.refusal = std::move(journal).error();
  if (pending.refusal->code == Code::Internal) {
    rules.log.failure("change_failed",
                      {{"grant", pending.change.grant.name}, {"detail", pending.refusal->detail}});
  }
  return session.refuse();
}

void GroupCounts::add(std::span<const Pending> group, const GroupOutcome& outcome) {
  const auto refused =
      std::ranges::count_if(group, [](const Pending& p) { return p.refusal.has_value(); });
  add(group.size(), static_cast<std::uint64_t>(refused), outcome.end);
}

void GroupCounts::add(std::uint64_t changes, std::uint64_t refused, GroupEnd end) {
  changes_refused_ += refused;
  if (end == GroupEnd::Committed) {
    ++groups_committed_;
    changes_committed_ += changes - refused;
  } else {
    ++groups_failed_;
  }
}

EngineStats GroupCounts::stats() const {
  EngineStats stats;
  stats.groups_committed = groups_committed_;
  stats.changes_committed = changes_committed_;
  stats.groups_failed = groups_failed_;
  stats.changes_refused = changes_refused_;
  return stats;
}

std::vector<const JournalEntry*> entries_of(std::span<Pending> group) {
  std::vector<const JournalEntry*> entries;
  for (Pending& pending : group) {
    if (!pending.refusal) {
      for (const JournalEntry& entry : pending.journal)
        entries.push_back(&entry);
    } else if (pending.change.on_refusal && pending.refusal->code != Code::StorageFull) {
      JournalEntry& entry = *pending.change.on_refusal;
      entry.outcome = fmt::format("refused:{}", code_info(pending.refusal->code).text);
      entries.push_back(&entry);
    }
  }
  return entries;
}

Result<void> write_gathered(Session& session, const std::vector<const JournalEntry*>& entries,
                            const GroupRules& rules) {
  session.enter(k_grant_all, Session::Company::Alone);
  PROBITY_CHECK(session.settle());
  auto appended = append_entries(session, entries, rules);
  if (!appended) rules.log.failure("journal_failed", {{"detail", appended.error().detail}});
  return appended;
}

GroupOutcome attempt_group(Session& session, std::span<Pending> group, const GroupRules& rules) {
  for (Pending& pending : group) {
    pending.journal.clear();
    pending.refusal.reset();
  }
  const auto company = group.size() == 1 ? Session::Company::Alone : Session::Company::Others;
  if (auto begun = session.begin(); !begun) return give_up(session, std::move(begun).error());
  for (Pending& pending : group) {
    if (auto ran = run_change(session, pending, rules, company); !ran)
      return give_up(session, std::move(ran).error());
  }
  return finish(session, group, rules);
}

Result<void> answer_of(const Pending& pending, const GroupOutcome& outcome) {
  if (pending.refusal) return std::unexpected(*pending.refusal);
  if (outcome.end == GroupEnd::Committed) return {};
  const Code code = outcome.error.code;
  const bool is_told = code == Code::StorageFull || code == Code::NotFound ||
                       code == Code::KeyUnavailable || code == Code::IntegrityError ||
                       code == Code::NewerData;
  return fail(is_told ? code : Code::StorageFailed, outcome.error.detail);
}

void answer_group(std::span<Pending> group, const GroupOutcome& outcome) {
  for (Pending& pending : group) {
    if (!pending.done) continue;
    Done done = std::move(pending.done);
    done(answer_of(pending, outcome));
  }
}

}  // namespace probity::store
