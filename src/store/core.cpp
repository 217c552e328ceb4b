#include "store/core.hpp"

#include <algorithm>
#include <mutex>

#include <fmt/core.h>

#include "base/text.hpp"
#include "sql/store.hpp"

namespace probity::store {
namespace {

constexpr std::string_view k_key_counter = "keys";
constexpr std::size_t k_slug_max = 63;
constexpr std::size_t k_region_max = 64;

/// What is done to a tenant as a whole, or to its keys (nil: the system's), stands in the system's
/// chain: the tenant's own may not be there yet, or no longer. Nothing where no log is kept (tests
/// of this room).
Journal about_tenant(const EngineParts& parts, std::string_view action, const TenantId& id) {
  if (parts.journaler == nullptr) return Journal{};
  const Instant now = parts.clock.now();
  JournalEntry entry;
  entry.id = AuditId::make(now);
  entry.at = now;
  entry.action = action;
  entry.actor = "system";
  if (!id.is_nil()) entry.object = id.text();
  return Journal{std::move(entry)};
}

Result<void> check_slug(std::string_view slug) {
  const bool is_plain = std::ranges::all_of(
      slug, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (slug.empty() || slug.size() > k_slug_max || !is_plain) {
    return refuse_field(Code::BadRequest, "tenant",
                        "must be 1 to 63 characters of a-z, 0-9 and '-' (lower case)");
  }
  return {};
}

Result<void> check_region(std::string_view region) {
  const bool is_plain = std::ranges::all_of(region, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (region.size() > k_region_max || !is_plain) {
    return refuse_field(Code::BadRequest, "region",
                        "must be at most 64 printable ASCII characters");
  }
  return {};
}

}  // namespace

TenantRecord tenant_record_of(const Row& row) {
  return {row.id<TenantId>(0), std::string(row.text(1)), std::string(row.text(2)),
          std::string(row.text(3)), row.instant(4)};
}

std::string_view key_kind_text(KeyKind kind) { return kind == KeyKind::File ? "file" : "seal"; }

Bytes key_binding(KeyKind kind, const TenantId& tenant, std::uint32_t number) {
  Bytes bound;
  append_sized(bound, as_bytes("probity.store.key"));
  append_sized(bound, as_bytes(key_kind_text(kind)));
  append_sized(bound, tenant.bytes());
  append_u32(bound, number);
  return bound;
}

EngineCore::EngineCore(EngineParts parts) : parts_(parts) {}

Bytes EngineCore::wrap(KeyKind kind, const TenantId& tenant, std::uint32_t number,
                       const crypto::Key& key) const {
  return parts_.master.wrap(key, key_binding(kind, tenant, number));
}

void EngineCore::remember(const TenantRecord& record) {
  const std::unique_lock lock(mutex_);
  records_.insert_or_assign(record.id, record);
}

Result<TenantRecord> EngineCore::create_tenant(std::string_view slug, std::string_view region) {
  return create_tenant_as(TenantId::make(parts_.clock.now()), slug, region);
}

Result<TenantRecord> EngineCore::create_tenant_as(TenantId id, std::string_view slug,
                                                  std::string_view region) {
  PROBITY_CHECK(check_slug(slug));
  PROBITY_CHECK(check_region(region));
  // Before a file of that id is made: what is there belongs to somebody.
  if (id.is_nil()) return fail(Code::BadRequest, "the nil id is the system's");
  if (const auto known = tenant(id); known) {
    return refuse_field(Code::Conflict, "tenant", "a tenant of this id is there already");
  } else if (known.error().code != Code::NotFound) {
    return std::unexpected(known.error());
  }
  const Instant now = parts_.clock.now();
  const TenantRecord record{id, std::string(slug), region.empty() ? "local" : std::string(region),
                            "active", now};
  if (auto taken = find_tenant(slug); taken) {
    return refuse_field(Code::Conflict, "tenant", "this name is taken; choose another");
  } else if (taken.error().code != Code::NotFound) {
    return std::unexpected(std::move(taken).error());
  }
  PROBITY_TRY(keys, make_space(record.id));
  keys.push_back({KeyKind::Seal, 1, wrap(KeyKind::Seal, record.id, 1, crypto::Key::random())});
  Change change{
      k_grant_all,
      [&](Tx& tx) -> Result<Journal> {
        PROBITY_CHECK(tx.run(sql::store::insert_tenant,
                             {record.id, record.slug, record.region, record.state, now}));
        for (const NewKey& key : keys) {
          PROBITY_CHECK(tx.run(sql::store::insert_key,
                               {record.id, key_kind_text(key.kind), key.number, key.wrapped, now}));
        }
        PROBITY_CHECK(tx.run(sql::store::bump_counter, {k_key_counter}));
        return about_tenant(parts_, "tenant.create", record.id);
      },
      {},
      Growth::Grows};
  if (auto stored = apply(Space::system(), std::move(change)); !stored) {
    // In doubt (a lost connection) the record may be there after all, and needs its file.
    if (stored.error().code != Code::StorageFailed) discard_space(record.id);
    return std::unexpected(std::move(stored).error());
  }
  remember(record);
  return record;
}

Result<void> EngineCore::rename_tenant(TenantId id, std::string_view slug) {
  PROBITY_CHECK(check_slug(slug));
  PROBITY_TRY(record, tenant(id));
  Change change{k_grant_all,
                [&](Tx& tx) -> Result<Journal> {
                  PROBITY_CHECK(tx.run(sql::store::rename_tenant, {id, slug}));
                  PROBITY_CHECK(tx.run(sql::store::bump_counter, {k_key_counter}));
                  return about_tenant(parts_, "tenant.rename", id);
                },
                {},
                Growth::Essential};
  PROBITY_CHECK(apply(Space::system(), std::move(change)));
  record.slug = std::string(slug);
  remember(record);
  return {};
}

Result<void> EngineCore::discard_tenant(TenantId id) {
  PROBITY_CHECK(tenant(id));
  Change change{k_grant_all,
                [&](Tx& tx) -> Result<Journal> {
                  PROBITY_CHECK(tx.run(sql::store::delete_keys, {id}));
                  PROBITY_CHECK(tx.run(sql::store::delete_tenant, {id}));
                  PROBITY_CHECK(tx.run(sql::store::bump_counter, {k_key_counter}));
                  return about_tenant(parts_, "tenant.discard", id);
                },
                {},
                Growth::Essential};
  PROBITY_CHECK(apply(Space::system(), std::move(change)));
  {
    const std::unique_lock lock(mutex_);
    if (const auto it = ciphers_.find(id); it != ciphers_.end()) {
      it->second->destroy();
      ciphers_.erase(it);
    }
    records_.erase(id);
  }
  forget_space(id);
  return {};
}

std::set<TenantId> EngineCore::known_tenants() const {
  const std::shared_lock lock(mutex_);
  std::set<TenantId> known;
  for (const auto& [id, record] : records_)
    known.insert(id);
  for (const auto& [id, cipher] : ciphers_)
    if (!id.is_nil()) known.insert(id);
  return known;
}

void EngineCore::forget_missing(std::set<TenantId> known, const std::vector<TenantRecord>& list) {
  for (const TenantRecord& record : list)
    known.erase(record.id);
  const std::unique_lock lock(mutex_);
  for (const TenantId& id : known) {
    records_.erase(id);
    const auto cipher = ciphers_.find(id);
    if (cipher == ciphers_.end()) continue;
    cipher->second->destroy();
    ciphers_.erase(cipher);
  }
}

Result<TenantRecord> EngineCore::find_tenant(std::string_view slug) {
  if (const auto id = TenantId::parse(slug)) return tenant(*id);
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, record] : records_) {
      if (record.slug == slug) return record;
    }
  }
  PROBITY_TRY(reader, read(Space::system(), k_grant_all));
  PROBITY_TRY(found, reader->first(sql::store::tenant_by_slug, {slug}, tenant_record_of));
  if (!found) return fail(Code::NotFound, "no such tenant");
  remember(*found);
  return *found;
}

