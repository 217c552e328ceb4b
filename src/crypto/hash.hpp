#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

namespace probity::crypto {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4).
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

/// HKDF-SHA-256 (RFC 5869); at most 8160 bytes, else empty.
[[nodiscard]] Bytes hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t length);

}  // namespace probity::crypto
