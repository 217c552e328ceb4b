#include "base/bytes.hpp"

#include <array>

namespace probity {
namespace {

constexpr std::string_view k_hex = "0123456789abcdef";
constexpr std::string_view k_base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view k_base64url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int16_t, 256> reverse(std::string_view alphabet) {
  std::array<std::int16_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int16_t>(i);
  return table;
}

constexpr auto k_base64url_value = reverse(k_base64url);

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(BytesView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(k_hex[byte >> 4]);
    out.push_back(k_hex[byte & 15]);
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return {};
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

namespace {

/// The bytes as digits of `bits_each` bits, the last one filled with zeros.
std::string in_digits(BytesView bytes, std::string_view digits, int bits_each) {
  std::string out;
  out.reserve((bytes.size() * 8 + static_cast<std::size_t>(bits_each) - 1) /
              static_cast<std::size_t>(bits_each));
  const std::uint32_t mask = (1U << bits_each) - 1;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    buffer = buffer << 8 | byte;
    bits += 8;
    while (bits >= bits_each) {
      bits -= bits_each;
      out.push_back(digits[buffer >> bits & mask]);
    }
  }
  if (bits > 0) out.push_back(digits[buffer << (bits_each - bits) & mask]);
  return out;
}

}  // namespace

std::string to_base64url(BytesView bytes) { return in_digits(bytes, k_base64url, 6); }

std::string to_base32(BytesView bytes) { return in_digits(bytes, k_base32, 5); }

std::optional<Bytes> from_base32(std::string_view text) {
  Bytes out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = k_base32.find(c);
    if (value == std::string_view::npos) return {};
    buffer = buffer << 5 | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::uint8_t>(buffer >> bits));
  }
  if (bits >= 5 || (buffer & ((1U << bits) - 1)) != 0) return {};
  return out;
}

std::optional<Bytes> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return {};
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = k_base64url_value[static_cast<std::uint8_t>(c)];
    if (value < 0) return {};
    buffer = buffer << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::uint8_t>(buffer >> bits));
  }
  if ((buffer & ((1U << bits) - 1)) != 0) return {};
  return out;
}

bool equal_constant_time(BytesView a, BytesView b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

void append_u32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append_u64(Bytes& out, std::uint64_t value) {
  append_u32(out, static_cast<std::uint32_t>(value >> 32));
  append_u32(out, static_cast<std::uint32_t>(value));
}

void append_sized(Bytes& out, BytesView content) {
  append_u32(out, static_cast<std::uint32_t>(content.size()));
  out.insert(out.end(), content.begin(), content.end());
}

BytesView ByteReader::take(std::size_t count) {
  if (count > rest_.size()) {
    is_whole_ = false;
    rest_ = {};
    return {};
  }
  const BytesView taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::uint64_t ByteReader::number(std::size_t bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : take(bytes))
    value = value << 8 | byte;
  return value;
}

}  // namespace probity
