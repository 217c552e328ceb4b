#include "base/deflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace probity {
namespace {

std::string inflated(std::string packed, int window) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, window), Z_OK);
  std::string out(1'000'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Deflate, IsReadBackBareAndAsAFile) {
  for (const std::string& text : {std::string(), std::string("a"), std::string(300'000, 'x')}) {
    EXPECT_EQ(inflated(deflate_text(text, Wrapping::None), -15), text);
    EXPECT_EQ(inflated(deflate_text(text, Wrapping::Gzip), 15 + 16), text);
  }
  EXPECT_TRUE(deflate_text("a", Wrapping::Gzip).starts_with("\x1f\x8b"));
  EXPECT_EQ(deflate_text("same", Wrapping::Gzip), deflate_text("same", Wrapping::Gzip));
}

}  // namespace
}  // namespace probity
