#pragma once

#include <optional>

#include "store/grant.hpp"
#include "store/tx.hpp"

namespace probity::store {

/// What a failed statement means for the transaction it ran in.
enum class Trouble : std::uint8_t {
  None,
  Statement,  ///< That statement alone: going back to the savepoint mends it.
  Rerun,      ///< Serialisation failure, deadlock, busy: the whole group may be run again.
  Broken,     ///< The connection or the disk: the group fails, nothing of it is known to be stored.
};

/// A writer's connection as a group of Changes uses it: a Tx that can begin, mark, undo and commit.
/// The first failed statement of a Change sticks: everything after it in the same Change fails with
/// the same error, so both engines answer alike (PostgreSQL would refuse the rest anyway).
/// Threads: one writer at a time.
class Session : public Tx {
 public:
  // One transaction.
  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<void> mark() = 0;    ///< Sets the savepoint of the next Change.
  [[nodiscard]] virtual Result<void> keep() = 0;    ///< Keeps what ran since the mark.
  [[nodiscard]] virtual Result<void> undo() = 0;    ///< Undoes what ran since the mark.
  [[nodiscard]] virtual Result<void> commit() = 0;  ///< Durable when it returns.
  virtual void rollback() = 0;

  [[nodiscard]] const Space& space() const final { return space_; }
  [[nodiscard]] Result<void> each(const Query& query, Values values, const OnRow& on_row) final {
    if (failure_) return std::unexpected(*failure_);
    if (auto admitted = admit(grant_, query, values.size(), Access::Read); !admitted) {
      return note(std::move(admitted).error(), Trouble::Statement);
    }
    return fetch(query, values, on_row);
  }
  [[nodiscard]] Result<std::int64_t> run(const Query& query, Values values) final {
    if (failure_) return std::unexpected(*failure_);
    if (auto admitted = admit(grant_, query, values.size(), Access::Write); !admitted) {
      return note(std::move(admitted).error(), Trouble::Statement);
    }
    return change(query, values);
  }

  /// Starts a Change: its grant counts, earlier failures are forgotten.
  void use(const Grant& grant) {
    grant_ = grant;
    failure_.reset();
    trouble_ = Trouble::None;
  }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] Trouble trouble() const { return trouble_; }

 protected:
  explicit Session(Space space) : space_(space) {}
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
  Space space_;
  Grant grant_ = k_grant_all;
  std::optional<Error> failure_;
  Trouble trouble_ = Trouble::None;
};

}  // namespace probity::store
