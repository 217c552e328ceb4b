#include "app/engine_front.hpp"

#include <optional>

namespace probity::app {
namespace {

using Hooks = std::shared_ptr<const attest::StoreHooks>;

Result<void> look(const Hooks& hooks, const store::Query& query, store::Values values) {
  return hooks->statement ? hooks->statement(query, values) : Result<void>();
}

class HookedReader final : public store::Reader {
 public:
  HookedReader(std::unique_ptr<store::Reader> real, Hooks hooks)
      : real_(std::move(real)), hooks_(std::move(hooks)) {}
  [[nodiscard]] const store::Space& space() const override { return real_->space(); }
  Result<void> each(const store::Query& query, store::Values values, const OnRow& row) override {
    PROBITY_CHECK(look(hooks_, query, values));
    return real_->each(query, values, row);
  }

 private:
  std::unique_ptr<store::Reader> real_;
  Hooks hooks_;
};

class HookedTx;

/// What a group gathers, written under the same hooks.
class HookedPart final : public store::GroupPart {
 public:
  HookedPart(std::unique_ptr<store::GroupPart> real, Hooks hooks)
      : real_(std::move(real)), hooks_(std::move(hooks)) {}
  void begin_change() override { real_->begin_change(); }
  void undo_change() override { real_->undo_change(); }
  [[nodiscard]] bool has_gathered() const override { return real_->has_gathered(); }
  Result<void> write(store::Tx& tx) override;
  [[nodiscard]] store::GroupPart& real() { return *real_; }

 private:
  std::unique_ptr<store::GroupPart> real_;
  Hooks hooks_;
};

/// Reaches what a transaction keeps for those that stand before it.
struct TxParts : store::Tx {
  using store::Tx::find_part;
  using store::Tx::MakePart;
};

/// Its first failure sticks, as that of a real one does.
class HookedTx final : public store::Tx {
 public:
  HookedTx(store::Tx& real, Hooks hooks) : real_(real), hooks_(std::move(hooks)) {}
  [[nodiscard]] const store::Space& space() const override { return real_.space(); }
  Result<void> each(const store::Query& query, store::Values values, const OnRow& row) override {
    PROBITY_CHECK(pass(query, values));
    return real_.each(query, values, row);
  }
  Result<std::int64_t> run(const store::Query& query, store::Values values) override {
    PROBITY_CHECK(pass(query, values));
    return real_.run(query, values);
  }
  [[nodiscard]] const Result<void>& state() const { return state_; }

 protected:
  /// Every transaction of this engine is hooked, so every part it keeps is.
  store::GroupPart& find_part(const void* kind, const MakePart& make) override {
    const TxParts::MakePart make_hooked = [&]() -> std::unique_ptr<store::GroupPart> {
      return std::make_unique<HookedPart>(make(), hooks_);
    };
    constexpr auto k_find = &TxParts::find_part;
    return static_cast<HookedPart&>((real_.*k_find)(kind, make_hooked)).real();
  }

 private:
  bool set_in_part(bool is_in_part) override {
    const bool was_in_part = in_part_.has_value();
    if (is_in_part && !was_in_part) in_part_.emplace(real_);
    if (!is_in_part) in_part_.reset();
    return was_in_part;
  }
  Result<void> pass(const store::Query& query, store::Values values) {
    if (state_) state_ = look(hooks_, query, values);
    return state_;
  }

  store::Tx& real_;
  Hooks hooks_;
  Result<void> state_;
  std::optional<store::PartStatements> in_part_;
};

Result<void> HookedPart::write(store::Tx& tx) {
  HookedTx hooked(tx, hooks_);
  PROBITY_CHECK(real_->write(hooked));
  return hooked.state();
}

}  // namespace

void HookBoard::set(attest::StoreHooks hooks) {
  const std::lock_guard lock(mutex_);
  hooks_ = std::make_shared<attest::StoreHooks>(std::move(hooks));
}

Hooks HookBoard::now() const {
  const std::lock_guard lock(mutex_);
  return hooks_;
}

Result<std::shared_ptr<const crypto::Cipher>> HookedEngine::cipher(store::Space space) {
  if (const Hooks now = board_.now(); now->keys) PROBITY_CHECK(now->keys());
  return real_->cipher(space);
}

Result<std::unique_ptr<store::Snapshot>> HookedEngine::snapshot(store::Space space,
                                                                store::Grant grant,
                                                                store::Freshness freshness) {
  PROBITY_TRY(reader, real_->snapshot(space, grant, freshness));
  return std::unique_ptr<store::Snapshot>(
      std::make_unique<HookedReader>(std::move(reader), board_.now()));
}

void HookedEngine::submit(store::Space space, store::Change change, store::Done done) {
  const Hooks now = board_.now();
  if (change.apply) {
    change.apply =
        [now, apply = std::move(change.apply)](store::Tx& tx) mutable -> Result<store::Journal> {
      HookedTx hooked(tx, now);
      auto journal = apply(hooked);
      if (!hooked.state()) return std::unexpected(hooked.state().error());
      return journal;
    };
  }
  real_->submit(space, std::move(change),
                [now, done = std::move(done)](Result<void> committed) mutable {
                  if (committed && now->committed) committed = now->committed();
                  done(std::move(committed));
                });
}

Result<void> HookedJournaler::append(store::Tx& tx,
                                     const std::vector<const store::JournalEntry*>& entries) {
  HookedTx hooked(tx, board_.now());
  PROBITY_CHECK(real_.append(hooked, entries));
  return hooked.state();
}

Result<void> HookedJournaler::ready(store::Tx& tx) {
  HookedTx hooked(tx, board_.now());
  PROBITY_CHECK(real_.ready(hooked));
  return hooked.state();
}

}  // namespace probity::app
