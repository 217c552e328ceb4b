#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "store/engine.hpp"

namespace probity::store {

/// What a wrapped key is for; stored as its text.
enum class KeyKind : std::uint8_t { File, Seal };
[[nodiscard]] std::string_view key_kind_text(KeyKind kind);

/// What a wrapped key is authenticated with: a label, the tenant's 16 bytes and the number, so that
/// no stored key can be passed off as another's.
[[nodiscard]] Bytes key_binding(KeyKind kind, const TenantId& tenant, std::uint32_t number);

/// A row of the statements `tenants` and `tenant_by_…`.
[[nodiscard]] TenantRecord tenant_record_of(const Row& row);

/// A key about to be stored.
struct NewKey {
  KeyKind kind;
  std::uint32_t number;
  Bytes wrapped;
};

/// What both engines share: tenants and keys, kept in the tables of the system's space and read and
/// written through the engine's own interface. Threads: any.
class EngineCore : public Engine {
 public:
  [[nodiscard]] Result<TenantRecord> create_tenant(std::string_view slug,
                                                   std::string_view region) override;
  [[nodiscard]] Result<TenantRecord> create_tenant_as(TenantId id, std::string_view slug,
                                                      std::string_view region) override;
  [[nodiscard]] Result<void> rename_tenant(TenantId id, std::string_view slug) override;
  [[nodiscard]] Result<void> discard_tenant(TenantId id) override;
  [[nodiscard]] Result<TenantRecord> find_tenant(std::string_view slug) override;
  [[nodiscard]] Result<TenantRecord> tenant(TenantId id) override;
  [[nodiscard]] Result<TenantRecord> stored_tenant(TenantId id) override;
  [[nodiscard]] Result<std::vector<TenantRecord>> tenants() override;
  [[nodiscard]] Result<std::shared_ptr<const crypto::Cipher>> cipher(Space space) override;
  [[nodiscard]] Result<std::uint32_t> rotate_sealing_key(Space space) override;
  [[nodiscard]] Result<int> rewrap_keys() override;
  [[nodiscard]] Result<void> destroy_tenant(TenantId id) override;

 protected:
  explicit EngineCore(EngineParts parts);

  /// Makes whatever a new tenant's rows need (a file); the keys it returns are stored with the
  /// tenant's record.
  [[nodiscard]] virtual Result<std::vector<NewKey>> make_space(const TenantId& id) = 0;
  /// Undoes make_space when the record could not be stored.
  virtual void discard_space(const TenantId& id) = 0;
  /// After the keys of a tenant are gone: closes and removes what can no longer be read.
  virtual void forget_space(const TenantId& id) = 0;
  /// Wraps anew what lies outside the key table; returns how many.
  [[nodiscard]] virtual Result<int> rewrap_outside() = 0;

  /// Makes the system's sealing key when there is none. Call once, after the schema is there.
  [[nodiscard]] Result<void> ensure_system_key();
  /// Notices what other processes changed (tenants, keys); called about twice a second.
  void poll_changes();
  /// Counts tenants and keys made, rotated or destroyed, by any process.
  [[nodiscard]] Result<std::int64_t> key_generation();
  /// The unwrapped keys of one kind. NotFound when none is stored, KeyUnavailable when the master
  /// key they need is not in the key file.
  [[nodiscard]] Result<std::vector<std::pair<std::uint32_t, crypto::Key>>> load_keys(
      const TenantId& tenant, KeyKind kind);
  /// NotFound when unknown, KeyUnavailable when destroyed.
  [[nodiscard]] Result<void> require_readable(const TenantId& id);
  [[nodiscard]] Bytes wrap(KeyKind kind, const TenantId& tenant, std::uint32_t number,
                           const crypto::Key& key) const;

  EngineParts parts_;

 private:
  struct StoredKey {
    TenantId tenant;
    std::string kind;
    std::uint32_t number;
    Bytes wrapped;
    Bytes fresh;
  };
  [[nodiscard]] Result<std::vector<StoredKey>> stale_keys();
  [[nodiscard]] Result<void> refresh(const TenantId& tenant, crypto::Cipher& cipher);
  void remember(const TenantRecord& record);
  [[nodiscard]] std::set<TenantId> known_tenants() const;
  /// Forgets those of `known` whose record is gone (discarded by another process).
  void forget_missing(std::set<TenantId> known, const std::vector<TenantRecord>& list);

  mutable std::shared_mutex mutex_;
  std::map<TenantId, TenantRecord> records_;
  std::map<TenantId, std::shared_ptr<crypto::Cipher>> ciphers_;
  std::atomic<std::int64_t> seen_generation_{-1};
};

}  // namespace probity::store
