#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "store/tx.hpp"

namespace probity::store {

/// What a Change (or a read of confidential answers) leaves in the audit log. Plain data: `store`
/// only carries it; the audit room decides how it is chained and stored.
/// Everything here is clear text except `detail`, so nothing a person typed may stand in the rest.
struct JournalEntry {
  AuditId id;                    ///< Hourly (make_hourly) when the entry must not undo anonymity.
  Instant at;                    ///< The hour alone in that case.
  std::string action;            ///< From the catalogue of actions ("survey.publish").
  std::string actor;             ///< "usr_…", "tok_…", "respondent", "anonymous", "system", "cli".
  std::string object;            ///< Id of what was acted on ("sur_…"), or empty.
  std::string outcome = "done";  ///< "done" or "refused:<code>".
  Bytes detail;  ///< Sealed JSON for purpose "audit.detail" bound to `id`; may be empty.
};

using Journal = std::vector<JournalEntry>;

/// Whether a Change makes the store grow: below the low-water mark only essential ones (log-in,
/// log-out, erasure, export bookkeeping) are still taken, the others get StorageFull.
enum class Growth : bool { Grows, Essential };

/// What it takes to do a Change again after a crash: read by the Redoer of `kind`.
struct Redo {
  std::string_view kind;  ///< A fixed text, such as "survey.response".
  Bytes content;          ///< Sealed where it must be: it lies in the commit log as it is.
};

/// What a handler wants written: a small function the tenant's writer runs inside a savepoint of
/// the group's transaction. It may read and write rows, does no I/O and no crypto beyond hashing,
/// may be run again (after a serialisation failure), and can refuse by returning an error, which
/// rolls back this Change alone. It returns the journal entries to append in the same transaction.
struct Change {
  Grant grant;
  std::move_only_function<Result<Journal>(Tx&)> apply;
  /// Appended when `apply` refuses, so that refusals are audited too.
  std::optional<JournalEntry> on_refusal;
  Growth growth = Growth::Grows;
  /// Of a Change whose whole effect is what it gathers in a GroupPart: SQLCipher may then
  /// acknowledge it when this lies in the commit log (docs/decisions/034). Unused on PostgreSQL.
  std::optional<Redo> redo{};
};

/// Called once, when the Change is on disk (or failed), on a thread of the store: must be short.
using Done = std::move_only_function<void(Result<void>)>;

/// Implemented by the audit room: appends the journal of a group to the tenant's chain.
class Journaler {
 public:
  virtual ~Journaler() = default;
  /// Called before a commit, after every Change of the transaction has run: once for a group, or
  /// once for all groups that were gathered into it. Threads: whoever holds the space's writer. An
  /// error fails the whole group (fail closed: no change without its audit row).
  [[nodiscard]] virtual Result<void> append(Tx& tx, const std::vector<const JournalEntry*>&) = 0;
  /// Whether append() could take entries of this space now: asked before Changes are acknowledged
  /// whose entries are appended later.
  [[nodiscard]] virtual Result<void> ready(Tx& tx) = 0;
  /// Whether append() takes an entry such as this.
  [[nodiscard]] virtual Result<void> admit(const JournalEntry& entry) = 0;
};

/// Implemented by a room whose Changes bring a Redo. Threads: the writer of the space.
class Redoer {
 public:
  virtual ~Redoer() = default;
  [[nodiscard]] virtual std::string_view kind() const = 0;
  [[nodiscard]] virtual Grant grant() const = 0;
  /// Does the accepted Change again, from `content`, as it was decided then; its journal entries
  /// come by themselves. An error leaves the tenant closed until it succeeds: no acknowledged
  /// Change is passed over.
  [[nodiscard]] virtual Result<void> redo(Tx& tx, BytesView content) = 0;
};

}  // namespace probity::store
