#include "attest/signing.hpp"

#include <optional>
#include <utility>

#include "attest/grant.hpp"
#include "base/json_writer.hpp"
#include "crypto/hash.hpp"
#include "sql/attest.hpp"

namespace probity::attest {
namespace {

constexpr std::int64_t k_first_number = 1;

struct StoredKey {
  PublishedKey published;
  Bytes seed_sealed;
};

Result<std::vector<StoredKey>> stored_keys(store::Engine& engine) {
  PROBITY_TRY(reader, engine.read(store::Space::system(), k_grant));
  std::vector<StoredKey> keys;
  PROBITY_CHECK(reader->each(sql::attest::keys, {}, [&](const store::Row& row) -> Result<bool> {
    StoredKey key{{std::string(row.text(1)), {}, row.instant(3)}, to_bytes(row.bytes(4))};
    const BytesView public_key = row.bytes(2);
    if (public_key.size() != key.published.public_key.size())
      return fail(Code::IntegrityError, "a public key of another length");
    std::copy(public_key.begin(), public_key.end(), key.published.public_key.begin());
    keys.push_back(std::move(key));
    return true;
  }));
  return keys;
}

Result<void> make_first_key(store::Engine& engine, const crypto::Cipher& cipher, Instant now) {
  const crypto::SigningKey key = crypto::SigningKey::random();
  const std::string id = key_id_of(key.public_key());
  PROBITY_TRY(sealed, cipher.seal(k_seed_purpose, as_bytes(id), key.expose_seed()));
  store::Change change{.grant = k_grant,
                       .apply = [&](store::Tx& tx) -> Result<store::Journal> {
                         PROBITY_CHECK(tx.run(sql::attest::insert_key_once,
                                              {k_first_number, id, key.public_key(), now, sealed}));
                         return store::Journal{};
                       },
                       .on_refusal = {},
                       .growth = store::Growth::Essential};
  return engine.apply(store::Space::system(), std::move(change));
}

}  // namespace

std::string key_id_of(BytesView public_key) {
  return to_hex(BytesView(crypto::sha256(public_key)).first(8));
}

Result<SigningDesk> SigningDesk::open(store::Engine& engine, const Clock& clock) {
  PROBITY_TRY(cipher, engine.cipher(store::Space::system()));
  PROBITY_TRY(found, stored_keys(engine));
  std::vector<StoredKey> keys = std::move(found);
  if (keys.empty()) {
    PROBITY_CHECK(make_first_key(engine, *cipher, clock.now()));
    // Another node may have been first; what is stored counts.
    PROBITY_TRY(again, stored_keys(engine));
    keys = std::move(again);
  }
  if (keys.empty()) return fail(Code::StorageFailed, "the signing key was not stored");
  const StoredKey& newest = keys.back();
  PROBITY_TRY(seed,
              cipher->open(k_seed_purpose, as_bytes(newest.published.key_id), newest.seed_sealed));
  const SecretBytes secret(std::move(seed));
  PROBITY_TRY(key, crypto::SigningKey::from_seed(secret.expose()));
  if (key.public_key() != newest.published.public_key)
    return fail(Code::IntegrityError, "the signing key does not fit its public key");
  std::vector<PublishedKey> published;
  published.reserve(keys.size());
  for (StoredKey& stored : keys)
    published.push_back(std::move(stored.published));
  return SigningDesk(std::move(key), std::move(published));
}

std::string keys_json(const std::vector<PublishedKey>& keys) {
  JsonWriter json;
  json.begin_object();
  json.key("keys");
  json.begin_array();
  for (const PublishedKey& key : keys) {
    json.begin_object();
    json.field("key_id", key.key_id);
    json.field("alg", "Ed25519");
    json.field("public_key", to_base64url(key.public_key));
    json.field("created", to_rfc3339(key.created_at));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return std::move(json).text();
}

}  // namespace probity::attest
