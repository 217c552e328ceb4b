#include "base/json.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

namespace probity {
namespace {

using namespace std::string_view_literals;
namespace fs = std::filesystem;
namespace json = boost::json;

std::string canonical(std::string_view text) {
  const auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? canonical_json(*value) : "";
}

TEST(Json, TakesWhatRfc8259Allows) {
  for (const std::string_view text :
       {"null", " true ", "-0", "1e5", "\"\"", "[]", "{}", "[1,[2,{\"a\":null}]]", "\"\\u00e9\"",
        "\"\\ud83d\\udd11\"", "{\"a\":1,\"b\":[true,false]}"})
    EXPECT_TRUE(parse_json(text)) << text;
}

TEST(Json, RefusesWhatItDoesNot) {
  for (const std::string_view text : {""sv,
                                      " "sv,
                                      "nul"sv,
                                      "[1,]"sv,
                                      "{\"a\":1,}"sv,
                                      "{a:1}"sv,
                                      "'a'"sv,
                                      "[1] 2"sv,
                                      "01"sv,
                                      "1."sv,
                                      ".5"sv,
                                      "+1"sv,
                                      "0x1"sv,
                                      "NaN"sv,
                                      "Infinity"sv,
                                      "\"\n\""sv,
                                      "\"\\x\""sv,
                                      "\"a"sv,
                                      "[1"sv,
                                      "// c\n1"sv,
                                      "/* c */1"sv,
                                      "\xEF\xBB\xBF"
                                      "1"sv,
                                      "\"\xFF\""sv,
                                      "\"\xC0\x80\""sv,
                                      "\"\xED\xA0\x80\""sv,
                                      "\"\\ud800\""sv,
                                      "1\0"sv}) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, Code::BadRequest) << text;
    EXPECT_NE(value.error().hint.find("byte"), std::string::npos) << text;
  }
}

TEST(Json, NamesTheByte) {
  EXPECT_NE(parse_json("[1,2,x]").error().hint.find("at byte 5"), std::string::npos)
      << parse_json("[1,2,x]").error().hint;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Json, HasADepth) {
  EXPECT_TRUE(parse_json(nested(31)));
  EXPECT_TRUE(parse_json(nested(32)));
  const auto deep = parse_json(nested(33));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, Code::LimitExceeded);
  EXPECT_NE(deep.error().hint.find("32"), std::string::npos);
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
  EXPECT_TRUE(parse_json("1", {.depth_max = 0}));
}

TEST(Json, HasASize) {
  EXPECT_TRUE(parse_json("[1]", {.depth_max = 2, .bytes_max = 3}));
  const auto large = parse_json("[1] ", {.depth_max = 2, .bytes_max = 3});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::LimitExceeded);
  EXPECT_NE(large.error().hint.find('4'), std::string::npos);
}

TEST(Json, ANumberThatNoDoubleHoldsIsRefused) {
  EXPECT_TRUE(parse_json("1e308"));
  for (const std::string_view text : {"1e309", "-1e309", "[1,{\"a\":1e400}]", "1e99999999999"})
    EXPECT_FALSE(parse_json(text)) << text;
}

TEST(Json, ReadsTheNearestDouble) {
  struct Sample {
    std::string_view text;
    double number;
  };
  constexpr std::array k_samples{
      Sample{"333333333.33333329", 333333333.33333329},
      Sample{"0.1", 0.1},
      Sample{"9007199254740993.0", 9007199254740992.0},
      Sample{"1.7976931348623157e308", 0x1.fffffffffffffp+1023},
      Sample{"5e-324", 0x0.0000000000001p-1022},
      Sample{"1e-400", 0.0},
      Sample{"2.2250738585072011e-308", 2.2250738585072011e-308},
      Sample{"123456789012345678901234567890", 123456789012345678901234567890.0}};
  for (const Sample& sample : k_samples) {
    const auto value = parse_json(sample.text);
    ASSERT_TRUE(value) << sample.text;
    EXPECT_EQ(value->as_double(), sample.number) << sample.text;
  }
}

TEST(Json, EveryWrittenDoubleComesBack) {
  std::uint64_t bits = 0x9E3779B97F4A7C15ULL;
  for (int i = 0; i < 100'000; ++i) {
    bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto number = std::bit_cast<double>(bits);
    if (!std::isfinite(number)) continue;
    const std::string text = canonical_json(json::value(number));
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text;
    ASSERT_EQ(value->to_number<double>(), number) << text;
  }
}

