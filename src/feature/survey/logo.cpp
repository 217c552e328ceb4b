#include "feature/survey/logo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/hash.hpp"
#include "feature/survey/limits.hpp"

namespace probity::survey {
namespace {

constexpr std::string_view k_png_start = "\x89PNG\r\n\x1a\n";
constexpr std::string_view k_jpeg_start = "\xff\xd8\xff";
constexpr std::size_t k_digest_bytes = 16;

bool starts_with(BytesView bytes, std::string_view text) {
  return as_text(bytes).starts_with(text);
}

void append(Bytes& out, BytesView more) { out.insert(out.end(), more.begin(), more.end()); }

std::unexpected<Error> broken(std::string_view what) {
  return refuse(Code::BadRequest, fmt::format("The picture is not whole: {}.", what));
}

/// What a format's reader gives: the picture built anew, its sides still unchecked.
struct Rebuilt {
  Bytes bytes;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

// --- PNG: a signature, then chunks of length, name, content, checksum ----------------------------

constexpr auto k_png_kept = std::to_array<std::string_view>(
    {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB"});
constexpr std::size_t k_png_header_bytes = 13;

struct PngChunk {
  std::string_view name;
  BytesView content;
  BytesView whole;
};

Result<PngChunk> next_chunk(BytesView rest) {
  ByteReader reader(rest);
  const std::uint32_t length = reader.u32();
  const BytesView name = reader.take(4);
  const BytesView content = reader.take(length);
  static_cast<void>(reader.take(4));
  if (!reader.is_whole()) return broken("a chunk of it is cut");
  return PngChunk{as_text(name), content, rest.first(std::size_t{length} + 12)};
}

/// Chunks whose name begins with a capital are needed to show the picture.
bool is_needed(std::string_view name) { return (name.front() & 0x20) == 0; }

Result<Rebuilt> rebuild_png(BytesView file) {
  Rebuilt out;
  append(out.bytes, file.first(k_png_start.size()));
  BytesView rest = file.subspan(k_png_start.size());
  bool has_pixels = false;
  for (bool is_first = true;; is_first = false) {
    PROBITY_TRY(chunk, next_chunk(rest));
    rest = rest.subspan(chunk.whole.size());
    if (is_first != (chunk.name == "IHDR")) return broken("its header is not where it belongs");
    if (is_first) {
      if (chunk.content.size() != k_png_header_bytes) return broken("its header has another size");
      ByteReader header(chunk.content);
      out.width = header.u32();
      out.height = header.u32();
    }
    const bool is_kept = std::ranges::find(k_png_kept, chunk.name) != k_png_kept.end();
    if (!is_kept && is_needed(chunk.name)) return broken("it has a part that PNG does not know");
    if (is_kept) append(out.bytes, chunk.whole);
    has_pixels = has_pixels || chunk.name == "IDAT";
    if (chunk.name != "IEND") continue;
    if (!has_pixels) return broken("it has no pixels");
    return out;
  }
}

// --- JPEG: segments of a marker and a length, then compressed data -------------------------------

constexpr std::uint8_t k_adobe = 0xEE;
constexpr std::uint8_t k_scan = 0xDA;
constexpr std::uint8_t k_end = 0xD9;
constexpr std::size_t k_adobe_bytes = 12;

enum class Segment : std::uint8_t { Kept, Dropped, Frame, Scan, Refused };

Segment segment_of(std::uint8_t marker) {
  if (marker >= 0xC0 && marker <= 0xC2) return Segment::Frame;
  if (marker == k_scan) return Segment::Scan;
  // Tables of codes and of quantities, distance of restarts; how an Adobe program mixed colours.
  if (marker == 0xC4 || marker == 0xDB || marker == 0xDD || marker == k_adobe) return Segment::Kept;
  if ((marker >= 0xE0 && marker <= 0xEF) || marker == 0xFE) return Segment::Dropped;
  return Segment::Refused;
}

/// How long the compressed data is that begins here: up to the next marker that is not of it.
std::size_t scan_length(BytesView rest) {
  for (std::size_t at = 0; at + 1 < rest.size(); ++at) {
    if (rest[at] != 0xFF) continue;
    const std::uint8_t next = rest[at + 1];
    const bool belongs = next == 0x00 || (next >= 0xD0 && next <= 0xD7);
    if (!belongs) return at;
  }
  return rest.size();
}

class JpegReader {
 public:
  explicit JpegReader(BytesView file) : rest_(file.subspan(2)) {
    append(out_.bytes, file.first(2));
  }

  Result<Rebuilt> read() {
    for (;;) {
      while (rest_.size() >= 2 && rest_[0] == 0xFF && rest_[1] == 0xFF)
        rest_ = rest_.subspan(1);
      if (rest_.size() < 2 || rest_[0] != 0xFF) return broken("its data ends before the picture");
      const std::uint8_t marker = rest_[1];
      if (marker == k_end) break;
      PROBITY_CHECK(take_segment(marker));
    }
    append(out_.bytes, rest_.first(2));
    if (out_.width == 0 || !has_scan_) return broken("it has no pixels");
    return std::move(out_);
  }

 private:
  Result<void> take_segment(std::uint8_t marker) {
    const Segment segment = segment_of(marker);
    if (segment == Segment::Refused) return broken("it has a part that browsers do not show");
    if (rest_.size() < 4) return broken("a part of it is cut");
    const std::size_t length = std::size_t{rest_[2]} << 8 | rest_[3];
    if (length < 2 || length + 2 > rest_.size()) return broken("a part of it is cut");
    const BytesView whole = rest_.first(length + 2);
    rest_ = rest_.subspan(whole.size());
    if (segment == Segment::Frame) PROBITY_CHECK(take_frame(whole.subspan(4)));
    if (segment == Segment::Dropped || (marker == k_adobe && length != k_adobe_bytes + 2))
      return {};
    append(out_.bytes, whole);
    if (segment != Segment::Scan) return {};
    if (out_.width == 0) return broken("its pixels come before its size");
    const std::size_t data = scan_length(rest_);
    append(out_.bytes, rest_.first(data));
    rest_ = rest_.subspan(data);
    has_scan_ = true;
    return {};
  }

  Result<void> take_frame(BytesView content) {
    if (content.size() < 6 || out_.width != 0) return broken("its size is not told once");
    out_.height = std::uint32_t{content[1]} << 8 | content[2];
    out_.width = std::uint32_t{content[3]} << 8 | content[4];
    if (out_.width == 0 || out_.height == 0) return broken("it has no size");
    return {};
  }

  BytesView rest_;
  Rebuilt out_;
  bool has_scan_ = false;
};

// --- WebP: a RIFF file of chunks, numbers little-endian ------------------------------------------

constexpr std::size_t k_riff_bytes = 12;
constexpr std::size_t k_chunk_head_bytes = 8;
constexpr std::uint8_t k_alpha_flag = 0x10;

std::uint32_t little(BytesView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | bytes[i - 1];
  return value;
}

void append_little(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append_chunk(Bytes& out, std::string_view name, BytesView content) {
  append(out, as_bytes(name));
  append_little(out, static_cast<std::uint32_t>(content.size()), 4);
  append(out, content);
  if (content.size() % 2 == 1) out.push_back(0);
}

struct WebpParts {
  std::string_view name;  ///< Of the picture's chunk; empty when there is none yet.
  BytesView picture;
  BytesView alpha;
};

Result<WebpParts> webp_parts(BytesView file) {
  WebpParts out;
  const std::size_t size =
      std::min<std::size_t>(file.size(), std::size_t{little(file.subspan(4, 4))} + 8);
  BytesView rest = size < k_riff_bytes ? BytesView() : file.first(size).subspan(k_riff_bytes);
  while (rest.size() >= k_chunk_head_bytes) {
    const std::string_view name = as_text(rest.first(4));
    const std::size_t length = little(rest.subspan(4, 4));
    if (length > rest.size() - k_chunk_head_bytes) return broken("a chunk of it is cut");
    const BytesView content = rest.subspan(k_chunk_head_bytes, length);
    rest = rest.subspan(std::min(rest.size(), k_chunk_head_bytes + length + length % 2));
    if (name == "ANIM" || name == "ANMF")
      return refuse(Code::BadRequest, "The picture moves. A logo stands still.");
    if (name == "ALPH") out.alpha = content;
    if (name != "VP8 " && name != "VP8L") continue;
    if (!out.name.empty()) return broken("it holds two pictures");
    out.name = name;
    out.picture = content;
  }
  if (out.name.empty()) return broken("it has no pixels");
  return out;
}

/// RFC 6386 section 9.1; RFC 9649 section 3.4.
Result<Rebuilt> webp_sides(const WebpParts& parts) {
  Rebuilt out;
  const BytesView data = parts.picture;
  if (parts.name == "VP8 ") {
    constexpr std::array<std::uint8_t, 3> k_code{0x9D, 0x01, 0x2A};
    if (data.size() < 10 || (data[0] & 1) != 0 || !std::ranges::equal(data.subspan(3, 3), k_code))
      return broken("its first frame does not begin as one");
    out.width = little(data.subspan(6, 2)) & 0x3FFF;
    out.height = little(data.subspan(8, 2)) & 0x3FFF;
  } else {
    if (data.size() < 5 || data[0] != 0x2F) return broken("its pixels do not begin as such");
    const std::uint32_t bits = little(data.subspan(1, 4));
    out.width = (bits & 0x3FFF) + 1;
    out.height = (bits >> 14 & 0x3FFF) + 1;
  }
  return out;
}

Result<Rebuilt> rebuild_webp(BytesView file) {
  PROBITY_TRY(parts, webp_parts(file));
  PROBITY_TRY(out, webp_sides(parts));
  Bytes chunks;
  const bool has_alpha =
      !parts.alpha.empty() && parts.name == "VP8 " && out.width > 0 && out.height > 0;
  if (has_alpha) {
    Bytes canvas{k_alpha_flag, 0, 0, 0};
    append_little(canvas, out.width - 1, 3);
    append_little(canvas, out.height - 1, 3);
    append_chunk(chunks, "VP8X", canvas);
    append_chunk(chunks, "ALPH", parts.alpha);
  }
  append_chunk(chunks, parts.name, parts.picture);
  append(out.bytes, as_bytes("RIFF"));
  append_little(out.bytes, static_cast<std::uint32_t>(chunks.size()) + 4, 4);
  append(out.bytes, as_bytes("WEBP"));
  append(out.bytes, chunks);
  return std::move(out);
}

bool is_webp(BytesView file) {
  return file.size() >= k_riff_bytes && starts_with(file, "RIFF") &&
         starts_with(file.subspan(8), "WEBP");
}

std::string_view ending_of(LogoType type) {
  switch (type) {
    case LogoType::Png: return "png";
    case LogoType::Jpeg: return "jpg";
    case LogoType::Webp: return "webp";
  }
  return "";
}

Result<Logo> checked(LogoType type, Result<Rebuilt> rebuilt) {
  if (!rebuilt) return std::unexpected(std::move(rebuilt).error());
  const auto is_side = [](std::uint32_t side) { return side >= 1 && side <= k_logo_side_max_px; };
  if (!is_side(rebuilt->width) || !is_side(rebuilt->height)) {
    return refuse(Code::BadRequest,
                  fmt::format("The picture is {} x {} pixels; each side has 1 to {}.",
                              rebuilt->width, rebuilt->height, k_logo_side_max_px));
  }
  Logo logo;
  const crypto::Digest digest = crypto::sha256(rebuilt->bytes);
  logo.facts = {type, rebuilt->width, rebuilt->height,
                to_hex(BytesView(digest).first(k_digest_bytes))};
  logo.bytes = std::move(rebuilt->bytes);
  return logo;
}

}  // namespace

std::string_view media_type(LogoType type) {
  switch (type) {
    case LogoType::Png: return "image/png";
    case LogoType::Jpeg: return "image/jpeg";
    case LogoType::Webp: return "image/webp";
  }
  return "";
}

std::string LogoFacts::file_name() const { return fmt::format("{}.{}", digest, ending_of(type)); }

Result<Logo> read_logo(BytesView file) {
  if (file.size() > k_logo_max_bytes) {
    return refuse(Code::BodyTooLarge, fmt::format("A logo has at most {} bytes; this has {}.",
                                                  k_logo_max_bytes, file.size()));
  }
  if (starts_with(file, k_png_start)) return checked(LogoType::Png, rebuild_png(file));
  if (starts_with(file, k_jpeg_start)) return checked(LogoType::Jpeg, JpegReader(file).read());
  if (is_webp(file)) return checked(LogoType::Webp, rebuild_webp(file));
  return refuse(Code::UnsupportedMedia, "A logo is a PNG, JPEG or WebP picture.");
}

}  // namespace probity::survey
