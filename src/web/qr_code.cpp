#include "web/qr_code.hpp"

#include <fmt/format.h>
#include <qrencode.h>
#include <zlib.h>

#include <memory>

#include "base/bytes.hpp"

namespace probity::web {
namespace {

constexpr std::size_t k_margin = 4;
constexpr std::size_t k_pixels = 10;
/// What the largest code holds at level M.
constexpr std::size_t k_text_max_bytes = 2'331;

void append_chunk(Bytes& out, std::string_view name, BytesView content) {
  append_u32(out, static_cast<std::uint32_t>(content.size()));
  const std::size_t from = out.size();
  const BytesView head = as_bytes(name);
  out.insert(out.end(), head.begin(), head.end());
  out.insert(out.end(), content.begin(), content.end());
  append_u32(out, static_cast<std::uint32_t>(
                      crc32(0, out.data() + from, static_cast<uInt>(out.size() - from))));
}

/// One row of pixels: no filter, eight pixels a byte, white is one.
Bytes pixels_of(const QrCode& code, std::size_t row) {
  const std::size_t side = (code.side + 2 * k_margin) * k_pixels;
  Bytes out(1 + (side + 7) / 8, 0xFF);
  out[0] = 0;
  if (row < k_margin || row >= k_margin + code.side) return out;
  for (std::size_t x = 0; x < side; ++x) {
    const std::size_t column = x / k_pixels;
    if (column < k_margin || column >= k_margin + code.side) continue;
    if (code.at(row - k_margin, column - k_margin))
      out[1 + x / 8] &= static_cast<std::uint8_t>(~(0x80U >> (x % 8)));
  }
  return out;
}

}  // namespace

Result<QrCode> qr_code_of(std::string_view text) {
  if (text.size() > k_text_max_bytes)
    return fail(Code::LimitExceeded, "a text is too long for a QR code");
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
      QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_M), &QRcode_free);
  if (!made) return fail(Code::Internal, "the QR code was not made");
  QrCode code;
  code.side = static_cast<std::size_t>(made->width);
  code.is_dark.reserve(code.side * code.side);
  for (std::size_t i = 0; i < code.side * code.side; ++i)
    code.is_dark.push_back((made->data[i] & 1) != 0);
  return code;
}

std::string qr_svg(const QrCode& code) {
  const std::size_t side = code.side + 2 * k_margin;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\" width=\"{1}\" "
      "height=\"{1}\" shape-rendering=\"crispEdges\">\n<path fill=\"#fff\" d=\"M0 "
      "0h{0}v{0}h-{0}z\"/>"
      "\n<path fill=\"#000\" d=\"",
      side, side * k_pixels);
  for (std::size_t row = 0; row < code.side; ++row) {
    for (std::size_t column = 0; column < code.side; ++column) {
      const std::size_t from = column;
      while (column < code.side && code.at(row, column))
        ++column;
      if (column > from)
        out += fmt::format("M{} {}h{}v1h-{}z", from + k_margin, row + k_margin, column - from,
                           column - from);
    }
  }
  return out + "\"/>\n</svg>\n";
}

std::string qr_png(const QrCode& code) {
  const std::size_t side = (code.side + 2 * k_margin) * k_pixels;
  Bytes raw;
  for (std::size_t row = 0; row < code.side + 2 * k_margin; ++row) {
    const Bytes line = pixels_of(code, row);
    for (std::size_t i = 0; i < k_pixels; ++i)
      raw.insert(raw.end(), line.begin(), line.end());
  }
  uLongf packed_size = compressBound(raw.size());
  Bytes packed(packed_size);
  // The room is large enough by the bound: nothing but lack of memory fails here.
  if (compress2(packed.data(), &packed_size, raw.data(), raw.size(), Z_BEST_COMPRESSION) != Z_OK)
    return {};
  packed.resize(packed_size);
  Bytes header;
  append_u32(header, static_cast<std::uint32_t>(side));
  append_u32(header, static_cast<std::uint32_t>(side));
  // One bit of grey a pixel, no interlacing.
  header.insert(header.end(), {1, 0, 0, 0, 0});
  Bytes out = to_bytes(as_bytes("\x89PNG\r\n\x1a\n"));
  append_chunk(out, "IHDR", header);
  append_chunk(out, "IDAT", packed);
  append_chunk(out, "IEND", {});
  return std::string(as_text(out));
}

}  // namespace probity::web
