#include "crypto/key_file.hpp"

#include <array>
#include <charconv>
#include <string>

namespace probity::crypto {
namespace {

constexpr std::string_view k_first_line = "probity-key-file 1";
constexpr std::size_t k_hex_digits = k_key_bytes * 2;
constexpr std::size_t k_number_digits_max = 10;

std::unexpected<Error> malformed(std::size_t line, std::string_view what) {
  return fail(Code::KeyUnavailable,
              "key file, line " + std::to_string(line) + ": " + std::string(what));
}

/// The text up to the next line feed, which is taken too; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

/// 0 when it is no number a key may have, also when it is written in another way than we write it.
std::uint32_t read_number(std::string_view text) {
  if (text.empty() || text.size() > k_number_digits_max || text[0] == '0') return 0;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Through memory that is wiped, which from_hex() does not promise.
Result<Key> read_key(std::string_view hex) {
  std::array<std::uint8_t, k_key_bytes> bytes{};
  int seen = 0;
  for (std::size_t i = 0; i < k_key_bytes; ++i) {
    const int high = nibble(hex[2 * i]);
    const int low = nibble(hex[2 * i + 1]);
    seen |= high | low;
    bytes[i] = static_cast<std::uint8_t>((high & 15) << 4 | (low & 15));
  }
  auto key = Key::from_bytes(bytes);
  wipe(bytes.data(), bytes.size());
  if (seen < 0) return fail(Code::KeyUnavailable);
  return key;
}

Result<NumberedKey> read_entry(std::string_view line, std::size_t at) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || line.size() - space - 1 != k_hex_digits)
    return malformed(at, "expected a number, a space and 64 hexadecimal digits");
  const std::uint32_t number = read_number(line.substr(0, space));
  if (number == 0) return malformed(at, "the number is not one from 1 to 4294967295");
  auto key = read_key(line.substr(space + 1));
  if (!key) return malformed(at, "the key holds something else than hexadecimal digits");
  return NumberedKey{number, *std::move(key)};
}

}  // namespace

Result<std::vector<NumberedKey>> parse_key_file(std::string_view text) {
  if (take_line(text) != k_first_line)
    return malformed(1, "expected \"probity-key-file 1\"; another version needs another build");
  std::vector<NumberedKey> keys;
  for (std::size_t at = 2; !text.empty(); ++at) {
    if (keys.size() == k_key_file_keys_max)
      return malformed(at, "more than " + std::to_string(k_key_file_keys_max) + " keys");
    const auto line = take_line(text);
    if (!line) return malformed(at, "the line does not end; the file may be cut off");
    PROBITY_TRY(entry, read_entry(*line, at));
    if (!keys.empty() && entry.number <= keys.back().number)
      return malformed(at, "numbers must grow from line to line");
    keys.push_back(std::move(entry));
  }
  if (keys.empty()) return malformed(2, "there is no key");
  return keys;
}

SecretBytes format_key_file(std::span<const NumberedKey> keys) {
  static constexpr std::string_view k_digits = "0123456789abcdef";
  Bytes out;
  // Reserved, so that growing leaves no copy behind.
  out.reserve(k_first_line.size() + 1 + keys.size() * (k_number_digits_max + 2 + k_hex_digits));
  const auto append = [&out](std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
  };
  append(k_first_line);
  append("\n");
  for (const NumberedKey& entry : keys) {
    append(std::to_string(entry.number));
    append(" ");
    for (const std::uint8_t byte : entry.key.expose()) {
      out.push_back(static_cast<std::uint8_t>(k_digits[byte >> 4]));
      out.push_back(static_cast<std::uint8_t>(k_digits[byte & 15]));
    }
    append("\n");
  }
  return SecretBytes(std::move(out));
}

}  // namespace probity::crypto
