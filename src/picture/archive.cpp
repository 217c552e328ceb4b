#include "picture/archive.hpp"

#include <zlib.h>

#include "base/deflate.hpp"

namespace probity::picture {
namespace {

// APPNOTE.TXT 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16.
constexpr std::uint32_t k_local_header = 0x04034b50;
constexpr std::uint32_t k_central_header = 0x02014b50;
constexpr std::uint32_t k_end_of_directory = 0x06054b50;
constexpr std::uint16_t k_version = 20;
constexpr std::uint16_t k_deflated = 8;
constexpr std::uint16_t k_first_day = 0x21;  ///< 1 January 1980, the earliest there is.

template <typename Number>
void put(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    out.push_back(static_cast<char>((number >> (8 * i)) & 0xFFU));
}

std::uint32_t checksum(std::string_view text) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

}  // namespace

void ZipArchive::add(std::string_view name, std::string_view content) {
  const std::string packed = deflate_text(content, Wrapping::None);
  Entry entry{std::string(name), checksum(content), static_cast<std::uint32_t>(packed.size()),
              static_cast<std::uint32_t>(content.size()), static_cast<std::uint32_t>(out_.size())};
  put(out_, k_local_header);
  put(out_, k_version);
  put(out_, std::uint16_t{0});
  put(out_, k_deflated);
  put(out_, std::uint16_t{0});
  put(out_, k_first_day);
  put(out_, entry.check);
  put(out_, entry.packed);
  put(out_, entry.plain);
  put(out_, static_cast<std::uint16_t>(name.size()));
  put(out_, std::uint16_t{0});
  out_ += name;
  out_ += packed;
  entries_.push_back(std::move(entry));
}

std::string ZipArchive::finish() && {
  const auto start = static_cast<std::uint32_t>(out_.size());
  for (const Entry& entry : entries_) {
    put(out_, k_central_header);
    put(out_, k_version);
    put(out_, k_version);
    put(out_, std::uint16_t{0});
    put(out_, k_deflated);
    put(out_, std::uint16_t{0});
    put(out_, k_first_day);
    put(out_, entry.check);
    put(out_, entry.packed);
    put(out_, entry.plain);
    put(out_, static_cast<std::uint16_t>(entry.name.size()));
    // No extra field, no comment, disk 0, no internal and no external attributes.
    out_.append(12, '\0');
    put(out_, entry.offset);
    out_ += entry.name;
  }
  const auto size = static_cast<std::uint32_t>(out_.size()) - start;
  put(out_, k_end_of_directory);
  put(out_, std::uint32_t{0});
  put(out_, static_cast<std::uint16_t>(entries_.size()));
  put(out_, static_cast<std::uint16_t>(entries_.size()));
  put(out_, size);
  put(out_, start);
  put(out_, std::uint16_t{0});
  return std::move(out_);
}

}  // namespace probity::picture
