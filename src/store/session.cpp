#include "store/session.hpp"

#include <algorithm>

namespace probity::store {

void Session::enter(const Grant& grant, Company company) {
  grant_ = grant;
  company_ = company;
  failure_.reset();
  trouble_ = Trouble::None;
  is_marked_ = false;
  is_part_mark_ = false;
  for (Gathered& gathered : parts_)
    gathered.part->begin_change();
}

Result<void> Session::accept() {
  if (!std::exchange(is_marked_, false)) return {};
  return keep();
}

Result<void> Session::refuse() {
  failure_.reset();
  trouble_ = Trouble::None;
  if (company_ == Company::Alone) {
    rollback();
    parts_.clear();
    return begin();
  }
  for (Gathered& gathered : parts_)
    gathered.part->undo_change();
  if (!std::exchange(is_marked_, false)) return {};
  return undo();
}

bool Session::has_gathered() const {
  return std::ranges::any_of(
      parts_, [](const Gathered& gathered) { return gathered.part->has_gathered(); });
}

Result<void> Session::settle() {
  for (Gathered& gathered : parts_) {
    // The savepoint about to be set would not cover it.
    if (gathered.part->has_gathered()) {
      return note(Error{Code::Internal, "a change gathered and then ran a statement", {}, {}, 0},
                  Trouble::Statement);
    }
  }
  for (Gathered& gathered : parts_)
    PROBITY_CHECK(write_part(gathered));
  return {};
}

// Ends a savepoint that covers a part's reads alone, so that what is settled next lies outside it.
Result<void> Session::leave_part_mark() {
  if (!std::exchange(is_part_mark_, false)) return {};
  if (has_part_change_) {
    // Released, the part's rows would stay when this Change is refused.
    return note(
        Error{Code::Internal, "a part changed rows and its change then ran a statement", {}, {}, 0},
        Trouble::Statement);
  }
  is_marked_ = false;
  return keep();
}

Result<void> Session::write_part(Gathered& gathered) {
  const Grant grant = std::exchange(grant_, gathered.grant);
  const Company company = std::exchange(company_, Company::Alone);
  Result<void> written;
  {
    const PartStatements scope(*this);
    is_writing_part_ = true;
    written = gathered.part->write(*this);
    is_writing_part_ = false;
  }
  grant_ = grant;
  company_ = company;
  if (failure_) written = std::unexpected(*failure_);
  if (!written) return note(std::move(written).error(), std::max(trouble_, Trouble::Group));
  return {};
}

Result<void> Session::prepare_statement(const Query& query, Values values, Access access) {
  if (failure_) return std::unexpected(*failure_);
  if (auto admitted = admit(grant_, query, values.size(), access); !admitted) {
    return note(std::move(admitted).error(), Trouble::Statement);
  }
  if (!is_in_part_) {
    PROBITY_CHECK(leave_part_mark());
    PROBITY_CHECK(settle());
  } else if (access == Access::Write && is_part_mark_) {
    has_part_change_ = true;
  }
  if (company_ == Company::Alone || is_marked_) return {};
  is_marked_ = true;
  is_part_mark_ = is_in_part_;
  has_part_change_ = is_in_part_ && access == Access::Write;
  return mark();
}

Result<void> Session::each(const Query& query, Values values, const OnRow& on_row) {
  PROBITY_CHECK(prepare_statement(query, values, Access::Read));
  return fetch(query, values, on_row);
}

Result<std::int64_t> Session::run(const Query& query, Values values) {
  PROBITY_CHECK(prepare_statement(query, values, Access::Write));
  has_changed_rows_ = has_changed_rows_ || !is_writing_part_;
  return change(query, values);
}

GroupPart& Session::find_part(const void* kind, const MakePart& make) {
  for (Gathered& gathered : parts_)
    if (gathered.kind == kind) return *gathered.part;
  parts_.push_back({kind, grant_, make()});
  parts_.back().part->begin_change();
  return *parts_.back().part;
}

}  // namespace probity::store
