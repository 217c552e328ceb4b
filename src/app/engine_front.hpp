#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "attest/isolated.hpp"
#include "store/engine.hpp"

namespace probity::app {

/// An engine in front of another one that changes nothing: what stands before the store in drills
/// and benchmarks derives from it. Threads: any.
class EngineFront : public store::Engine {
 public:
  explicit EngineFront(std::unique_ptr<store::Engine> real) : real_(std::move(real)) {}

  [[nodiscard]] std::string_view kind() const override { return real_->kind(); }
  Result<store::TenantRecord> create_tenant(std::string_view slug,
                                            std::string_view region) override {
    return real_->create_tenant(slug, region);
  }
  Result<store::TenantRecord> create_tenant_as(TenantId id, std::string_view slug,
                                               std::string_view region) override {
    return real_->create_tenant_as(id, slug, region);
  }
  Result<void> rename_tenant(TenantId id, std::string_view slug) override {
    return real_->rename_tenant(id, slug);
  }
  Result<void> discard_tenant(TenantId id) override { return real_->discard_tenant(id); }
  Result<store::TenantRecord> find_tenant(std::string_view slug) override {
    return real_->find_tenant(slug);
  }
  Result<store::TenantRecord> tenant(TenantId id) override { return real_->tenant(id); }
  Result<store::TenantRecord> stored_tenant(TenantId id) override {
    return real_->stored_tenant(id);
  }
  Result<std::vector<store::TenantRecord>> tenants() override { return real_->tenants(); }
  Result<std::shared_ptr<const crypto::Cipher>> cipher(store::Space space) override {
    return real_->cipher(space);
  }
  Result<std::uint32_t> rotate_sealing_key(store::Space space) override {
    return real_->rotate_sealing_key(space);
  }
  Result<int> rewrap_keys() override { return real_->rewrap_keys(); }
  Result<void> destroy_tenant(TenantId id) override { return real_->destroy_tenant(id); }
  Result<std::unique_ptr<store::Snapshot>> snapshot(store::Space space, store::Grant grant,
                                                    store::Freshness freshness) override {
    return real_->snapshot(space, grant, freshness);
  }
  void submit(store::Space space, store::Change change, store::Done done) override {
    real_->submit(space, std::move(change), std::move(done));
  }
  Result<bool> migrate_next() override { return real_->migrate_next(); }
  Result<std::vector<std::string>> snapshot_to(const std::filesystem::path& directory) override {
    return real_->snapshot_to(directory);
  }
  Result<void> prepares(store::Space space, const store::Query& query) override {
    return real_->prepares(space, query);
  }
  [[nodiscard]] store::EngineStats stats() const override { return real_->stats(); }
  void stop(Span within) override { real_->stop(within); }

 protected:
  std::unique_ptr<store::Engine> real_;
};

/// The hooks in force, shared by what runs them. Threads: any.
class HookBoard {
 public:
  void set(attest::StoreHooks hooks);
  [[nodiscard]] std::shared_ptr<const attest::StoreHooks> now() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const attest::StoreHooks> hooks_ = std::make_shared<attest::StoreHooks>();
};

/// Runs a drill's hooks at every statement, every key and every commit.
class HookedEngine final : public EngineFront {
 public:
  HookedEngine(std::unique_ptr<store::Engine> real, const HookBoard& board)
      : EngineFront(std::move(real)), board_(board) {}
  /// Another engine takes the place of the real one; while nothing is under way.
  void replace(std::unique_ptr<store::Engine> real) { real_ = std::move(real); }

  Result<std::shared_ptr<const crypto::Cipher>> cipher(store::Space space) override;
  Result<std::unique_ptr<store::Snapshot>> snapshot(store::Space space, store::Grant grant,
                                                    store::Freshness freshness) override;
  void submit(store::Space space, store::Change change, store::Done done) override;

 private:
  const HookBoard& board_;
};

/// The same for the statements of the audit log.
class HookedJournaler final : public store::Journaler {
 public:
  HookedJournaler(store::Journaler& real, const HookBoard& board) : real_(real), board_(board) {}
  Result<void> append(store::Tx& tx,
                      const std::vector<const store::JournalEntry*>& entries) override;
  Result<void> ready(store::Tx& tx) override;
  Result<void> admit(const store::JournalEntry& entry) override { return real_.admit(entry); }

 private:
  store::Journaler& real_;
  const HookBoard& board_;
};

}  // namespace probity::app
