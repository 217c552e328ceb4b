// What somebody may give to `probity import-tenant`: any bytes as a gzip stream, as a tar archive,
// and as rows of the platform's tables. Reading ends, takes no more than there is, and what was
// written is read back.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/cipher.hpp"
#include "keep/gzip.hpp"
#include "keep/platform_tables.hpp"
#include "keep/tar.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

/// A small input can unpack to much; what is wanted of it is bounded, as by every caller.
constexpr std::size_t k_unpacked_max = 1U << 22U;
constexpr std::size_t k_pieces_max = 256;

/// Gives a text in pieces of at most `step` bytes.
keep::ReadSome reader_of(std::string_view text, std::size_t step) {
  return [text, step](std::size_t wanted) mutable -> Result<std::string> {
    std::string piece(text.substr(0, std::min(wanted, step)));
    text.remove_prefix(piece.size());
    return piece;
  };
}

/// The same, but only its end is shorter than what was asked for.
keep::ReadSome whole_reader_of(std::string_view text) {
  return reader_of(text, std::string_view::npos);
}

std::string unpack(std::string_view bytes, std::size_t step) {
  keep::GzipReader gzip(reader_of(bytes, step));
  std::string out;
  while (out.size() < k_unpacked_max) {
    const auto piece = gzip.read(1U << 16U);
    if (!piece) {
      require(piece.error().code == Code::BadRequest);
      return out + "(broken)";
    }
    require(piece->size() <= 1U << 16U);
    if (piece->empty()) break;
    out += *piece;
  }
  return out;
}

void read_tar(keep::ReadSome read) {
  keep::TarReader tar(std::move(read));
  keep::TarEntry entry;
  for (std::size_t members = 0; members < 64; ++members) {
    const auto is_there = tar.next(entry);
    if (!is_there || !*is_there) return;
    require(!entry.name.empty() && entry.name.front() != '/');
    require(entry.name.find("..") == std::string::npos);
    std::uint64_t got = 0;
    for (std::size_t pieces = 0; pieces < k_pieces_max; ++pieces) {
      const auto piece = tar.piece();
      if (!piece || piece->empty()) break;
      got += piece->size();
    }
    require(got <= entry.size);
  }
}

void write_and_read(std::string_view content) {
  std::string packed;
  keep::GzipWriter gzip;
  gzip.add(keep::tar_header("a/b", content.size(), Instant::from_s(1)), packed);
  gzip.add(content, packed);
  gzip.add(keep::tar_padding(content.size()), packed);
  gzip.add(keep::tar_end(), packed);
  gzip.finish(packed);
  keep::GzipReader unpacked(reader_of(packed, 7));
  keep::TarReader tar([&](std::size_t wanted) { return unpacked.read(wanted); });
  keep::TarEntry entry;
  const auto is_there = tar.next(entry);
  require(is_there && *is_there && entry.name == "a/b" && entry.size == content.size());
  std::string got;
  for (;;) {
    const auto piece = tar.piece();
    require(piece.has_value());
    if (piece->empty()) break;
    got += *piece;
  }
  require(got == content);
  const auto more = tar.next(entry);
  require(more && !*more);
}

const crypto::Cipher& cipher() {
  static crypto::Cipher made(Bytes(16, 1));
  static const bool has_key = (made.add_key(1, *crypto::Key::from_bytes(Bytes(32, 7))), true);
  require(has_key);
  return made;
}

void read_rows(std::string_view text) {
  static const std::vector<module::ExportTable> k_tables = keep::platform_tables();
  const TenantId tenant;
  for (const std::string_view line : split(text, '\n')) {
    const auto json = parse_json(line, {64, 1U << 16U});
    if (!json || !json->is_object()) continue;
    for (const module::ExportTable& table : k_tables)
      if (table.read != nullptr)
        static_cast<void>(table.read({json->get_object(), line}, {tenant, cipher()}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string unpacked = unpack(text, std::string_view::npos);
  if (size <= 4096) require(unpack(text, 1) == unpacked);
  read_tar(whole_reader_of(text));
  read_tar(whole_reader_of(unpacked));
  if (size <= 4096) write_and_read(text);
  read_rows(text);
  return 0;
}
