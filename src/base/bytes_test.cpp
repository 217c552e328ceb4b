#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace probity {
namespace {

Bytes every_byte() {
  Bytes out(256);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(i);
  return out;
}

TEST(Hex, ComesBack) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0x0f, 0xf0, 0xff}), "000ff0ff");
  EXPECT_EQ(from_hex(to_hex(every_byte())), every_byte());
  EXPECT_EQ(from_hex("aAbBfF"), (Bytes{0xaa, 0xbb, 0xff}));
  EXPECT_EQ(from_hex(""), Bytes());
  EXPECT_EQ(to_hex({}), "");
}

TEST(Hex, RefusesOtherTexts) {
  for (const std::string_view text :
       {"0", "000", "0g", "g0", " 00", "0x00", "0/", "0:", "0@", "0`"})
    EXPECT_FALSE(from_hex(text)) << text;
}

TEST(Base64url, AnswersAsRfc4648Says) {
  // Section 10, without padding.
  const std::array<std::array<std::string_view, 2>, 7> pairs{{{"", ""},
                                                              {"f", "Zg"},
                                                              {"fo", "Zm8"},
                                                              {"foo", "Zm9v"},
                                                              {"foob", "Zm9vYg"},
                                                              {"fooba", "Zm9vYmE"},
                                                              {"foobar", "Zm9vYmFy"}}};
  for (const auto& [plain, coded] : pairs) {
    EXPECT_EQ(to_base64url(as_bytes(plain)), coded);
    EXPECT_EQ(from_base64url(coded), to_bytes(as_bytes(plain)));
  }
  EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff}), "-_8");
}

TEST(Base64url, ComesBackForEveryLength) {
  const Bytes all = every_byte();
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const BytesView part = BytesView(all).first(size);
    EXPECT_EQ(from_base64url(to_base64url(part)), to_bytes(part));
  }
}

TEST(Base64url, HasOneSpellingOnly) {
  // Padding, another alphabet, white space, a lone character, bits that are left over.
  for (const std::string_view text : {"Zg==", "Zm8=", "+/8", "Zm9v\n", " Zm9v", "Z", "Zm9vY", "Zh",
                                      "Zm9", "Zm9vYg.", "Z\xC3\xA9"})
    EXPECT_FALSE(from_base64url(text)) << text;
}

// RFC 4648, section 10, without the padding.
TEST(Base32, AnswersAsRfc4648Says) {
  for (const auto& [plain, coded] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"", ""},
                                                                  {"f", "MY"},
                                                                  {"fo", "MZXQ"},
                                                                  {"foo", "MZXW6"},
                                                                  {"foob", "MZXW6YQ"},
                                                                  {"fooba", "MZXW6YTB"},
                                                                  {"foobar", "MZXW6YTBOI"}}) {
    EXPECT_EQ(to_base32(as_bytes(plain)), coded);
    EXPECT_EQ(from_base32(coded), to_bytes(as_bytes(plain)));
  }
}

TEST(Base32, HasOneSpellingOnly) {
  for (const std::string_view text : {"my", "MY======", "MZ", "M", "MZXQ1", "MZX", "MZXW6Y"})
    EXPECT_FALSE(from_base32(text)) << text;
}

TEST(ConstantTime, ComparesContentAndLength) {
  const Bytes a(32, 1);
  EXPECT_TRUE(equal_constant_time(a, Bytes(32, 1)));
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_FALSE(equal_constant_time(a, Bytes(31, 1)));
  EXPECT_FALSE(equal_constant_time(a, {}));
  for (std::size_t bit = 0; bit < a.size() * 8; ++bit) {
    Bytes b = a;
    b[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(equal_constant_time(a, b)) << bit;
  }
}

TEST(Append, WritesBigEndian) {
  Bytes out;
  append_u32(out, 0x01020304);
  append_u64(out, 0x05060708090a0b0cULL);
  EXPECT_EQ(to_hex(out), "0102030405060708090a0b0c");
}

TEST(Append, SizedFieldsAreUnambiguous) {
  Bytes one;
  append_sized(one, as_bytes("ab"));
  append_sized(one, as_bytes("c"));
  Bytes other;
  append_sized(other, as_bytes("a"));
  append_sized(other, as_bytes("bc"));
  EXPECT_EQ(to_hex(one),
            "000000026162"
            "0000000163");
  EXPECT_NE(one, other);
}

TEST(View, TextAndBytesAreTheSameMemory) {
  const std::string text = "a\xFF\0b";
  EXPECT_EQ(as_text(as_bytes(text)).data(), text.data());
  EXPECT_EQ(as_text(as_bytes(text)), text);
  EXPECT_EQ(to_bytes(as_bytes("az")), (Bytes{'a', 'z'}));
}

}  // namespace
}  // namespace probity
