#include "base/json_writer.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <limits>

#include "base/json.hpp"

namespace probity {
namespace {

using namespace std::string_view_literals;

template <typename T>
std::string written(const T& value) {
  JsonWriter json;
  json.value(value);
  return std::move(json).text();
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.begin_object();
  json.field("a", 1);
  json.key("b");
  json.begin_array();
  json.value(1);
  json.begin_object();
  json.end_object();
  json.begin_array();
  json.end_array();
  json.null();
  json.end_array();
  json.key("c");
  json.begin_object();
  json.field("d", true);
  json.field("e", "x");
  json.end_object();
  json.key("f");
  json.raw("[2,3]");
  json.end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"b":[1,{},[],null],"c":{"d":true,"e":"x"},"f":[2,3]})");
}

TEST(JsonWriter, WritesNumbersOfEverySize) {
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(std::uint8_t{255}), "255");
  EXPECT_EQ(written(-1), "-1");
}

TEST(JsonWriter, WritesRealNumbersShortly) {
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1.0), "1");
  EXPECT_EQ(written(-2.5), "-2.5");
  EXPECT_EQ(written(1e300), "1e+300");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(JsonWriter, WritesNothingForAbsentValues) {
  EXPECT_EQ(written(std::optional<int>()), "null");
  EXPECT_EQ(written(std::optional<int>(3)), "3");
  EXPECT_EQ(written(std::optional<std::string>("x")), "\"x\"");
}

TEST(JsonWriter, EscapesWhatWouldEndATextOrAPage) {
  EXPECT_EQ(written("a\"b\\c\n\r\t\b\f\x1f"sv), R"("a\"b\\c\n\r\t\u0008\u000c\u001f")");
  EXPECT_EQ(written("</script><!--&"), R"("\u003c/script\u003e\u003c!--\u0026")");
  EXPECT_EQ(written("\u2028\u2029\u2027"), "\"\\u2028\\u2029\u2027\"");
  EXPECT_EQ(written("\0"sv), R"("\u0000")");
  EXPECT_EQ(written("\xE2\x80"sv), "\"\xE2\x80\"");  // Cut off: passed on, not read past.
}

TEST(JsonWriter, EscapesNamesLikeTexts) {
  JsonWriter json;
  json.begin_object();
  json.field("<\"", 1);
  json.end_object();
  EXPECT_EQ(json.text(), R"({"\u003c\"":1})");
}

TEST(JsonWriter, EveryTextComesBack) {
  std::string text;
  for (char c = 0; c < 127; ++c)
    text.push_back(c);
  text += "Zoë 🔑 \u2028 \u20AC";
  const auto parsed = parse_json(written(text));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::string_view(parsed->as_string()), text);
}

}  // namespace
}  // namespace probity
