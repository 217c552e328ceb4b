#include "form/expression.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>

namespace probity::form {
namespace {

/// Variables from a JSON object, by the names of an expression.
class Given final : public Variables {
 public:
  Given(const Expression& expression, std::string_view json)
      : expression_(expression), value_(*parse_value(json, {k_answers_max_bytes, 8})) {}
  const Value* find(std::size_t variable) const override {
    return value_.find(expression_.variables()[variable].text);
  }

 private:
  const Expression& expression_;
  Value value_;
};

bool holds(std::string_view text, std::string_view json = "{}") {
  const auto expression = Expression::parse(text);
  EXPECT_TRUE(expression) << text << ": " << (expression ? "" : expression.error().hint);
  return expression && expression->holds(Given(*expression, json));
}

struct Case {
  std::string_view text;
  std::string_view json;
  bool expected;
};

constexpr std::array k_cases = {
    Case{"{a} = 5", R"({"a":5})", true},
    Case{"{a} = '5'", R"({"a":5})", true},
    Case{"{a} == 5", R"({"a":"5"})", true},
    Case{"{a} <> 5", R"({"a":4})", true},
    Case{"{a} != 5", R"({"a":5})", false},
    Case{"{a} =< 2", R"({"a":2})", true},
    Case{"{a} <= 2", R"({"a":3})", false},
    Case{"{a} >= 4", R"({"a":4})", true},
    Case{"{a} => 4", R"({"a":3})", false},
    Case{"{a} < 10", R"({"a":"9"})", true},
    Case{"{a} > 10", R"({"a":"9"})", false},
    Case{"{a} > 1", "{}", false},
    Case{"{a} <= 1", "{}", false},
    Case{"{a} = 'yes'", R"({"a":"YES "})", true},
    Case{"{a} = Yes", R"({"a":"yes"})", true},
    Case{"{a} = 'Zoë'", R"({"a":"ZOË"})", true},
    Case{"{a} = true", R"({"a":true})", true},
    Case{"{a} = true", R"({"a":"true"})", true},
    Case{"{a} = false", "{}", false},
    Case{"{a} empty", "{}", true},
    Case{"{a} empty", R"({"a":0})", false},
    Case{"{a} notempty", R"({"a":[]})", false},
    Case{"{a} NotEmpty", R"({"a":"x"})", true},
    Case{"{a} contains 'b'", R"({"a":["a","b"]})", true},
    Case{"{a} contains ['a','b']", R"({"a":["b","c","a"]})", true},
    Case{"{a} contains ['a','z']", R"({"a":["b","c","a"]})", false},
    Case{"{a} notcontains 'b'", R"({"a":["a"]})", true},
    Case{"{a} notcontains 'b'", "{}", true},
    Case{"{a} contains 'ell'", R"({"a":"hello"})", true},
    Case{"{a} anyof ['x','b']", R"({"a":["a","b"]})", true},
    Case{"{a} anyof ['x','b']", R"({"a":"b"})", true},
    Case{"{a} anyof ['x','y']", R"({"a":["a"]})", false},
    Case{"{a} allof ['a','b']", R"({"a":["a","b","c"]})", true},
    Case{"{a} allof ['a','z']", R"({"a":["a","b"]})", false},
    Case{"{a} noneof ['z']", R"({"a":["a","b"]})", true},
    Case{"{a} = ['b','a']", R"({"a":["a","b"]})", true},
    Case{"{a} = ['b']", R"({"a":["a","b"]})", false},
    Case{"not {a} = 1", R"({"a":2})", false},
    Case{"!({a} = 1)", R"({"a":2})", true},
    Case{"not ({a} = 1)", R"({"a":1})", false},
    Case{"{a} = 1 and {b} = 2 or {c} = 3", R"({"a":1,"b":0,"c":3})", true},
    Case{"{a} = 1 and ({b} = 2 or {c} = 3)", R"({"a":0,"b":2})", false},
    Case{"{a} = 1 && {b} = 2 || {c} = 3", R"({"a":1,"b":2})", true},
    Case{"{a} + {b} = 5", R"({"a":2,"b":3})", true},
    Case{"{a} + 0.2 = 0.3", R"({"a":0.1})", true},
    Case{"{a} + ' ' + {b} = 'x y'", R"({"a":"x","b":"y"})", true},
    Case{"{a} * 2 - 1 = 5", R"({"a":3})", true},
    Case{"{a} / 0 empty", R"({"a":3})", false},
    Case{"({a} / 0) = 1", R"({"a":3})", false},
    Case{"{a} % 2 = 1", R"({"a":5})", true},
    Case{"2 ^ 3 = 8", "{}", true},
    Case{"-1 < {a}", R"({"a":0})", true},
    Case{"iif({a} > 1, 'big', 'small') = 'big'", R"({"a":2})", true},
    Case{"sum({a}, 2, [3,4]) = 10", R"({"a":1})", true},
    Case{"avg(2, 4) = 3", "{}", true},
    Case{"min(3, {a}) = 1", R"({"a":1})", true},
    Case{"max(3, {a}) = 3", R"({"a":1})", true},
    Case{"round(2.567, 1) = 2.6", "{}", true},
    Case{"{a} >= '2026-01-01'", R"({"a":"2026-03-04"})", true},
    Case{"{#a} = '007'", R"({"a":"007"})", true},
    Case{"{a} = null", "{}", true},
    Case{"{q.row} = 2", R"({"q.row":2})", true},
    Case{"{satisfaction-score} >= 4", R"({"satisfaction-score":5})", true},
    Case{"{a} = 'it\\'s'", R"({"a":"it's"})", true},
    Case{R"({a} = "say 'x'")", R"({"a":"say 'x'"})", true},
    Case{"{a} notempty and {a} <> 'x'", R"({"a":"y"})", true},
    Case{"true", "{}", true},
    Case{"false", "{}", false},
};

TEST(Expression, AnswersAsSurveyJsDoes) {
  for (const Case& c : k_cases)
    EXPECT_EQ(holds(c.text, c.json), c.expected) << c.text << c.json;
}

TEST(Expression, NamesThePlaceOfAMistake) {
  for (const std::string_view text :
       {"", "{a", "{a} =", "= 1", "{a} = 'x", "({a}", "{a} {b}", "{a} = 1 and", "[1,", "{}", "1a",
        "and", "{a} contains", "{a} = 5 5", "{a{b}}", "*", "'a' 'b'", "-"}) {
    const auto expression = Expression::parse(text);
    ASSERT_FALSE(expression) << text;
    EXPECT_EQ(expression.error().code, Code::BadRequest);
    EXPECT_NE(expression.error().hint.find("at character"), std::string::npos) << text;
  }
}

TEST(Expression, RefusesFunctionsItDoesNotDeclare) {
  for (const std::string_view text :
       {"today() > {a}", "age({a}) > 5", "validateComment({a}) >= 0"}) {
    const auto expression = Expression::parse(text);
    ASSERT_FALSE(expression) << text;
    EXPECT_NE(expression.error().hint.find("iif, sum, avg"), std::string::npos);
  }
}

TEST(Expression, KeepsTheTextLimit) {
  const auto text = [](std::size_t bytes) { return "'" + std::string(bytes - 2, 'x') + "'"; };
  EXPECT_TRUE(Expression::parse(text(k_expression_max_bytes - 1)));
  EXPECT_TRUE(Expression::parse(text(k_expression_max_bytes)));
  EXPECT_EQ(Expression::parse(text(k_expression_max_bytes + 1)).error().code, Code::LimitExceeded);
}

TEST(Expression, KeepsThePartsLimit) {
  // n values take n - 1 operators: 2n - 1 parts.
  const auto text = [](std::size_t values) {
    std::string out = "1";
    for (std::size_t i = 1; i < values; ++i)
      out += "+1";
    return out;
  };
  EXPECT_TRUE(Expression::parse(text(k_expression_nodes_max / 2)));
  EXPECT_EQ(Expression::parse(text(k_expression_nodes_max / 2 + 1)).error().code,
            Code::LimitExceeded);
  // One part more than an odd number: a last "empty".
  EXPECT_TRUE(Expression::parse(text(k_expression_nodes_max / 2 - 1) + " + {a} empty"));
}

TEST(Expression, KeepsTheDepthLimit) {
  // Each parenthesis is two levels: the operand and what stands inside.
  const auto text = [](std::size_t pairs) {
    return std::string(pairs, '(') + "1" + std::string(pairs, ')');
  };
  const std::size_t most = k_expression_depth_max / 2 - 1;
  EXPECT_TRUE(Expression::parse(text(most - 1)));
  EXPECT_TRUE(Expression::parse(text(most)));
  EXPECT_EQ(Expression::parse(text(most + 1)).error().code, Code::LimitExceeded);
  EXPECT_FALSE(Expression::parse(std::string(4000, '(')));
  EXPECT_FALSE(Expression::parse(std::string(4000, '!')));
  EXPECT_FALSE(Expression::parse(std::string(4000, '[')));
}

TEST(Expression, BoundsTheTextItMakes) {
  std::string text = "{a}";
  for (int i = 0; i < 9; ++i)
    text += "+{a}";
  const std::string long_text(k_expression_text_max_bytes / 10, 'x');
  const auto expression = Expression::parse(text);
  ASSERT_TRUE(expression);
  const Value fitting = Value(long_text);
  class One final : public Variables {
   public:
    explicit One(const Value& value) : value_(value) {}
    const Value* find(std::size_t) const override { return &value_; }

   private:
    const Value& value_;
  };
  EXPECT_EQ(expression->evaluate(One(fitting)).text()->size(), long_text.size() * 10);
  const Value larger = Value(long_text + "xx");
  EXPECT_LE(scalar_text(expression->evaluate(One(larger))).size(), k_expression_text_max_bytes);
}

TEST(Expression, ComparesLongTextsByAsciiAlone) {
  // "É" and "é" are two bytes each; beyond the bound only the case of ASCII is put aside.
  const auto are_equal = [](std::size_t bytes) {
    const std::string rest(bytes - 2, 'x');
    const std::string json = "{\"a\":\"É" + rest + "\",\"b\":\"é" + rest + "\"}";
    return holds("{a} = {b}", json);
  };
  EXPECT_TRUE(are_equal(k_expression_fold_max_bytes - 1));
  EXPECT_TRUE(are_equal(k_expression_fold_max_bytes));
  EXPECT_FALSE(are_equal(k_expression_fold_max_bytes + 1));
  const std::string long_text(k_expression_fold_max_bytes + 1, 'x');
  const std::string in_capitals(k_expression_fold_max_bytes + 1, 'X');
  EXPECT_TRUE(holds("{a} = {b}", R"({"a":")" + long_text + R"(","b":")" + in_capitals + "\"}"));
}

TEST(Expression, ListsVariablesOnce) {
  const auto expression = Expression::parse("{a} = 1 or {b} = 2 or {a} = 3");
  ASSERT_TRUE(expression);
  ASSERT_EQ(expression->variables().size(), 2U);
  EXPECT_EQ(expression->variables()[1].text, "b");
}

/// What two answers and a document within their bounds could cost.
TEST(Expression, CostsLittleWhateverIsCompared) {
  constexpr std::size_t k_repeated = 100;
  constexpr auto k_enough = std::chrono::seconds(5);
  const auto joined = [](std::string_view part, std::string_view between, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
      out.append(i == 0 ? "" : between).append(part);
    return out;
  };
  const auto list = [](std::string_view part) {
    std::string out = "[";
    for (int i = 0; i < 110; ++i)
      out += fmt::format("{}\"{}{}\"", i == 0 ? "" : ",", part, i);
    return out + "]";
  };
  const std::string same(40'000, 'a');
  const std::string texts = fmt::format(R"({{"a":"{0}{0}","b":"{0}b"}})", same);
  const std::string lists =
      fmt::format(R"({{"a":{},"b":{}}})", list(joined("é", "", 480)), list(joined("É", "", 480)));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i)
    EXPECT_FALSE(holds(joined("{a} contains {b}", " or ", k_repeated), texts));
  const std::string few = R"({"a":["é1","é2"],"b":["É2","É1"]})";
  for (const std::string_view one : {"{a} = {b}", "{a} allof {b}"}) {
    EXPECT_TRUE(holds(one, few));
    // The same lists with more and longer texts cost more than comparing may.
    EXPECT_FALSE(holds(one, lists)) << one;
    EXPECT_FALSE(holds(joined(one, " and ", k_repeated), lists)) << one;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, k_enough);
  // Answers inside lists are not copied again and again.
  EXPECT_FALSE(holds("[{a}, 1] notempty", texts));
  EXPECT_TRUE(holds("[{a}, 1] notempty", R"({"a":"b"})"));
}

}  // namespace
}  // namespace probity::form
