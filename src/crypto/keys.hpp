#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace probity::crypto {

inline constexpr std::size_t k_key_bytes = 32;  ///< AES-256 and HMAC-SHA-256 (SW-17).

/// A 256-bit key in memory of its own that is locked as far as the process may lock
/// (RLIMIT_MEMLOCK), read-only between guard pages, left out of core dumps and wiped when it goes.
/// Move-only; after a move it is empty and exposes nothing. Threads: any number may read one.
class Key {
 public:
  /// 32 bytes exactly, else IntegrityError.
  [[nodiscard]] static Result<Key> from_bytes(BytesView bytes);
  /// Fresh from the kernel's generator.
  [[nodiscard]] static Key random();
  /// HKDF-SHA-256 (RFC 5869, no salt, info "probity.key." and the purpose): keys for two purposes
  /// are independent.
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

/// A key and its number in the key file.
struct NumberedKey {
  std::uint32_t number;
  Key key;
};

inline constexpr std::size_t k_key_file_keys_max = 500;  ///< Forty years of monthly rotation.

/// The master keys of an installation, as read from the key file: the newest wraps, all unwrap.
/// The file is text, mode 0600, made by `probity init`:
///
///     probity-key-file 1
///     <number> <64 hexadecimal digits>
///     …
///
/// Numbers grow from line to line, 1 to 2^32-1; each line ends with a line feed; at most
/// k_key_file_keys_max keys. KeyUnavailable when it is missing, unreadable, malformed, of another
/// owner, or open to anyone but its owner. A symbolic link is followed; what it leads to is judged.
/// Threads: any, for everything but moving it; changes of the file by one process at a time.
class MasterKeys {
 public:
  [[nodiscard]] static Result<MasterKeys> load(const std::filesystem::path& file);
  /// Makes a new file with one key; Conflict when the file exists, StorageFailed or StorageFull
  /// when it cannot be written. File and directory are synced before it returns.
  [[nodiscard]] static Result<MasterKeys> create(const std::filesystem::path& file);
  /// Appends a newer key and rewrites the file atomically (rename after fsync). Conflict when the
  /// file no longer holds what was loaded, or is full. When it fails, file and object are
  /// unchanged.
  [[nodiscard]] Result<void> add_key(const std::filesystem::path& file);
  /// Drops all but the newest; only after everything has been wrapped anew. Errors as for add_key.
  [[nodiscard]] Result<void> drop_old(const std::filesystem::path& file);
  /// Takes over what another process (`rotate-keys`) made of the file; whether it had changed. What
  /// is held stays when the file cannot be read. While others wrap and unwrap, too.
  [[nodiscard]] Result<bool> reload(const std::filesystem::path& file);

  /// AES-256-GCM under the newest key. Layout: number (4) | nonce (12) | ciphertext | tag (16).
  /// `bound_to` is authenticated, not stored: what the wrapped key is for and of which tenant.
  [[nodiscard]] Bytes wrap(const Key& key, BytesView bound_to) const;
  /// IntegrityError when it does not open; KeyUnavailable when its master key is not in the file.
  [[nodiscard]] Result<Key> unwrap(BytesView wrapped, BytesView bound_to) const;
  /// The number under which a wrapped key was made; 0 when it is too short to have one.
  [[nodiscard]] static std::uint32_t number_of(BytesView wrapped);
  [[nodiscard]] std::uint32_t newest() const;

 private:
  explicit MasterKeys(std::vector<NumberedKey> keys)
      : mutex_(std::make_unique<std::shared_mutex>()), keys_(std::move(keys)) {}
  [[nodiscard]] const Key* find(std::uint32_t number) const;

  std::unique_ptr<std::shared_mutex> mutex_;  // Apart, so that the object can be moved.
  std::vector<NumberedKey> keys_;             // Guarded by it. Ascending, never empty.
};

}  // namespace probity::crypto
