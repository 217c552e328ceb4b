#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/cipher.hpp"
#include "crypto/keys.hpp"

/// A backup's outer form: one file, AES-256-GCM in pieces under a key of its own, which stands in
/// its head wrapped by the master key (SW-18). Format: docs/decisions/040-archive-and-backup.md.
namespace probity::keep {

inline constexpr std::size_t k_sealed_piece_bytes = 1024U * 1024;

/// Writes one; the file must not exist and has mode 0600. Removed again unless finish() succeeded.
class SealedWriter {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SealedWriter>> create(
      const std::filesystem::path& file, const crypto::MasterKeys& master);
  ~SealedWriter();
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;

  [[nodiscard]] Result<void> add(std::string_view plain);
  /// Last piece, sync of file and folder.
  [[nodiscard]] Result<void> finish();

 private:
  SealedWriter(std::filesystem::path file, int fd);
  [[nodiscard]] Result<void> write(BytesView bytes);
  [[nodiscard]] Result<void> seal_piece(std::string_view plain, bool is_last);

  std::filesystem::path file_;
  int fd_;
  crypto::Cipher cipher_;
  std::string buffer_;
  std::uint64_t count_ = 0;
  bool is_finished_ = false;
};

/// Reads one. Nothing unverified ever comes out; a piece that is changed, moved, missing or of
/// another file is IntegrityError.
class SealedReader {
 public:
  /// KeyUnavailable when its master key is not in the key file, IntegrityError when it does not
  /// open under it, BadRequest when it is no backup.
  [[nodiscard]] static Result<std::unique_ptr<SealedReader>> open(const std::filesystem::path& file,
                                                                  const crypto::MasterKeys& master);
  ~SealedReader();
  SealedReader(const SealedReader&) = delete;
  SealedReader& operator=(const SealedReader&) = delete;

  /// Up to `wanted` bytes; fewer only at the end.
  [[nodiscard]] Result<std::string> read(std::size_t wanted);

 private:
  explicit SealedReader(int fd);
  [[nodiscard]] Result<void> fill();

  int fd_;
  crypto::Cipher cipher_;
  std::string buffer_;
  std::size_t used_ = 0;
  std::uint64_t count_ = 0;
  bool is_over_ = false;
};

}  // namespace probity::keep
