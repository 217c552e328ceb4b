#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"

namespace probity::crypto {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4). Threads: any, as for everything here.
[[nodiscard]] Digest sha256(BytesView data);

/// SHA-256 of something that comes in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void add(BytesView data);
  /// Ends it; the object starts anew.
  [[nodiscard]] Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA-256 (RFC 2104). Keys of any length.
[[nodiscard]] Digest hmac_sha256(BytesView key, BytesView data);

inline constexpr std::size_t k_hkdf_bytes_max = 8160;  ///< 255 blocks (RFC 5869, section 2.3).

/// HKDF-SHA-256 (RFC 5869); at most k_hkdf_bytes_max bytes, else empty.
[[nodiscard]] Bytes hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t length);
/// The same into memory that is there already (1 to k_hkdf_bytes_max bytes, else the process ends):
/// a derived key never lies in ordinary memory. Without a salt, that is.
void hkdf_sha256_into(BytesView key, BytesView info, std::span<std::uint8_t> out);

}  // namespace probity::crypto
