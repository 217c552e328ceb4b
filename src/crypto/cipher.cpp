#include "crypto/cipher.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "crypto/aes_gcm.hpp"
#include "crypto/hash.hpp"
#include "crypto/openssl.hpp"
#include "crypto/slots.hpp"

namespace probity::crypto {
namespace {

constexpr std::string_view k_label = "probity.sealed.1";
constexpr std::size_t k_owner_bytes = 16;
constexpr std::size_t k_number_at = 1;
constexpr std::size_t k_nonce_at = 5;
constexpr std::size_t k_content_at = k_nonce_at + k_gcm_nonce_bytes;
static_assert(k_sealed_overhead == k_content_at + k_gcm_tag_bytes);

using Owner = std::array<std::uint8_t, k_owner_bytes>;

void put_u32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i)
    at[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

std::uint32_t get_u32(const std::uint8_t* at) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8U | at[i];
  return value;
}

/// Associated data: label, owner, sized purpose, sized row. On the stack for what is usual, since
/// an allocation would cost a tenth of sealing a record.
class Binding {
 public:
  // NOLINTNEXTLINE(*-member-init): small_ is written as far as it is read.
  Binding(const Owner& owner, Purpose purpose, BytesView row) {
    const std::size_t size = k_label.size() + owner.size() + 4 + purpose.size() + 4 + row.size();
    if (size > small_.size()) large_.resize(size);
    std::uint8_t* at = large_.empty() ? small_.data() : large_.data();
    view_ = {at, size};
    at = std::ranges::copy(k_label, at).out;
    at = std::ranges::copy(owner, at).out;
    put_u32(at, static_cast<std::uint32_t>(purpose.size()));
    at = std::ranges::copy(purpose, at + 4).out;
    put_u32(at, static_cast<std::uint32_t>(row.size()));
    std::ranges::copy(row, at + 4);
  }
  Binding(const Binding&) = delete;
  Binding& operator=(const Binding&) = delete;
  [[nodiscard]] BytesView view() const { return view_; }

 private:
  std::array<std::uint8_t, 192> small_;
  Bytes large_;
  BytesView view_;
};

/// A key that seals contents, with its contexts. Lives as long as the Cipher, so that a thread that
/// has just found it need not hold a lock; after wipe_all() it is an empty shell.
class SealKey {
 public:
  SealKey(std::uint32_t key_number, Key key) : number(key_number), key_(std::move(key)) {}

  /// Runs `use(AesGcm&, NonceSequence&)`; nothing when the key was destroyed.
  template <typename Use>
  auto with_context(const Use& use)
      -> std::optional<decltype(use(std::declval<AesGcm&>(), std::declval<NonceSequence&>()))> {
    return slots_.with_one(
        [&](Place& place) -> std::optional<decltype(use(*place.aes, place.nonces))> {
          // Set before the places are emptied one by one: none is filled again behind the sweep.
          if (is_destroyed_.load()) return {};
          if (!place.aes) place.aes.emplace(key_->expose());
          return use(*place.aes, place.nonces);
        });
  }

  void wipe_all() {
    is_destroyed_.store(true);
    slots_.with_all([](Place& place) { place.aes.reset(); });
    key_.reset();
  }

  const std::uint32_t number;
  SealKey* older = nullptr;  // Set before it is published, never changed.

 private:
  struct Place {
    std::optional<AesGcm> aes;
    NonceSequence nonces;
  };
  std::optional<Key> key_;
  std::atomic<bool> is_destroyed_{false};
  Slots<Place> slots_;
};

/// The key of look-ups, in the same manner.
class LookupKey {
 public:
  explicit LookupKey(Key key) : key_(std::move(key)) {}

  [[nodiscard]] std::optional<Digest> hash(BytesView binding, BytesView value) {
    return slots_.with_one([&](ssl::MacContext& mac) -> std::optional<Digest> {
      if (is_destroyed_.load()) return {};
      start(mac);
      Digest out;
      std::size_t size = 0;
      ssl::require(EVP_MAC_update(mac.get(), binding.data(), binding.size()) == 1);
      ssl::require(EVP_MAC_update(mac.get(), value.data(), value.size()) == 1);
      ssl::require(EVP_MAC_final(mac.get(), out.data(), &size, out.size()) == 1);
      return out;
    });
  }

  void wipe_all() {
    is_destroyed_.store(true);
    slots_.with_all([](ssl::MacContext& mac) { mac.reset(); });
    key_.reset();
  }

 private:
  void start(ssl::MacContext& mac) {
    if (mac) {  // Keeps its key.
      ssl::require(EVP_MAC_init(mac.get(), nullptr, 0, nullptr) == 1);
      return;
    }
    mac.reset(ssl::require(EVP_MAC_CTX_new(ssl::hmac())));
    static std::string digest = "SHA2-256";
    const std::array params{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    const BytesView key = key_->expose();
    ssl::require(EVP_MAC_init(mac.get(), key.data(), key.size(), params.data()) == 1);
  }

  std::optional<Key> key_;
  std::atomic<bool> is_destroyed_{false};
  Slots<ssl::MacContext> slots_;
};

std::unexpected<Error> no_key() {
  return fail(Code::KeyUnavailable, "the key was destroyed or never loaded");
}

}  // namespace

struct Cipher::State {
  [[nodiscard]] SealKey* find(std::uint32_t number) const {
    SealKey* key = last_added.load();
    while (key != nullptr && key->number != number)
      key = key->older;
    return key;
  }