Result<TenantRecord> EngineCore::tenant(TenantId id) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto it = records_.find(id); it != records_.end()) return it->second;
  }
  return stored_tenant(id);
}

Result<TenantRecord> EngineCore::stored_tenant(TenantId id) {
  PROBITY_TRY(reader, read(Space::system(), k_grant_all));
  PROBITY_TRY(found, reader->first(sql::store::tenant_by_id, {id}, tenant_record_of));
  if (!found) return fail(Code::NotFound, "no such tenant");
  remember(*found);
  return *found;
}

Result<std::vector<TenantRecord>> EngineCore::tenants() {
  PROBITY_TRY(reader, read(Space::system(), k_grant_all));
  return reader->all(sql::store::tenants, {}, tenant_record_of);
}

Result<void> EngineCore::require_readable(const TenantId& id) {
  PROBITY_TRY(record, tenant(id));
  if (record.state == "destroyed") return fail(Code::KeyUnavailable, "the tenant was destroyed");
  return {};
}

Result<std::vector<std::pair<std::uint32_t, crypto::Key>>> EngineCore::load_keys(
    const TenantId& tenant, KeyKind kind) {
  PROBITY_TRY(reader, read(Space::system(), k_grant_all));
  std::vector<std::pair<std::uint32_t, crypto::Key>> keys;
  PROBITY_CHECK(reader->each(
      sql::store::keys_of, {tenant, key_kind_text(kind)}, [&](const Row& row) -> Result<bool> {
        const auto number = static_cast<std::uint32_t>(row.integer(0));
        PROBITY_TRY(key, parts_.master.unwrap(row.bytes(1), key_binding(kind, tenant, number)));
        keys.emplace_back(number, std::move(key));
        return true;
      }));
  if (keys.empty()) return fail(Code::NotFound, "no key is stored for this space");
  return keys;
}

