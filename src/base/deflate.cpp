#include "base/deflate.hpp"

#include <zlib.h>
#include <cstdlib>

namespace probity {

std::string deflate_text(std::string_view text, Wrapping wrapping) {
  // zlib's way to say which header and check sum it writes, if any.
  constexpr int k_window = 15;
  constexpr int k_memory_level = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                   wrapping == Wrapping::Gzip ? k_window + 16 : -k_window, k_memory_level,
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

}  // namespace probity
