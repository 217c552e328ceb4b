#include "web/body.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace probity::web {
namespace {

boost::json::value json(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size()));
}

TEST(Fields, ReadWhatIsDeclared) {
  const auto body = json(R"({"name":"x","count":3,"on":true,"list":["a","b"]})");
  Fields fields(body);
  EXPECT_EQ(fields.text("name"), "x");
  EXPECT_EQ(fields.maybe_integer("count", 0, 10), 3);
  EXPECT_EQ(fields.maybe_truth("on"), true);
  EXPECT_EQ(fields.texts("list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(fields.finish());
}

TEST(Fields, NameEveryFindingAtOnce) {
  const auto body = json(R"({"count":"three","extra":1})");
  Fields fields(body);
  EXPECT_EQ(fields.text("name"), "");
  EXPECT_FALSE(fields.maybe_integer("count", 0, 10));
  const auto finished = fields.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::BadRequest);
  ASSERT_EQ(finished.error().fields.size(), 3U);
  EXPECT_EQ(finished.error().fields[0].field, "/name");
  EXPECT_EQ(finished.error().fields[1].field, "/count");
  EXPECT_EQ(finished.error().fields[2].field, "/extra");
}

TEST(Fields, RefuseAnUndeclaredField) {
  const auto body = json(R"({"name":"x","shoe_size":44})");
  Fields fields(body);
  EXPECT_EQ(fields.text("name"), "x");
  const auto finished = fields.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::UnknownField);
}

TEST(Fields, HoldTextsToTheirLimit) {
  const TextRule rule{.bytes_max = 4};
  for (const std::size_t length : {3U, 4U, 5U}) {
    boost::json::value body = {{"name", std::string(length, 'a')}};
    Fields fields(body);
    static_cast<void>(fields.text("name", rule));
    const auto finished = fields.finish();
    EXPECT_EQ(finished.has_value(), length <= 4) << length;
    if (!finished) {
      EXPECT_EQ(finished.error().code, Code::LimitExceeded);
      EXPECT_NE(finished.error().fields[0].reason.find('4'), std::string::npos);
    }
  }
}

TEST(Fields, HoldNumbersToTheirBounds) {
  for (const std::int64_t number : {-1, 0, 10, 11}) {
    boost::json::value body = {{"count", number}};
    Fields fields(body);
    static_cast<void>(fields.maybe_integer("count", 0, 10));
    EXPECT_EQ(fields.finish().has_value(), number >= 0 && number <= 10) << number;
  }
}

TEST(Fields, RefuseAnythingButAnObject) {
  for (const std::string_view text : {"[]", "1", "\"a\"", "null"}) {
    const auto body = json(text);
    Fields fields(body);
    static_cast<void>(fields.text("name"));
    const auto finished = fields.finish();
    ASSERT_FALSE(finished) << text;
    EXPECT_EQ(finished.error().fields.size(), 1U);
  }
}

}  // namespace
}  // namespace probity::web
