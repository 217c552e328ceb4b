#include "form/value.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace probity::form {
namespace {

constexpr ValueLimits k_small{100, 3};

std::string written(const Value& value) {
  std::string text;
  append_value(text, value);
  return text;
}

TEST(Value, ReadsAndWritesTheSameJson) {
  const std::string text = R"({"a":[1,-2.5,true,null,"x"],"b":{"c":""}})";
  const auto value = parse_value(text, k_small);
  ASSERT_TRUE(value);
  EXPECT_EQ(written(*value), text);
}

TEST(Value, KeepsTheBytesLimit) {
  const auto text = [](std::size_t bytes) { return "\"" + std::string(bytes - 2, 'x') + "\""; };
  EXPECT_TRUE(parse_value(text(99), k_small));
  EXPECT_TRUE(parse_value(text(100), k_small));
  const auto refused = parse_value(text(101), k_small);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::LimitExceeded);
}

TEST(Value, KeepsTheDepthLimit) {
  EXPECT_TRUE(parse_value("[[1]]", k_small));
  EXPECT_TRUE(parse_value("[[[1]]]", k_small));
  const auto refused = parse_value("[[[[1]]]]", k_small);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::LimitExceeded);
  const auto far = parse_value(std::string(5000, '['), {100'000, 64});
  ASSERT_FALSE(far);
}

TEST(Value, RefusesWhatIsNoStrictJson) {
  for (const std::string_view text :
       {"", " ", "{", "{\"a\":1,}", "[1 2]", "nul", "1 2", "{'a':1}", "\"\xff\"", "[01]", "+1",
        "\"a\nb\"", "{\"a\":1}x", "// c\n1", "1e999", "\"\\ud800\""}) {
    const auto value = parse_value(text, k_small);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, Code::BadRequest) << text;
    EXPECT_FALSE(value.error().hint.empty()) << text;
  }
}

TEST(Value, OfMembersWithOneNameTheLastCounts) {
  const auto few = parse_value(R"({"a":1,"b":2,"a":3})", k_small);
  ASSERT_TRUE(few);
  EXPECT_EQ(written(*few), R"({"b":2,"a":3})");
  std::string text = "{";
  for (int i = 0; i < 40; ++i)
    text += "\"m" + std::to_string(i) + "\":1,";
  const auto many = parse_value(text + "\"m7\":2}", {1000, 3});
  ASSERT_TRUE(many);
  EXPECT_EQ(many->members()->size(), 40U);
  EXPECT_EQ(*many->find("m7"), Value(2.0));
}

/// What the parser of this room makes of a text, in the one form RFC 8785 gives it.
std::optional<std::string> read_here(const std::string& text) {
  const auto value = parse_value(text, {100'000, 32});
  if (!value) return {};
  const auto again = parse_json(written(*value), {.depth_max = 32});
  return again ? canonical_json(*again) : "not JSON: " + written(*value);
}

/// The same by the parser of everything else.
std::optional<std::string> read_elsewhere(const std::string& text) {
  const auto value = parse_json(text, {.depth_max = 32});
  if (!value) return {};
  return canonical_json(*value);
}

// OWASP ASVS 1.5.3: no text means one thing to one parser and another to the other.
TEST(Value, IsReadAsTheOtherParserReadsIt) {
  const std::vector<std::string> seeds = {
      R"({"a":1,"b":{"a":2,"a":[]},"a":3})",
      R"({"\u0061":1,"a":2})",
      R"(["\ud83d\ude00","é"])",
      "[1e2,-0,0.1,1E-7,9007199254740993,123456789012345678901234567890]",
      R"("\ud800")",
      "\xEF\xBB\xBF{}",
      " [ true , false , null ] ",
      "{\"a\":1,}",
      "[01]",
      "[1.]",
      "[.5]",
      "[+1]",
      "[NaN]",
      "[1e999]",
      "'a'",
      "{a:1}",
      "\"\t\"",
      "\"\x7f\"",
      "\"\xc0\x80\"",
      "\"\xed\xa0\x80\"",
      "// x\n1",
      "1 2",
      "",
      "[[[[[[[[1]]]]]]]]",
      R"("\/\b\f\n\r\t\"\\")",
      std::string("\"\0\"", 3)};
  std::size_t taken = 0;
  for (const std::string& seed : seeds) {
    EXPECT_EQ(read_here(seed), read_elsewhere(seed)) << seed;
    // Each place once with another character that means something to JSON.
    for (std::size_t at = 0; at < seed.size(); ++at) {
      for (const char other : {'"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e', '\x80'}) {
        std::string text = seed;
        text[at] = other;
        const auto here = read_here(text);
        EXPECT_EQ(here, read_elsewhere(text)) << text;
        taken += here.has_value() ? 1U : 0U;
      }
    }
  }
  EXPECT_GE(taken, 400U);
}

TEST(Value, WritesNumbersShort) {
  EXPECT_EQ(number_text(5), "5");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(2.5), "2.5");
  EXPECT_EQ(number_text(9007199254740991), "9007199254740991");
}

TEST(Value, ReadsOnlyPlainNumbers) {
  EXPECT_EQ(parse_number(" 12.5 "), 12.5);
  EXPECT_EQ(parse_number("-3"), -3);
  for (const std::string_view text :
       {"", "x", "1x", "inf", "nan", "0x10", "1e999", "--1", "-", "+"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Value, IsBlankWhenNothingIsSaid) {
  for (const std::string_view text : {"null", "\"\"", "\" \\n\"", "[]", "{}", R"({"a":""})"})
    EXPECT_TRUE(parse_value(text, k_small)->is_blank()) << text;
  for (const std::string_view text : {"0", "false", "\"a\"", "[null]", R"({"a":0})"})
    EXPECT_FALSE(parse_value(text, k_small)->is_blank()) << text;
}

}  // namespace
}  // namespace probity::form