TEST(Json, KeepsWholeNumbersWhole) {
  EXPECT_EQ(parse_json("-9223372036854775808")->as_int64(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_json("18446744073709551615")->as_uint64(),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_json("1")->as_int64(), 1);
}

TEST(Json, OfMembersWithOneNameTheLastCounts) {
  const auto value = parse_json(R"({"a":1,"b":2,"a":3})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->as_object().size(), 2U);
  EXPECT_EQ(value->at("a").as_int64(), 3);
}

TEST(CanonicalJson, AnswersAsRfc8785Says) {
  // Section 3.2.2 and 3.2.3.
  EXPECT_EQ(canonical(R"({
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    })"),
            R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
            "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  EXPECT_EQ(canonical(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter",
      "1":"One","\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"Latin"})"),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin\","
            "\"€\":\"Euro Sign\",\"😀\":\"Emoji\",\"\uFB33\":\"Hebrew Letter\"}");
}

TEST(CanonicalJson, WritesNumbersAsRfc8785AppendixB) {
  struct Sample {
    std::uint64_t bits;
    std::string_view text;
  };
  constexpr std::array k_samples{Sample{0x0000000000000000, "0"},
                                 Sample{0x8000000000000000, "0"},
                                 Sample{0x0000000000000001, "5e-324"},
                                 Sample{0x8000000000000001, "-5e-324"},
                                 Sample{0x7fefffffffffffff, "1.7976931348623157e+308"},
                                 Sample{0xffefffffffffffff, "-1.7976931348623157e+308"},
                                 Sample{0x4340000000000000, "9007199254740992"},
                                 Sample{0xc340000000000000, "-9007199254740992"},
                                 Sample{0x4430000000000000, "295147905179352830000"},
                                 Sample{0x44b52d02c7e14af5, "9.999999999999997e+22"},
                                 Sample{0x44b52d02c7e14af6, "1e+23"},
                                 Sample{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                                 Sample{0x444b1ae4d6e2ef4e, "999999999999999700000"},
                                 Sample{0x444b1ae4d6e2ef4f, "999999999999999900000"},
                                 Sample{0x444b1ae4d6e2ef50, "1e+21"},
                                 Sample{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                                 Sample{0x3eb0c6f7a0b5ed8d, "0.000001"},
                                 Sample{0x41b3de4355555553, "333333333.3333332"},
                                 Sample{0x41b3de4355555554, "333333333.33333325"},
                                 Sample{0x41b3de4355555555, "333333333.3333333"},
                                 Sample{0x41b3de4355555556, "333333333.3333334"},
                                 Sample{0x41b3de4355555557, "333333333.33333343"},
                                 Sample{0xbecbf647612f3696, "-0.0000033333333333333333"},
                                 Sample{0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const Sample& sample : k_samples)
    EXPECT_EQ(canonical_json(json::value(std::bit_cast<double>(sample.bits))), sample.text);
}

TEST(CanonicalJson, DoesNotDependOnOrderOrSpelling) {
  EXPECT_EQ(canonical("{\"b\":1,\"a\":[1.0,100e-2,\"\\u0061\"]}"),
            canonical(" { \"a\" : [ 1 , 1, \"a\" ] , \"b\" : 1e0 } "));
}

TEST(CanonicalJson, ItsOwnTextIsCanonical) {
  const std::string once = canonical(R"({"z":[1e21,-0.1,"\u0001é"],"a":{"y":{},"x":[]}})");
  EXPECT_EQ(canonical(once), once);
}

TEST(CanonicalJson, NumbersThatJsonDoesNotHaveAreNull) {
  EXPECT_EQ(canonical_json(json::value(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(canonical_json(json::value(std::numeric_limits<double>::quiet_NaN())), "null");
}

TEST(JsonTestSuite, AcceptsAndRefusesAsItSays) {
  const char* const given = std::getenv("PROBITY_SUITES");
  const fs::path folder =
      (given != nullptr ? fs::path(given) : fs::path(PROBITY_SOURCE_DIR) / "../shared/suites") /
      "json-test-suite" / "test_parsing";
  if (!fs::is_directory(folder))
    GTEST_SKIP() << "json-test-suite is not there; set PROBITY_SUITES to the folder of the suites";
  std::size_t wrong = 0;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string name = entry.path().filename().string();
    // Deep but valid texts are refused by our limit, which is not what this suite is about.
    const bool is_taken = parse_json(text, {.depth_max = 1000}).has_value();
    ++count;
    if (name.starts_with("i_")) continue;
    if (is_taken == name.starts_with("y_")) continue;
    ++wrong;
    ADD_FAILURE() << name << (is_taken ? " was taken" : " was refused");
  }
  EXPECT_GE(count, 300U);
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace probity