Result<void> EngineCore::refresh(const TenantId& tenant, crypto::Cipher& cipher) {
  auto keys = load_keys(tenant, KeyKind::Seal);
  if (!keys) {
    // Gone for good: forgotten here as well. Any other failure leaves what is known.
    if (keys.error().code != Code::NotFound) return std::unexpected(std::move(keys).error());
    cipher.destroy();
    return fail(Code::KeyUnavailable, "the keys of this space are gone");
  }
  const std::uint32_t newest = cipher.is_usable() ? cipher.newest_key() : 0;
  for (auto& [number, key] : *keys) {
    if (number > newest) cipher.add_key(number, std::move(key));
  }
  return {};
}

Result<std::shared_ptr<const crypto::Cipher>> EngineCore::cipher(Space space) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto it = ciphers_.find(space.tenant()); it != ciphers_.end()) {
      if (!it->second->is_usable()) return fail(Code::KeyUnavailable, "the keys were destroyed");
      return it->second;
    }
  }
  if (!space.is_system()) PROBITY_CHECK(require_readable(space.tenant()));
  auto fresh = std::make_shared<crypto::Cipher>(space.tenant().bytes());
  PROBITY_CHECK(refresh(space.tenant(), *fresh));
  const std::unique_lock lock(mutex_);
  return ciphers_.try_emplace(space.tenant(), std::move(fresh)).first->second;
}

Result<std::uint32_t> EngineCore::rotate_sealing_key(Space space) {
  PROBITY_TRY(current, cipher(space));
  const std::uint32_t number = current->newest_key() + 1;
  const crypto::Key key = crypto::Key::random();
  const Bytes wrapped = wrap(KeyKind::Seal, space.tenant(), number, key);
  const Instant now = parts_.clock.now();
  // Two processes that rotate at once meet on the number: the second gets Conflict.
  Change change{
      k_grant_all,
      [&](Tx& tx) -> Result<Journal> {
        PROBITY_CHECK(tx.run(sql::store::insert_key,
                             {space.tenant(), key_kind_text(KeyKind::Seal), number, wrapped, now}));
        PROBITY_CHECK(tx.run(sql::store::bump_counter, {k_key_counter}));
        return about_tenant(parts_, "key.rotate", space.tenant());
      },
      {},
      Growth::Essential};
  PROBITY_CHECK(apply(Space::system(), std::move(change)));
  const std::unique_lock lock(mutex_);
  // Forgotten meanwhile: then it is loaded with the new key.
  const auto known = ciphers_.find(space.tenant());
  if (known != ciphers_.end()) known->second->add_key(number, key.duplicate());
  return number;
}

Result<std::vector<EngineCore::StoredKey>> EngineCore::stale_keys() {
  std::vector<StoredKey> stale;
  PROBITY_TRY(reader, read(Space::system(), k_grant_all));
  PROBITY_CHECK(reader->each(sql::store::all_keys, {}, [&](const Row& row) -> Result<bool> {
    if (crypto::MasterKeys::number_of(row.bytes(3)) == parts_.master.newest()) return true;
    StoredKey stored{row.id<TenantId>(0),
                     std::string(row.text(1)),
                     static_cast<std::uint32_t>(row.integer(2)),
                     to_bytes(row.bytes(3)),
                     {}};
    const KeyKind kind = stored.kind == "file" ? KeyKind::File : KeyKind::Seal;
    PROBITY_TRY(
        key, parts_.master.unwrap(stored.wrapped, key_binding(kind, stored.tenant, stored.number)));
    stored.fresh = wrap(kind, stored.tenant, stored.number, key);
    stale.push_back(std::move(stored));
    return true;
  }));
  return stale;
}

