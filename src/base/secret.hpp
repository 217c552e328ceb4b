#pragma once

#include <cstring>
#include <utility>

#include "base/bytes.hpp"

namespace probity {

/// Overwrites memory in a way the compiler may not remove.
void wipe(void* data, std::size_t size);

/// Bytes that must not be copied, printed, logged or left behind: wiped on destruction, move-only,
/// no formatter and no JSON. `expose()` is the one way in, and easy to search for.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      clear();
      bytes_ = std::move(other.bytes_);
      other.clear();
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { clear(); }

  /// A second holder of the same secret; written out so that each one is a decision.
  [[nodiscard]] SecretBytes duplicate() const { return SecretBytes(bytes_); }
  [[nodiscard]] BytesView expose() const { return bytes_; }
  [[nodiscard]] std::string_view expose_text() const { return as_text(bytes_); }
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }

 private:
  void clear() {
    if (!bytes_.empty()) wipe(bytes_.data(), bytes_.size());
    bytes_.clear();
  }
  Bytes bytes_;
};

}  // namespace probity
