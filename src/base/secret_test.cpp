#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <type_traits>

#include "base/json_writer.hpp"
#include "base/log.hpp"

namespace probity {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, std::string>);
static_assert(!std::is_constructible_v<LogField, std::string_view, SecretBytes>);
template <typename T>
concept CanBeWritten = requires(JsonWriter json, const T& value) { json.value(value); };
static_assert(!CanBeWritten<SecretBytes>);

TEST(Secret, ShowsItsBytesOnlyWhenAsked) {
  const SecretBytes secret(to_bytes(as_bytes("hunter2")));
  EXPECT_EQ(secret.expose_text(), "hunter2");
  EXPECT_EQ(secret.expose().size(), 7U);
  EXPECT_FALSE(secret.is_empty());
  EXPECT_TRUE(SecretBytes().is_empty());
}

TEST(Secret, MovesAndLeavesNothing) {
  SecretBytes a(Bytes(16, 1));
  SecretBytes b = std::move(a);
  EXPECT_TRUE(a.is_empty());  // NOLINT(bugprone-use-after-move): that is what is tested.
  EXPECT_EQ(b.expose().size(), 16U);
  SecretBytes c(Bytes(8, 2));
  c = std::move(b);
  EXPECT_EQ(c.expose().size(), 16U);
  EXPECT_EQ(c.duplicate().expose()[15], 1);
}

TEST(Wipe, OverwritesEveryByteAndNoMore) {
  std::array<std::uint8_t, 8> bytes;
  bytes.fill(0xff);
  wipe(bytes.data() + 1, 6);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 8>{0xff, 0, 0, 0, 0, 0, 0, 0xff}));
  wipe(bytes.data(), 0);
  wipe(nullptr, 0);
  EXPECT_EQ(bytes[0], 0xff);
}

}  // namespace
}  // namespace probity
