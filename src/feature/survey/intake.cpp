#include "feature/survey/intake.hpp"

#include <algorithm>

#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

}  // namespace

Intake& Intake::of(store::Tx& tx, IdempotencyLedger& ledger) {
  return tx.part<Intake>([&] { return std::make_unique<Intake>(ledger); });
}

Result<Intake::Gate*> Intake::gate_of(store::Tx& tx, const SurveyId& survey) {
  const auto known = std::ranges::find(gates_, survey, &Gate::survey);
  if (known != gates_.end()) return &*known;
  const store::PartStatements scope(tx);
  PROBITY_TRY(found, tx.first(q::gate, {tx.space().tenant(), survey}, [&](const store::Row& row) {
    Gate gate{survey, true, static_cast<Status>(row.integer(0)), row.maybe_instant(1),
              row.maybe_instant(2)};
    if (!row.is_null(3)) gate.cap = row.integer(3);
    gate.accepted = row.integer(4);
    return gate;
  }));
  gates_.push_back(found.value_or(Gate{survey}));
  return &gates_.back();
}

Result<bool> Intake::admits(store::Tx& tx, const SurveyId& survey, Instant now) {
  PROBITY_TRY(gate, gate_of(tx, survey));
  return gate->is_there && gate->status == Status::Open &&
         (!gate->opens_at || *gate->opens_at <= now) &&
         (!gate->closes_at || *gate->closes_at > now) &&
         (!gate->cap || gate->accepted + gate->taken < *gate->cap);
}

Result<std::optional<ResponseId>> Intake::claim(store::Tx& tx, const IdempotencyKey& key,
                                                const ResponseId& id, Instant now) {
  const store::PartStatements scope(tx);
  return ledger_.claim(tx, key, id, now, claims_);
}

void Intake::take(std::shared_ptr<const NewResponse> response) {
  const auto gate = std::ranges::find(gates_, response->survey, &Gate::survey);
  if (gate != gates_.end()) ++gate->taken;
  responses_.push_back(std::move(response));
}

Result<void> Intake::take_again(store::Tx& tx, std::shared_ptr<const NewResponse> response,
                                const std::optional<Claim>& claim) {
  PROBITY_TRY(gate, gate_of(tx, response->survey));
  if (!gate->is_there) return {};
  take(std::move(response));
  if (claim) claims_.push_back(*claim);
  return {};
}

void Intake::begin_change() { begun_ = {gates_.size(), claims_.size(), responses_.size()}; }

void Intake::undo_change() {
  for (std::size_t i = begun_.responses; i < responses_.size(); ++i) {
    const auto gate = std::ranges::find(gates_, responses_[i]->survey, &Gate::survey);
    if (gate != gates_.end()) --gate->taken;
  }
  responses_.resize(begun_.responses);
  claims_.resize(begun_.claims);
  // PostgreSQL gives up a row's lock with the savepoint it was taken in: read it again.
  gates_.resize(begun_.gates);
}

bool Intake::has_gathered() const {
  return responses_.size() > begun_.responses || claims_.size() > begun_.claims;
}

Result<void> Intake::write(store::Tx& tx) {
  const TenantId tenant = tx.space().tenant();
  for (const Gate& gate : gates_) {
    if (gate.taken > 0) PROBITY_CHECK(tx.run(q::count_accepted, {tenant, gate.survey, gate.taken}));
  }
  std::vector<const NewResponse*> responses;
  responses.reserve(responses_.size());
  for (const auto& response : responses_)
    responses.push_back(response.get());
  PROBITY_CHECK(store_responses(tx, responses));
  PROBITY_CHECK(ledger_.append(tx, claims_));
  gates_.clear();
  claims_.clear();
  responses_.clear();
  begun_ = {};
  return {};
}

}  // namespace probity::survey
