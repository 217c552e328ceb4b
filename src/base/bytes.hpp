#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace probity {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// The bytes of a text, not copied; valid as long as the text.
[[nodiscard]] inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The text of some bytes, not copied and not checked; valid as long as the bytes.
[[nodiscard]] inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[nodiscard]] inline Bytes to_bytes(BytesView view) { return {view.begin(), view.end()}; }

/// Lower-case hexadecimal, two characters a byte.
[[nodiscard]] std::string to_hex(BytesView bytes);
/// Nothing when the length is odd or a character is not hexadecimal (either case is read).
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

/// RFC 4648 section 5, without padding.
[[nodiscard]] std::string to_base64url(BytesView bytes);
/// Strict: no padding, no other alphabet, no stray bits.
[[nodiscard]] std::optional<Bytes> from_base64url(std::string_view text);

/// RFC 4648 section 6, in capitals, without padding: what authenticator apps read.
[[nodiscard]] std::string to_base32(BytesView bytes);
/// Strict: capitals, no padding, no stray bits.
[[nodiscard]] std::optional<Bytes> from_base32(std::string_view text);

/// Compares in time that depends on the lengths alone. For anything secret.
[[nodiscard]] bool equal_constant_time(BytesView a, BytesView b);

/// Big-endian integers, as used in stored formats and associated data.
void append_u32(Bytes& out, std::uint32_t value);
void append_u64(Bytes& out, std::uint64_t value);
/// Length (4 bytes) and content: makes joined fields unambiguous.
void append_sized(Bytes& out, BytesView content);

/// Reads back what the append functions wrote. Once the bytes have run out every read gives nothing
/// (0, an empty view) and is_whole() is false, so a caller checks once, at the end.
class ByteReader {
 public:
  explicit ByteReader(BytesView bytes) : rest_(bytes) {}
  [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  [[nodiscard]] std::uint64_t u64() { return number(8); }
  /// The next `count` bytes, not copied.
  [[nodiscard]] BytesView take(std::size_t count);
  /// What append_sized() wrote, not copied.
  [[nodiscard]] BytesView sized() { return take(u32()); }
  /// Nothing was missing so far.
  [[nodiscard]] bool is_whole() const { return is_whole_; }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  [[nodiscard]] std::uint64_t number(std::size_t bytes);
  BytesView rest_;
  bool is_whole_ = true;
};

}  // namespace probity