  Owner owner{};
  // What readers follow without a lock. Objects are freed with the Cipher only.
  std::atomic<SealKey*> newest{nullptr};
  std::atomic<SealKey*> last_added{nullptr};
  std::atomic<LookupKey*> lookup{nullptr};

  std::mutex writing;  // Guards what follows, and the order of changes above.
  bool is_destroyed = false;
  std::vector<std::unique_ptr<SealKey>> seal_keys;
  std::unique_ptr<LookupKey> lookup_key;
};

Cipher::Cipher(BytesView owner) : state_(std::make_unique<State>()) {
  ssl::require(owner.size() == k_owner_bytes);
  std::ranges::copy(owner, state_->owner.begin());
}

Cipher::~Cipher() = default;

void Cipher::add_key(std::uint32_t number, Key key) {
  const std::lock_guard lock(state_->writing);
  if (state_->is_destroyed || number == 0 || state_->find(number) != nullptr) return;
  state_->seal_keys.push_back(std::make_unique<SealKey>(number, key.derive("cipher.seal")));
  SealKey* const added = state_->seal_keys.back().get();
  added->older = state_->last_added.load();
  state_->last_added.store(added);
  const SealKey* const newest = state_->newest.load();
  if (newest == nullptr || newest->number < number) state_->newest.store(added);
  if (number == 1) {
    state_->lookup_key = std::make_unique<LookupKey>(key.derive("cipher.lookup"));
    state_->lookup.store(state_->lookup_key.get());
  }
}

void Cipher::destroy() {
  const std::lock_guard lock(state_->writing);
  state_->is_destroyed = true;
  state_->newest.store(nullptr);
  state_->last_added.store(nullptr);
  state_->lookup.store(nullptr);
  for (const auto& key : state_->seal_keys)
    key->wipe_all();
  if (state_->lookup_key) state_->lookup_key->wipe_all();
}

bool Cipher::is_usable() const { return state_->newest.load() != nullptr; }

std::uint32_t Cipher::newest_key() const {
  const SealKey* const key = state_->newest.load();
  return key == nullptr ? 0 : key->number;
}

Result<Bytes> Cipher::seal(Purpose purpose, BytesView row, BytesView plain) const {
  SealKey* const key = state_->newest.load();
  if (key == nullptr) return no_key();
  if (plain.size() > k_gcm_plain_bytes_max)
    return refuse(Code::LimitExceeded, "A sealed value holds at most 64 MiB.");
  const Binding binding(state_->owner, purpose, row);
  Bytes out(plain.size() + k_sealed_overhead);
  out[0] = k_algorithm_aes_256_gcm;
  put_u32(out.data() + k_number_at, key->number);
  const auto is_sealed = key->with_context([&](AesGcm& aes, NonceSequence& nonces) {
    const GcmNonce nonce = nonces.next();
    std::ranges::copy(nonce, out.begin() + k_nonce_at);
    aes.seal(nonce, binding.view(), plain, out.data() + k_content_at);
    return true;
  });
  if (!is_sealed) return no_key();
  return out;
}

Result<Bytes> Cipher::open(Purpose purpose, BytesView row, BytesView sealed) const {
  Bytes plain;
  PROBITY_CHECK(open_into(purpose, row, sealed, plain));
  return plain;
}

Result<void> Cipher::open_into(Purpose purpose, BytesView row, BytesView sealed,
                               Bytes& plain) const {
  plain.clear();
  if (!is_usable()) return no_key();
  if (sealed.size() < k_sealed_overhead || sealed[0] != k_algorithm_aes_256_gcm)
    return fail(Code::IntegrityError, "not a sealed value");
  const std::uint32_t number = get_u32(sealed.data() + k_number_at);
  SealKey* const key = state_->find(number);
  if (key == nullptr)
    return fail(Code::KeyUnavailable, "key " + std::to_string(number) + " is not held");
  if (sealed.size() - k_sealed_overhead > k_gcm_plain_bytes_max)
    return fail(Code::IntegrityError, "larger than any sealed value");
  const Binding binding(state_->owner, purpose, row);
  plain.resize(sealed.size() - k_sealed_overhead);
  const auto is_open = key->with_context([&](AesGcm& aes, NonceSequence&) {
    return aes.open(sealed.subspan(k_nonce_at, k_gcm_nonce_bytes), binding.view(),
                    sealed.subspan(k_content_at), plain.data());
  });
  if (is_open.value_or(false)) return {};
  plain.clear();
  if (!is_open) return no_key();
  return fail(Code::IntegrityError, "a sealed value does not open");
}

Result<std::array<std::uint8_t, 32>> Cipher::lookup_hash(Purpose purpose, BytesView value) const {
  LookupKey* const key = state_->lookup.load();
  if (key == nullptr) return no_key();
  const Binding binding(state_->owner, purpose, {});
  const auto hash = key->hash(binding.view(), value);
  if (!hash) return no_key();
  return *hash;
}

std::uint32_t Cipher::key_number_of(BytesView sealed) {
  if (sealed.size() < k_sealed_overhead || sealed[0] != k_algorithm_aes_256_gcm) return 0;
  return get_u32(sealed.data() + k_number_at);
}

}  // namespace probity::crypto