Result<int> EngineCore::rewrap_keys() {
  PROBITY_TRY(outside, rewrap_outside());
  PROBITY_TRY(stale, stale_keys());
  if (stale.empty()) return outside;
  // The old wrapping is compared, so that a key changed meanwhile is not overwritten.
  Change change{k_grant_all,
                [&](Tx& tx) -> Result<Journal> {
                  for (const StoredKey& key : stale) {
                    PROBITY_CHECK(tx.run(sql::store::update_key, {key.tenant, key.kind, key.number,
                                                                  key.wrapped, key.fresh}));
                  }
                  return about_tenant(parts_, "key.rewrap", TenantId());
                },
                {},
                Growth::Essential};
  PROBITY_CHECK(apply(Space::system(), std::move(change)));
  return outside + static_cast<int>(stale.size());
}

Result<void> EngineCore::destroy_tenant(TenantId id) {
  PROBITY_TRY(record, tenant(id));
  Change change{k_grant_all,
                [&](Tx& tx) -> Result<Journal> {
                  PROBITY_CHECK(tx.run(sql::store::delete_keys, {id}));
                  PROBITY_CHECK(tx.run(sql::store::set_tenant_state, {id, "destroyed"}));
                  PROBITY_CHECK(tx.run(sql::store::bump_counter, {k_key_counter}));
                  return about_tenant(parts_, "tenant.destroy", id);
                },
                {},
                Growth::Essential};
  PROBITY_CHECK(apply(Space::system(), std::move(change)));
  {
    const std::unique_lock lock(mutex_);
    if (const auto it = ciphers_.find(id); it != ciphers_.end()) it->second->destroy();
    record.state = "destroyed";
    records_.insert_or_assign(id, record);
  }
  forget_space(id);
  return {};
}

Result<void> EngineCore::ensure_system_key() {
  const auto known = load_keys(TenantId(), KeyKind::Seal);
  if (known) return {};
  if (known.error().code != Code::NotFound) return std::unexpected(known.error());
  const Bytes wrapped = wrap(KeyKind::Seal, TenantId(), 1, crypto::Key::random());
  const Instant now = parts_.clock.now();
  Change change{
      k_grant_all,
      [&](Tx& tx) -> Result<Journal> {
        PROBITY_CHECK(tx.run(sql::store::insert_key_once,
                             {TenantId(), key_kind_text(KeyKind::Seal), 1, wrapped, now}));
        return Journal{};
      },
      {},
      Growth::Essential};
  return apply(Space::system(), std::move(change));
}

Result<std::int64_t> EngineCore::key_generation() {
  PROBITY_TRY(reader, read(Space::system(), k_grant_all));
  PROBITY_TRY(value, reader->first(sql::store::counter, {k_key_counter},
                                   [](const Row& row) { return row.integer(0); }));
  return value.value_or(0);
}

void EngineCore::poll_changes() {
  const auto generation = key_generation();
  if (!generation || *generation == seen_generation_) return;
  // Asked before the list is read: a tenant made in between is in neither.
  auto known_before = known_tenants();
  auto list = tenants();
  if (!list) return;
  forget_missing(std::move(known_before), *list);
  std::vector<std::pair<TenantId, std::shared_ptr<crypto::Cipher>>> known;
  std::vector<TenantId> destroyed;
  {
    const std::unique_lock lock(mutex_);
    for (const TenantRecord& record : *list) {
      const auto it = records_.find(record.id);
      const bool is_news = it == records_.end() || it->second.state != record.state;
      if (record.state == "destroyed" && is_news) destroyed.push_back(record.id);
      records_.insert_or_assign(record.id, record);
    }
    known.assign(ciphers_.begin(), ciphers_.end());
  }
  bool is_complete = true;
  for (auto& [id, cipher] : known) {
    if (!cipher->is_usable()) continue;
    const auto refreshed = refresh(id, *cipher);
    if (!refreshed && refreshed.error().code != Code::KeyUnavailable) is_complete = false;
  }
  for (const TenantId& id : destroyed)
    forget_space(id);
  if (is_complete) seen_generation_ = *generation;
}

}  // namespace probity::store
