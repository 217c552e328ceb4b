#include "form/value.hpp"

#include <gtest/gtest.h>

namespace probity::form {
namespace {

constexpr ValueLimits k_small{100, 3};

TEST(Value, ReadsAndWritesTheSameJson) {
  const std::string text = R"({"a":[1,-2.5,true,null,"x"],"b":{"c":""}})";
  const auto value = parse_value(text, k_small);
  ASSERT_TRUE(value);
  std::string written;
  append_value(written, *value);
  EXPECT_EQ(written, text);
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

TEST(Value, RefusesAMemberThatStandsTwice) {
  EXPECT_FALSE(parse_value(R"({"a":1,"a":2})", k_small));
  std::string many = "{";
  for (int i = 0; i < 40; ++i)
    many += "\"m" + std::to_string(i) + "\":1,";
  EXPECT_TRUE(parse_value(many + "\"last\":1}", {1000, 3}));
  const auto refused = parse_value(many + "\"m7\":1}", {1000, 3});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().hint.find("m7"), std::string::npos);
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
