#include "keep/tar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace probity::keep {
namespace {

constexpr std::size_t k_name_bytes_max = 100;
constexpr std::size_t k_piece_bytes = 64U * 1024;
constexpr std::uint64_t k_octal_size_max = (std::uint64_t{1} << 33U) - 1;

// Fields of a header: offset and length (IEEE 1003.1, pax, "ustar Interchange Format").
struct Field {
  std::size_t at;
  std::size_t length;
};
constexpr Field k_name{0, 100};
constexpr Field k_mode{100, 8};
constexpr Field k_user{108, 8};
constexpr Field k_group{116, 8};
constexpr Field k_size{124, 12};
constexpr Field k_time{136, 12};
constexpr Field k_sum{148, 8};
constexpr std::size_t k_type_at = 156;
constexpr Field k_magic{257, 8};

void put(std::string& block, Field field, std::string_view text) {
  std::copy_n(text.begin(), std::min(text.size(), field.length), block.begin() + field.at);
}

void put_octal(std::string& block, Field field, std::uint64_t value) {
  put(block, field, fmt::format("{:0{}o}", value, field.length - 1));
}

void put_size(std::string& block, std::uint64_t size) {
  if (size <= k_octal_size_max) return put_octal(block, k_size, size);
  block[k_size.at] = static_cast<char>(0x80);
  for (std::size_t i = k_size.length - 1; i > 0; --i) {
    block[k_size.at + i] = static_cast<char>(size & 0xffU);
    size >>= 8U;
  }
}

unsigned sum_of(std::string_view block) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_of_sum = i >= k_sum.at && i < k_sum.at + k_sum.length;
    sum += is_of_sum ? static_cast<unsigned>(' ') : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

Result<std::uint64_t> octal(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c == '\0' || c == ' ') break;
    if (c < '0' || c > '7') return fail(Code::BadRequest, "a number of the archive is none");
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

Result<std::uint64_t> size_of(std::string_view block) {
  const std::string_view text = block.substr(k_size.at, k_size.length);
  if ((static_cast<unsigned char>(text[0]) & 0x80U) == 0) return octal(text);
  std::uint64_t size = 0;
  for (const char c : text.substr(text.size() - sizeof size))
    size = size << 8U | static_cast<unsigned char>(c);
  return size;
}

std::uint64_t padding_of(std::uint64_t size) {
  return (k_tar_block_bytes - size % k_tar_block_bytes) % k_tar_block_bytes;
}

}  // namespace

std::string tar_header(std::string_view name, std::uint64_t size, Instant at) {
  std::string block(k_tar_block_bytes, '\0');
  put(block, k_name, name.substr(0, k_name_bytes_max));
  put_octal(block, k_mode, 0600);
  put_octal(block, k_user, 0);
  put_octal(block, k_group, 0);
  put_size(block, size);
  put_octal(block, k_time, static_cast<std::uint64_t>(at.us() / 1'000'000));
  block[k_type_at] = '0';
  put(block, k_magic,
      std::string_view("ustar\0"
                       "00",
                       8));
  put(block, k_sum, fmt::format("{:06o}", sum_of(block)));
  block[k_sum.at + 7] = ' ';
  return block;
}

std::string tar_padding(std::uint64_t size) { return std::string(padding_of(size), '\0'); }

std::string tar_end() { return std::string(2 * k_tar_block_bytes, '\0'); }

Result<std::string> TarReader::exactly(std::size_t size) {
  PROBITY_TRY(bytes, read_(size));
  if (bytes.size() != size) return fail(Code::BadRequest, "the archive is cut off");
  return std::move(bytes);
}

Result<bool> TarReader::next(TarEntry& entry) {
  while (left_ > 0)
    PROBITY_CHECK(piece());
  PROBITY_CHECK(exactly(padding_));
  PROBITY_TRY(block, exactly(k_tar_block_bytes));
  padding_ = 0;
  if (std::ranges::all_of(block, [](char c) { return c == '\0'; })) return false;
  PROBITY_TRY(sum, octal(std::string_view(block).substr(k_sum.at, k_sum.length)));
  if (sum != sum_of(block)) return fail(Code::BadRequest, "a header of the archive is damaged");
  if (block[k_type_at] != '0') return fail(Code::BadRequest, "a member is no regular file");
  entry.name = std::string(block.c_str(), strnlen(block.c_str(), k_name.length));
  const bool is_plain = !entry.name.empty() && entry.name.front() != '/' &&
                        entry.name.find("..") == std::string::npos;
  if (!is_plain) return fail(Code::BadRequest, "a member's name leaves the archive");
  PROBITY_TRY(size, size_of(block));
  entry.size = size;
  left_ = size;
  padding_ = padding_of(size);
  return true;
}

Result<std::string> TarReader::piece() {
  const std::size_t wanted = std::min<std::uint64_t>(left_, k_piece_bytes);
  PROBITY_TRY(bytes, exactly(wanted));
  left_ -= bytes.size();
  return std::move(bytes);
}

}  // namespace probity::keep
