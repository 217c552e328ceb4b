#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "store/grant.hpp"
#include "store/tx.hpp"

namespace probity::store {

/// What a failed statement means for the transaction it ran in.
enum class Trouble : std::uint8_t {
  None,
  Statement,  ///< That statement alone: going back to the savepoint mends it.
  Group,      ///< What several Changes gathered cannot be written: the group fails, no more.
  Rerun,      ///< Serialisation failure, deadlock, busy: the whole group may be run again.
  Broken,     ///< The connection or the disk: the group fails, nothing of it is known to be stored.
};

/// A writer's connection as a group of Changes uses it: a Tx that can begin, mark, undo and commit.
/// The first failed statement of a Change sticks: everything after it in the same Change fails with
/// the same error, so both engines answer alike (PostgreSQL would refuse the rest anyway).
///
/// A Change's savepoint is set before its first statement, so one that only gathers (GroupPart)
/// costs none. What was gathered before is written ahead of that savepoint; where a part has set it
/// by reading, it is released first and set anew: undoing this Change must not undo what others
/// gathered. Threads: one writer at a time.
class Session : public Tx {
 public:
  // One transaction.
  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<void> commit() = 0;  ///< Durable when it returns.
  virtual void rollback() = 0;

  // One Change of it.
  /// Whether the transaction holds other Changes, so that this one needs a savepoint of its own.
  enum class Company : bool { Alone, Others };
  /// Starts a Change: its grant counts, earlier failures are forgotten.
  void enter(const Grant& grant, Company company);
  /// Keeps what the Change did.
  [[nodiscard]] Result<void> accept();
  /// Undoes what it did; alone, the transaction is begun anew.
  [[nodiscard]] Result<void> refuse();
  /// Writes what the Changes gathered. An error is that of the whole group.
  [[nodiscard]] Result<void> settle();

  /// Whether the Change entered last has gathered anything.
  [[nodiscard]] bool has_gathered() const;
  /// Whether rows were changed, other than by writing what was gathered.
  [[nodiscard]] bool has_changed_rows() const { return has_changed_rows_; }

  [[nodiscard]] const Space& space() const final { return space_; }
  [[nodiscard]] Result<void> each(const Query& query, Values values, const OnRow& on_row) final;
  [[nodiscard]] Result<std::int64_t> run(const Query& query, Values values) final;

  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] Trouble trouble() const { return trouble_; }

 protected:
  explicit Session(Space space) : space_(space) {}
  [[nodiscard]] virtual Result<void> mark() = 0;  ///< Sets the savepoint of a Change.
  [[nodiscard]] virtual Result<void> keep() = 0;  ///< Keeps what ran since the mark.
  [[nodiscard]] virtual Result<void> undo() = 0;  ///< Undoes what ran since the mark.
  [[nodiscard]] virtual Result<void> fetch(const Query& query, Values values,
                                           const OnRow& on_row) = 0;
  [[nodiscard]] virtual Result<std::int64_t> change(const Query& query, Values values) = 0;

  /// Remembers the failure that sticks and hands it back.
  [[nodiscard]] std::unexpected<Error> note(Error error, Trouble trouble) {
    if (!failure_ || trouble > trouble_) {
      failure_ = error;
      trouble_ = trouble;
    }
    return std::unexpected(std::move(error));
  }

 private:
  struct Gathered {
    const void* kind;
    Grant grant;  ///< Of the Change that made the part.
    std::unique_ptr<GroupPart> part;
  };

  [[nodiscard]] GroupPart& find_part(const void* kind, const MakePart& make) final;
  [[nodiscard]] bool set_in_part(bool is_in_part) final {
    return std::exchange(is_in_part_, is_in_part);
  }
  [[nodiscard]] Result<void> prepare_statement(const Query& query, Values values, Access access);
  [[nodiscard]] Result<void> leave_part_mark();
  [[nodiscard]] Result<void> write_part(Gathered& gathered);

  Space space_;
  Grant grant_ = k_grant_all;
  std::optional<Error> failure_;
  Trouble trouble_ = Trouble::None;
  Company company_ = Company::Alone;
  bool is_marked_ = false;
  bool is_part_mark_ = false;     ///< The savepoint was set for a part's statement.
  bool has_part_change_ = false;  ///< A part has changed rows since that.
  bool is_in_part_ = false;
  bool is_writing_part_ = false;
  bool has_changed_rows_ = false;
  std::vector<Gathered> parts_;
};

}  // namespace probity::store
