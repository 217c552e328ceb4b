#include "form/condition_json.hpp"

#include "base/json_writer.hpp"

namespace probity::form {
namespace {

using Op = Expression::Op;

std::string_view operator_name(Op op) {
  switch (op) {
    case Op::Or: return "or";
    case Op::And: return "and";
    case Op::Not: return "not";
    case Op::Equal: return "=";
    case Op::NotEqual: return "<>";
    case Op::Less: return "<";
    case Op::Greater: return ">";
    case Op::LessOrEqual: return "<=";
    case Op::GreaterOrEqual: return ">=";
    case Op::Contains: return "contains";
    case Op::NotContains: return "notcontains";
    case Op::AnyOf: return "anyof";
    case Op::AllOf: return "allof";
    case Op::NoneOf: return "noneof";
    case Op::Empty: return "empty";
    case Op::NotEmpty: return "notempty";
    case Op::Plus: return "+";
    case Op::Minus: return "-";
    case Op::Multiply: return "*";
    case Op::Divide: return "/";
    case Op::Modulo: return "%";
    case Op::Power: return "^";
    case Op::List: return "list";
    case Op::Call: return "call";
    case Op::Constant: return "value";
    case Op::Variable: return "answer";
    case Op::RawVariable: return "raw";
  }
  return {};
}

void write_target(JsonWriter& json, const Questionnaire& questionnaire, const Target& target) {
  json.value(questionnaire.questions[target.question].key);
  switch (target.part) {
    case Target::Part::Whole: break;
    case Target::Part::Comment: json.value("comment"); break;
    case Target::Part::Member:
      json.value("member");
      json.value(target.member);
      break;
    case Target::Part::Item:
      json.value("item");
      json.value(target.item);
      break;
  }
}

}  // namespace

std::string condition_json(const Questionnaire& questionnaire, const Condition& condition) {
  const Expression& expression = condition.expression;
  JsonWriter json;
  json.begin_array();
  for (const Expression::Step& step : expression.program()) {
    const std::string_view name = operator_name(step.op);
    const bool is_plain = step.op != Op::Constant && step.op != Op::Variable &&
                          step.op != Op::RawVariable && step.op != Op::List && step.op != Op::Call;
    if (is_plain) {
      json.value(name);
      continue;
    }
    json.begin_array();
    json.value(name);
    if (step.op == Op::Constant) {
      std::string constant;
      append_value(constant, expression.constants()[step.operand]);
      json.raw(constant);
    } else if (step.op == Op::List) {
      json.value(step.count);
    } else if (step.op == Op::Call) {
      json.value(expression_functions()[step.operand]);
      json.value(step.count);
    } else {
      write_target(json, questionnaire, condition.targets[step.operand]);
    }
    json.end_array();
  }
  json.end_array();
  return std::move(json).text();
}

}  // namespace probity::form
