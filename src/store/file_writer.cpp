#include "store/file_writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <thread>

#include <fmt/core.h>

#include "sql/store.hpp"

namespace probity::store {
namespace {

const GroupOutcome k_committed{GroupEnd::Committed, {}, Trouble::None, false};

/// What is told of a Change that stays owed: it may be written yet, so no code may be told that
/// means that nothing was stored.
Error not_known_to_be_stored(const Error& cause) {
  return {Code::StorageFailed, cause.detail, {}, {}, 0};
}

}  // namespace

GroupRules FileWriter::rules() const {
  return {parts_.journaler, parts_.log, free_space_.bytes() < k_low_water_bytes};
}

void FileWriter::run(const std::shared_ptr<OpenFile>& file, const Space& space,
                     std::span<Pending> group) {
  std::optional<GroupOutcome> outcome;
  {
    const std::lock_guard lock(file->writer_mutex());
    try {
      outcome = run_held(file, space, group);
    } catch (const std::exception& e) {
      parts_.log.failure("group_threw", {{"file", file->path().filename().string()}});
      file->owed().drop_open();
      file->doubt();
      outcome = GroupOutcome{GroupEnd::Failed, {Code::StorageFailed, e.what(), {}, {}, 0}};
    }
  }
  if (!outcome) return;
  counts_.add(group, *outcome);
  answer_group(group, *outcome);
}

// Nothing where the group was gathered and is answered by the log.
std::optional<GroupOutcome> FileWriter::run_held(const std::shared_ptr<OpenFile>& file,
                                                 const Space& space, std::span<Pending> group) {
  if (may_gather(group) && gather(file, space, group)) return {};
  if (auto written = owed_writer_.write(*file); !written)
    return GroupOutcome{GroupEnd::Failed, std::move(written).error()};
  return commit(*file, space, group);
}

GroupOutcome FileWriter::commit(OpenFile& file, const Space& space, std::span<Pending> group) {
  GroupOutcome outcome;
  std::optional<CommitLock::Waiting> waiting;
  if (has_other_owner_) waiting.emplace(directory_);
  if (auto mended = file.mend(); !mended) {
    outcome.error = std::move(mended).error();
    outcome.error.detail = "the file is in doubt after a failed write: " + outcome.error.detail;
    return outcome;
  }
  for (int attempt = 0; attempt < k_group_attempts_max; ++attempt) {
    SqliteSession session(space, file.writer());
    outcome = attempt_group(session, group, rules());
    if (outcome.end != GroupEnd::Rerun) break;
  }
  if (outcome.end != GroupEnd::Committed) report(file, group.size(), outcome);
  return outcome;
}

void FileWriter::report(OpenFile& file, std::size_t changes, const GroupOutcome& outcome) {
  parts_.log.failure("group_failed", {{"file", file.path().filename().string()},
                                      {"changes", changes},
                                      {"detail", outcome.error.detail}});
  if (outcome.trouble == Trouble::Broken || outcome.was_committing) file.doubt();
}

// --- Gathering -----------------------------------------------------------------------------------

bool FileWriter::may_gather(std::span<const Pending> group) const {
  return log_ && parts_.journaler != nullptr &&
         std::ranges::all_of(group, [](const Pending& p) { return p.change.redo.has_value(); });
}

// False: nothing was answered, and the group is to be committed by itself.
bool FileWriter::gather(const std::shared_ptr<OpenFile>& file, const Space& space,
                        std::span<Pending> group) {
  if (!open_group(file, space) || !run_in_open_group(*file, group)) return false;
  Bytes records = take_records(file->owed(), space, group);
  if (!log_group(file, std::move(records), group)) {
    // No room in the log: durable in the file then.
    GroupOutcome outcome = k_committed;
    if (auto written = owed_writer_.write(*file); !written)
      outcome = {GroupEnd::Failed, not_known_to_be_stored(written.error())};
    counts_.add(group, outcome);
    answer_group(group, outcome);
    return true;
  }
  const OwedChanges& owed = file->owed();
  if (owed.changes.size() >= k_open_group_changes_max || owed.bytes >= k_open_group_bytes_max ||
      file->is_awaited() || log_->is_awaited()) {
    // The error is told to whoever needs the file next; what is owed stays owed.
    [[maybe_unused]] const auto written = owed_writer_.write(*file);
  }
  return true;
}

bool FileWriter::open_group(const std::shared_ptr<OpenFile>& file, const Space& space) {
  OwedChanges& owed = file->owed();
  if (owed.open) return true;
  if (!owed.changes.empty() || !file->mend()) return false;
  if (!owed.place && !owed_writer_.find_place(*file, space)) return false;
  auto session = std::make_unique<SqliteSession>(space, file->writer());
  if (!session->begin()) return false;
  session->enter(k_grant_all, Session::Company::Alone);
  if (!parts_.journaler->ready(*session)) {
    session->rollback();
    return false;
  }
  owed.open = std::move(session);
  owed.since = monotonic_now();
  file->begin_debt();
  note_due(file);
  return true;
}

void FileWriter::note_due(const std::shared_ptr<OpenFile>& file) {
  bool is_first = false;
  {
    const std::lock_guard lock(due_mutex_);
    is_first = due_.empty();
    due_.push_back({monotonic_now(), file});
  }
  // Behind others it is not due before them.
  if (is_first) due_wakes_.notify_one();
}

// False: the open transaction had to be given up, and with it what this group did.
bool FileWriter::run_in_open_group(OpenFile& file, std::span<Pending> group) {
  OwedChanges& owed = file.owed();
  const GroupRules rules = this->rules();
  bool is_fit = true;
  for (Pending& pending : group) {
    is_fit = is_fit && run_change(*owed.open, pending, rules, Session::Company::Others).has_value();
    if (!is_fit) break;
    // A repeated request, or one refused or turned away, leaves nothing to do again.
    if (pending.refusal || !owed.open->has_gathered()) *pending.change.redo = {};
    for (const JournalEntry& entry : pending.journal)
      is_fit = is_fit && parts_.journaler->admit(entry).has_value();
    if (pending.change.on_refusal)
      is_fit = is_fit && parts_.journaler->admit(*pending.change.on_refusal).has_value();
  }
  // Rows changed by statements are in no record.
  if (is_fit && !owed.open->has_changed_rows()) return true;
  owed.drop_open();
  if (owed.changes.empty()) file.clear_debt();
  return false;
}

Bytes FileWriter::take_records(OwedChanges& owed, const Space& space, std::span<Pending> group) {
  constexpr std::size_t k_record_guess_bytes = 1'280;
  Bytes records;
  records.reserve(group.size() * k_record_guess_bytes);
  for (Pending& pending : group) {
    LoggedChange change;
    if (pending.refusal) {
      for (const JournalEntry* entry : store::entries_of(std::span(&pending, 1)))
        change.entries.push_back(*entry);
    } else {
      change.entries = std::move(pending.journal);
    }
    Redo& redo = *pending.change.redo;
    if (redo.kind.empty() && change.entries.empty()) continue;
    change.tenant = space.tenant();
    change.epoch = owed.place->epoch;
    change.position = owed.next_position();
    change.kind = redo.kind;
    change.content = std::move(redo.content);
    append_record(records, change);
    owed.bytes += change.content.size();
    owed.changes.push_back(std::move(change));
  }
  return records;
}

// False: no room, nothing was answered.
bool FileWriter::log_group(const std::shared_ptr<OpenFile>& file, Bytes records,
                           std::span<Pending> group) {
  OwedChanges& owed = file->owed();
  // Also a group without records waits for the log: it may repeat what was just appended.
  const std::uint64_t position = owed.next_position() - 1;
  // Shared, so that they can be had back where the log takes nothing.
  auto answers = std::make_shared<std::vector<Answer>>();
  for (Pending& pending : group)
    answers->push_back({std::move(pending.done), answer_of(pending, k_committed)});
  auto hold =
      log_->append(std::move(records), [this, file, position, answers](const Result<void>& logged) {
        finish_logged(*file, position, *answers, logged);
      });
  if (!hold) {
    for (std::size_t i = 0; i < group.size(); ++i)
      group[i].done = std::move((*answers)[i].done);
    return false;
  }
  if (owed.holds.empty() || owed.holds.back() != hold) owed.holds.push_back(std::move(hold));
  return true;
}

void FileWriter::finish_logged(OpenFile& file, std::uint64_t position, std::vector<Answer>& answers,
                               const Result<void>& logged) {
  Result<void> result = logged;
  if (!result) {
    parts_.log.failure("commit_log_failed", {{"detail", logged.error().detail}});
    const std::lock_guard lock(file.writer_mutex());
    // The file itself can still make them durable; it may have done so already.
    result = file.owed().place->written >= position ? Result<void>() : owed_writer_.write(file);
    if (!result) result = std::unexpected(not_known_to_be_stored(result.error()));
  }
  counts_.add(answers.size(),
              static_cast<std::uint64_t>(std::ranges::count_if(
                  answers, [](const Answer& answer) { return !answer.result; })),
              result ? GroupEnd::Committed : GroupEnd::Failed);
  for (Answer& answer : answers) {
    if (!answer.done) continue;
    answer.done(answer.result ? result : answer.result);
  }
}

// --- Writing what is owed ------------------------------------------------------------------------

Result<void> FileWriter::write_owed(OpenFile& file, const Space& space) {
  if (has_other_owner_ && !space.is_system()) return wait_for_other_owner(file, space);
  if (!file.owes()) return {};
  const OpenFile::Awaited awaited(file);
  const std::lock_guard lock(file.writer_mutex());
  return owed_writer_.write(file);
}

// An owner holds a file's write lock as long as it owes the file anything. So it owes nothing of
// before once the lock was free, or once a group has been committed; but for one that has just
// begun and does not hold the locks yet of the files it will write to.
Result<void> FileWriter::wait_for_other_owner(OpenFile& file, const Space& space) {
  constexpr std::chrono::milliseconds k_pause(20);
  const CommitLock::Waiting waiting(directory_);
  const std::lock_guard lock(file.writer_mutex());
  std::optional<std::uint64_t> written_at_first;
  for (const Span begin = monotonic_now(); monotonic_now() - begin < k_other_owner_wait;) {
    if (CommitLock::is_recovering(directory_)) {
      std::this_thread::sleep_for(k_pause);
      continue;
    }
    SqliteSession session(space, file.writer());
    session.enter(k_grant_all, Session::Company::Alone);
    PROBITY_TRY(place, read_place(session));
    // A file without a place has never been in the log's debt.
    if (!place || (written_at_first && *written_at_first != place->written)) return {};
    written_at_first = place->written;
    const auto begun = session.begin();
    session.rollback();
    if (!begun && session.trouble() != Trouble::Rerun) return begun;
    if (!begun) continue;
    if (CommitLock::is_owned(directory_) || !CommitLog::may_hold(directory_)) return {};
    return fail(Code::Locked, "the server ended just now and may have left something; try again");
  }
  return fail(Code::Locked, "another process has not written what it acknowledged");
}

void FileWriter::write_when_due() {
  pthread_setname_np(pthread_self(), "store-closer");
  std::unique_lock lock(due_mutex_);
  while (!is_stopping_) {
    if (due_.empty()) {
      due_wakes_.wait(lock);
      continue;
    }
    const Span wait = due_.front().since + parts_.open_group_max - monotonic_now();
    if (wait > Span()) {
      due_wakes_.wait_for(lock, std::chrono::microseconds(wait.us()));
      continue;
    }
    const Due due = due_.front();
    due_.pop_front();
    lock.unlock();
    bool is_written = true;
    if (const auto file = due.file.lock(); file && file->owes()) {
      const std::lock_guard writing(file->writer_mutex());
      // Another group may have been opened since.
      const OwedChanges& owed = file->owed();
      if (!owed.open || owed.since <= due.since) is_written = owed_writer_.write(*file).has_value();
    }
    lock.lock();
    if (!is_written) due_.push_back({monotonic_now(), due.file});
  }
}

// --- Starting and ending -------------------------------------------------------------------------

Result<void> FileWriter::use_log(std::unique_ptr<CommitLog> log, CommitLog::Recovered left) {
  PROBITY_CHECK(left_.take(std::move(left)));
  log_ = std::move(log);
  closer_ = std::jthread([this] { write_when_due(); });
  return {};
}

void FileWriter::give_up_log(std::filesystem::path directory) {
  log_->stop();
  log_.reset();
  expect_other_owner(std::move(directory));
}

void FileWriter::attach(const TenantId& tenant, const std::shared_ptr<OpenFile>& file) {
  if (left_.give_to(*file, tenant)) note_due(file);
}

void FileWriter::stop() {
  {
    const std::lock_guard lock(due_mutex_);
    is_stopping_ = true;
  }
  due_wakes_.notify_all();
  if (closer_.joinable()) closer_.join();
  if (log_) log_->stop();
}

}  // namespace probity::store
