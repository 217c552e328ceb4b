#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

namespace probity::crypto {

inline constexpr std::size_t k_key_bytes = 32;  ///< AES-256 and HMAC-SHA-256 (SW-17).

/// A 256-bit key in locked memory, wiped when it goes. Move-only.
class Key {
 public:
  /// 32 bytes exactly, else IntegrityError.
  [[nodiscard]] static Result<Key> from_bytes(BytesView bytes);
  /// Fresh from the kernel's generator.
  [[nodiscard]] static Key random();
  /// HKDF-SHA-256 (RFC 5869) of this key for one purpose: keys for two purposes are independent.
  [[nodiscard]] Key derive(std::string_view purpose) const;

  Key(Key&&) noexcept;
  Key& operator=(Key&&) noexcept;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key();

  [[nodiscard]] BytesView expose() const;
  [[nodiscard]] Key duplicate() const;

 private:
  Key();
  std::uint8_t* bytes_ = nullptr;  // sodium_malloc: locked, guarded, wiped on free.
};

/// The master keys of an installation, as read from the key file: the newest wraps, all unwrap.
/// The file is text, mode 0600, made by `probity init`:
///
///     probity-key-file 1
///     <number> <64 hexadecimal digits>
///     …
///
/// KeyUnavailable when it is missing, unreadable, malformed, or readable by anyone but its owner.
class MasterKeys {
 public:
  [[nodiscard]] static Result<MasterKeys> load(const std::filesystem::path& file);
  /// Makes a new file with one key; Conflict when the file exists. Synced to disk before it returns.
  [[nodiscard]] static Result<MasterKeys> create(const std::filesystem::path& file);
  /// Appends a newer key and rewrites the file atomically (rename after fsync).
  [[nodiscard]] Result<void> add_key(const std::filesystem::path& file);
  /// Drops all but the newest; only after everything has been wrapped anew.
  [[nodiscard]] Result<void> drop_old(const std::filesystem::path& file);

  /// AES-256-GCM under the newest key. Layout: number (4) | nonce (12) | ciphertext | tag (16).
  /// `bound_to` is authenticated, not stored: what the wrapped key is for and of which tenant.
  [[nodiscard]] Bytes wrap(const Key& key, BytesView bound_to) const;
  /// IntegrityError when it does not open; KeyUnavailable when its master key is not in the file.
  [[nodiscard]] Result<Key> unwrap(BytesView wrapped, BytesView bound_to) const;
  /// The number under which a wrapped key was made; 0 when it is too short to have one.
  [[nodiscard]] static std::uint32_t number_of(BytesView wrapped);
  [[nodiscard]] std::uint32_t newest() const;

 private:
  struct Numbered {
    std::uint32_t number;
    Key key;
  };
  std::vector<Numbered> keys_;
};

}  // namespace probity::crypto
