#include "feature/survey/gzip.hpp"

#include <zlib.h>
#include <cstdlib>

#include "base/text.hpp"

namespace probity::survey {
namespace {

/// Window bits of zlib for a gzip header instead of its own.
constexpr int k_gzip_window = 15 + 16;
constexpr int k_memory_level = 8;

}  // namespace

std::string gzip_text(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, k_gzip_window, k_memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();  // Lack of memory; nothing else can go wrong here.
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  // zlib reads through a pointer to bytes it promises not to change.
  std::string copy(text);
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (done != Z_STREAM_END) std::abort();
  return packed;
}

bool takes_gzip(const web::Request& request) {
  for (const std::string_view part : split(request.header("accept-encoding"), ',')) {
    const auto semicolon = part.find(';');
    if (trim(part.substr(0, semicolon)) != "gzip") continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = trim(part.substr(semicolon + 1));
    return weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

web::Response packed_for(const web::Request& request, web::Response response) {
  response.with("vary", "accept-encoding");
  if (!takes_gzip(request)) return response;
  response.body = gzip_text(response.body);
  response.with("content-encoding", "gzip");
  return response;
}

}  // namespace probity::survey
