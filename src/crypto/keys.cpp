#include "crypto/keys.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <span>
#include <string>

#include "crypto/aes_gcm.hpp"
#include "crypto/file.hpp"
#include "crypto/hash.hpp"
#include "crypto/key_file.hpp"
#include "crypto/random.hpp"
#include "crypto/sodium.hpp"

namespace probity::crypto {
namespace {

constexpr std::size_t k_file_bytes_max = 64U * 1024;  // 500 keys need 38 kB.
constexpr mode_t k_file_mode = 0600;
constexpr std::size_t k_number_bytes = 4;
constexpr std::size_t k_wrapped_bytes =
    k_number_bytes + k_gcm_nonce_bytes + k_key_bytes + k_gcm_tag_bytes;

Bytes wrap_binding(BytesView bound_to) {
  Bytes out = to_bytes(as_bytes("probity.wrapped.1"));
  append_sized(out, bound_to);
  return out;
}

std::uint32_t read_u32(BytesView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8U | bytes[i];
  return value;
}

bool are_same(std::span<const NumberedKey> a, std::span<const NumberedKey> b) {
  return std::ranges::equal(a, b, [](const NumberedKey& x, const NumberedKey& y) {
    return x.number == y.number && equal_constant_time(x.key.expose(), y.key.expose());
  });
}

Result<std::vector<NumberedKey>> read_keys(const std::filesystem::path& file) {
  PROBITY_TRY(content,
              read_whole_file(file, k_file_bytes_max, Privacy::OwnerOnly, Code::KeyUnavailable));
  auto keys = parse_key_file(content.expose_text());
  if (!keys) keys.error().detail = file.string() + ": " + keys.error().detail;
  return keys;
}

/// Refuses to write over what somebody else has added meanwhile: a lost key is lost data.
Result<void> check_unchanged(const std::filesystem::path& file,
                             std::span<const NumberedKey> loaded) {
  PROBITY_TRY(stored, read_keys(file));
  if (!are_same(stored, loaded))
    return fail(Code::Conflict, file.string() + " was changed since it was read");
  return {};
}

std::vector<NumberedKey> duplicate(std::span<const NumberedKey> keys) {
  std::vector<NumberedKey> out;
  out.reserve(keys.size() + 1);
  for (const NumberedKey& entry : keys)
    out.push_back({entry.number, entry.key.duplicate()});
  return out;
}

}  // namespace

Key::Key() {
  start_sodium();
  bytes_ = static_cast<std::uint8_t*>(sodium_malloc(k_key_bytes));
  if (bytes_ == nullptr) std::abort();
}

Key::Key(Key&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}

Key& Key::operator=(Key&& other) noexcept {
  if (this != &other) {
    sodium_free(bytes_);
    bytes_ = std::exchange(other.bytes_, nullptr);
  }
  return *this;
}

Key::~Key() { sodium_free(bytes_); }

BytesView Key::expose() const {
  return bytes_ == nullptr ? BytesView() : BytesView(bytes_, k_key_bytes);
}

Result<Key> Key::from_bytes(BytesView bytes) {
  if (bytes.size() != k_key_bytes) return fail(Code::IntegrityError, "a key has 32 bytes");
  Key key;
  std::memcpy(key.bytes_, bytes.data(), k_key_bytes);
  sodium_mprotect_readonly(key.bytes_);
  return key;
}

Key Key::random() {
  Key key;
  fill_random({key.bytes_, k_key_bytes});
  sodium_mprotect_readonly(key.bytes_);
  return key;
}

Key Key::derive(std::string_view purpose) const {
  const std::string info = "probity.key." + std::string(purpose);
  Key key;
  hkdf_sha256_into(expose(), as_bytes(info), {key.bytes_, k_key_bytes});
  sodium_mprotect_readonly(key.bytes_);
  return key;
}

Key Key::duplicate() const {
  Key key;
  if (bytes_ == nullptr) std::abort();
  std::memcpy(key.bytes_, bytes_, k_key_bytes);
  sodium_mprotect_readonly(key.bytes_);
  return key;
}

Result<MasterKeys> MasterKeys::load(const std::filesystem::path& file) {
  PROBITY_TRY(keys, read_keys(file));
  return MasterKeys(std::move(keys));
}

Result<MasterKeys> MasterKeys::create(const std::filesystem::path& file) {
  std::vector<NumberedKey> keys;
  keys.push_back({1, Key::random()});
  const SecretBytes text = format_key_file(keys);
  PROBITY_CHECK(write_whole_file(file, text.expose(), k_file_mode, Existing::Refuse));
  return MasterKeys(std::move(keys));
}

Result<void> MasterKeys::add_key(const std::filesystem::path& file) {
  const std::unique_lock lock(*mutex_);
  if (keys_.size() >= k_key_file_keys_max)
    return fail(Code::Conflict, "the key file is full; drop old keys first");
  const std::uint32_t last = keys_.back().number;
  if (last == std::numeric_limits<std::uint32_t>::max())
    return fail(Code::Conflict, "the last key number is used");
  PROBITY_CHECK(check_unchanged(file, keys_));
  std::vector<NumberedKey> next = duplicate(keys_);
  next.push_back({last + 1, Key::random()});
  const SecretBytes text = format_key_file(next);
  PROBITY_CHECK(write_whole_file(file, text.expose(), k_file_mode, Existing::Replace));
  keys_ = std::move(next);
  return {};
}

Result<void> MasterKeys::drop_old(const std::filesystem::path& file) {
  const std::unique_lock lock(*mutex_);
  PROBITY_CHECK(check_unchanged(file, keys_));
  std::vector<NumberedKey> next = duplicate(std::span(keys_).last(1));
  const SecretBytes text = format_key_file(next);
  PROBITY_CHECK(write_whole_file(file, text.expose(), k_file_mode, Existing::Replace));
  keys_ = std::move(next);
  return {};
}

Result<bool> MasterKeys::reload(const std::filesystem::path& file) {
  PROBITY_TRY(stored, read_keys(file));
  const std::unique_lock lock(*mutex_);
  if (are_same(stored, keys_)) return false;
  keys_ = std::move(stored);
  return true;
}

std::uint32_t MasterKeys::newest() const {
  const std::shared_lock lock(*mutex_);
  return keys_.back().number;
}

const Key* MasterKeys::find(std::uint32_t number) const {
  const auto at = std::ranges::lower_bound(keys_, number, {}, &NumberedKey::number);
  return at == keys_.end() || at->number != number ? nullptr : &at->key;
}

Bytes MasterKeys::wrap(const Key& key, BytesView bound_to) const {
  const std::shared_lock lock(*mutex_);
  Bytes out;
  out.reserve(k_wrapped_bytes);
  append_u32(out, keys_.back().number);
  // Random nonces: at most a few thousand wraps per master key, far from the 2^32 of SP 800-38D.
  GcmNonce nonce;
  fill_random(nonce);
  out.insert(out.end(), nonce.begin(), nonce.end());
  out.resize(k_wrapped_bytes);
  AesGcm(keys_.back().key.expose())
      .seal(nonce, wrap_binding(bound_to), key.expose(),
            out.data() + k_number_bytes + k_gcm_nonce_bytes);
  return out;
}

Result<Key> MasterKeys::unwrap(BytesView wrapped, BytesView bound_to) const {
  if (wrapped.size() != k_wrapped_bytes)
    return fail(Code::IntegrityError, "a wrapped key has 64 bytes");
  const std::shared_lock lock(*mutex_);
  const Key* const master = find(number_of(wrapped));
  if (master == nullptr) {
    return fail(Code::KeyUnavailable,
                "master key " + std::to_string(number_of(wrapped)) + " is not in the key file");
  }
  std::array<std::uint8_t, k_key_bytes> plain{};
  const bool is_open =
      AesGcm(master->expose())
          .open(wrapped.subspan(k_number_bytes, k_gcm_nonce_bytes), wrap_binding(bound_to),
                wrapped.subspan(k_number_bytes + k_gcm_nonce_bytes), plain.data());
  if (!is_open) return fail(Code::IntegrityError, "a wrapped key does not open");
  auto key = Key::from_bytes(plain);
  wipe(plain.data(), plain.size());
  return key;
}

std::uint32_t MasterKeys::number_of(BytesView wrapped) {
  return wrapped.size() < k_number_bytes ? 0 : read_u32(wrapped);
}

}  // namespace probity::crypto
