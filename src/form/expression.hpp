#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::form {

/// What a `{variable}` of an expression is looked up in. Positions are those of
/// Expression::variables(); null means "no answer".
class Variables {
 public:
  virtual ~Variables() = default;
  [[nodiscard]] virtual const Value* find(std::size_t variable) const = 0;
};

/// One `{name}`, `{name.part}` or `{name[0]}` of an expression, as written and without the braces.
struct Variable {
  std::string text;
};

/// A condition in the SurveyJS language, the declared subset:
///   {name}  {name.row}  {name[0]}  {name-Comment}  'text'  "text"  12.5  true  [1, 'a']
///   =  ==  <>  !=  >  <  >=  <=  =<  =>  empty  notempty  contains  notcontains  anyof  allof
///   noneof  and  or  not  &&  ||  !  + - * / % ^  ( )  and the functions of
///   expression_functions().
/// Words are read in either case. Not in it: functions of the day of reading (today, age), because
/// an answer must mean the same when it is counted a year later, and functions of a host page.
///
/// Parsed to a program of at most k_expression_nodes_max steps for a stack machine; evaluation runs
/// each step once, never throws and never fails: whatever makes no sense is empty. Comparison is
/// SurveyJS's: loose between kinds ("5" = 5), texts without regard to case and outer spaces, lists
/// without regard to order. Immutable; any thread may evaluate.
class Expression {
 public:
  Expression() = default;

  /// BadRequest names the position and what was expected; LimitExceeded names the limit.
  [[nodiscard]] static Result<Expression> parse(std::string_view text);

  [[nodiscard]] bool is_empty() const { return program_.empty(); }
  /// Steps that one evaluation takes.
  [[nodiscard]] std::size_t steps() const { return program_.size(); }
  /// In order of first appearance, each once.
  [[nodiscard]] std::span<const Variable> variables() const { return variables_; }
  /// What variables are compared with, in order of appearance.
  [[nodiscard]] std::span<const Value> constants() const { return constants_; }
  /// Whether a variable is looked at by `empty` and `notempty` alone.
  [[nodiscard]] bool asks_presence_alone(std::size_t variable) const;
  /// Whether a variable is looked at by those, and by contains, notcontains, anyof, allof and
  /// noneof with constants.
  [[nodiscard]] bool asks_membership_alone(std::size_t variable) const;
  [[nodiscard]] Value evaluate(const Variables& variables) const;
  /// The evaluated value as a condition: everything but empty, false, 0 and '' holds.
  [[nodiscard]] bool holds(const Variables& variables) const;

  /// One step of the program; opened for expression.cpp only.
  enum class Op : std::uint8_t {
    Constant,
    Variable,
    RawVariable,
    List,
    Call,
    Or,
    And,
    Not,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Contains,
    NotContains,
    AnyOf,
    AllOf,
    NoneOf,
    Empty,
    NotEmpty,
    Plus,
    Minus,
    Multiply,
    Divide,
    Modulo,
    Power,
  };
  struct Step {
    Op op = Op::Constant;
    std::uint16_t operand = 0;  ///< Index of a constant, variable or function.
    std::uint16_t count = 0;    ///< Values taken by List and Call.
  };

  /// The steps in the order they run; for condition_json.
  [[nodiscard]] std::span<const Step> program() const { return program_; }

 private:
  /// The operator a variable's step is the left side of, when its right side is constant.
  [[nodiscard]] Op operator_on(std::size_t step) const;
  friend class ExpressionParser;
  std::vector<Step> program_;
  std::vector<Value> constants_;
  std::vector<Variable> variables_;
  std::size_t stack_max_ = 0;
};

/// Names of the functions that expressions may call.
[[nodiscard]] std::span<const std::string_view> expression_functions();

/// SurveyJS's equality of two values, as `=` uses it. Null means empty.
[[nodiscard]] bool loosely_equal(const Value& a, const Value& b);

}  // namespace probity::form
