#include <algorithm>

#include "report/column_table.hpp"

namespace probity::report {
namespace {

unsigned bits_for(std::uint16_t greatest) {
  if (greatest == 0) return 0;
  unsigned bits = 1;
  while (bits < 16 && greatest >> bits != 0)
    bits *= 2;
  return bits;
}

/// Unpacks codes of fewer than 8 bits: the lowest bits of a byte first.
template <unsigned Bits>
void unpack_small(BytesView packed, std::vector<std::uint16_t>& codes) {
  constexpr unsigned k_in_byte = 8 / Bits;
  constexpr unsigned k_mask = (1U << Bits) - 1;
  const std::size_t whole = codes.size() / k_in_byte;
  auto out = codes.begin();
  for (const std::uint8_t byte : packed.first(whole))
    for (unsigned k = 0; k < k_in_byte; ++k)
      *out++ = static_cast<std::uint16_t>(byte >> (k * Bits) & k_mask);
  for (unsigned k = 0; out != codes.end(); ++k)
    *out++ = static_cast<std::uint16_t>(packed[whole] >> (k * Bits) & k_mask);
}

}  // namespace

void append_codes(Bytes& out, const std::vector<std::uint16_t>& codes) {
  const std::uint16_t greatest =
      codes.empty() ? std::uint16_t{0} : *std::ranges::max_element(codes);
  const unsigned bits = bits_for(greatest);
  Bytes packed((codes.size() * bits + 7) / 8);
  for (std::size_t i = 0; i < codes.size() && bits > 0; ++i) {
    if (bits == 16) {
      packed[2 * i] = static_cast<std::uint8_t>(codes[i] & 0xFF);
      packed[2 * i + 1] = static_cast<std::uint8_t>(codes[i] >> 8);
    } else {
      const std::size_t at = i * bits;
      packed[at / 8] = static_cast<std::uint8_t>(packed[at / 8] | codes[i] << (at % 8));
    }
  }
  out.push_back(static_cast<std::uint8_t>(bits));
  append_sized(out, packed);
}

bool read_codes(ByteReader& in, std::size_t count, std::size_t limit,
                std::vector<std::uint16_t>& codes) {
  const BytesView head = in.take(1);
  const BytesView packed = in.sized();
  if (!in.is_whole()) return false;
  const unsigned bits = head[0];
  const bool is_width = bits == 0 || bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
  if (!is_width || packed.size() != (count * bits + 7) / 8) return false;
  codes.assign(count, 0);
  switch (bits) {
    case 1: unpack_small<1>(packed, codes); break;
    case 2: unpack_small<2>(packed, codes); break;
    case 4: unpack_small<4>(packed, codes); break;
    case 8: std::ranges::copy(packed, codes.begin()); break;
    case 16:
      for (std::size_t i = 0; i < count; ++i)
        codes[i] = static_cast<std::uint16_t>(packed[2 * i] | packed[2 * i + 1] << 8);
      break;
    default: break;
  }
  // Codes of so few bits may all be below it.
  if (1UL << bits <= limit) return true;
  return std::ranges::all_of(codes, [limit](std::uint16_t code) { return code < limit; });
}

}  // namespace probity::report
