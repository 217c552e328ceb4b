#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace probity::survey {

enum class LogoType : std::uint8_t { Png = 0, Jpeg = 1, Webp = 2 };
[[nodiscard]] std::string_view media_type(LogoType type);

/// What is known of a logo without its bytes.
struct LogoFacts {
  LogoType type = LogoType::Png;
  std::uint32_t width = 0;  ///< In pixels, 1 to k_logo_side_max_px; so is the height.
  std::uint32_t height = 0;
  std::string digest;  ///< 32 hexadecimal digits that change with the bytes.

  /// "DIGEST.png": the last part of its address, so that it may be kept by browsers for good.
  [[nodiscard]] std::string file_name() const;
};

/// A still picture for the head of a survey's pages.
struct Logo {
  LogoFacts facts;
  Bytes bytes;
};

/// Reads a PNG, JPEG or WebP file and builds it anew from the parts that make its picture: places
/// and names of cameras, thumbnails, animations and whatever hangs behind the picture are left
/// out. The pixels themselves are not looked at. BodyTooLarge beyond k_logo_max_bytes,
/// UnsupportedMedia for any other format, BadRequest for a file that is broken, animated or larger
/// than k_logo_side_max_px on a side.
/// Source: PNG (third edition) 5 and 11, ITU-T T.81 annex B, RFC 9649 section 2.
[[nodiscard]] Result<Logo> read_logo(BytesView file);

}  // namespace probity::survey
