#include "form/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>

#include "base/text.hpp"

namespace probity::form {
namespace {

using Op = Expression::Op;

enum class Function : std::uint16_t { Iif, Sum, Avg, Min, Max, Round };
constexpr std::array<std::string_view, 6> k_functions = {"iif", "sum", "avg",
                                                         "min", "max", "round"};

/// A value on the stack: scalars by value, texts and trees by reference to an answer, a constant or
/// the scratch of this evaluation.
struct Cell {
  enum class Kind : std::uint8_t { Null, Truth, Number, Text, Tree };
  Kind kind = Kind::Null;
  bool truth = false;
  double number = 0;
  std::string_view text;
  const Value* tree = nullptr;

  static Cell of(bool value) {
    Cell cell;
    cell.kind = Kind::Truth;
    cell.truth = value;
    return cell;
  }
  static Cell of(double value) {
    Cell cell;
    cell.kind = std::isfinite(value) ? Kind::Number : Kind::Null;
    cell.number = value;
    return cell;
  }
  static Cell of(std::string_view value) {
    Cell cell;
    cell.kind = Kind::Text;
    cell.text = value;
    return cell;
  }
  static Cell of(const Value& value) {
    if (const bool* b = value.truth()) return of(*b);
    if (const double* n = value.number()) return of(*n);
    if (const std::string* t = value.text()) return of(std::string_view(*t));
    Cell cell;
    if (value.is_null()) return cell;
    cell.kind = Kind::Tree;
    cell.tree = &value;
    return cell;
  }
  [[nodiscard]] const Value::List* list() const {
    return kind == Kind::Tree ? tree->list() : nullptr;
  }
  /// Empty as SurveyJS means it: 0 and false are not.
  [[nodiscard]] bool is_empty() const {
    if (kind == Kind::Text) return text.empty();
    return kind == Kind::Null || (kind == Kind::Tree && tree->is_blank());
  }
  [[nodiscard]] bool is_true() const {
    switch (kind) {
      case Kind::Null: return false;
      case Kind::Truth: return truth;
      case Kind::Number: return number != 0;
      case Kind::Text: return !text.empty();
      case Kind::Tree: return true;
    }
    return false;
  }
};

Value to_value(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::Null: return {};
    case Cell::Kind::Truth: return Value(cell.truth);
    case Cell::Kind::Number: return Value(cell.number);
    case Cell::Kind::Text: return Value(cell.text);
    case Cell::Kind::Tree: return *cell.tree;
  }
  return {};
}

std::optional<double> to_number(const Cell& cell) {
  if (cell.kind == Cell::Kind::Number) return cell.number;
  if (cell.kind == Cell::Kind::Truth) return cell.truth ? 1.0 : 0.0;
  return cell.kind == Cell::Kind::Text ? parse_number(cell.text) : std::nullopt;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equal_ascii(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, lower, lower);
}

/// What comparing texts may still cost in one evaluation, in bytes looked at. Lists are compared
/// item by item, so that their cost is the product of what two answers hold.
class Work {
 public:
  explicit Work(std::size_t steps) : left_(steps * k_expression_work_per_step) {}
  /// False when there is not so much left.
  [[nodiscard]] bool take(std::size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

 private:
  std::size_t left_;
};

bool equal_text(std::string_view a, std::string_view b, Work& work) {
  constexpr std::size_t k_fold_cost = 32;  ///< Of a byte, against looking at one.
  a = trim(a);
  b = trim(b);
  if (a == b) return true;
  if (a.size() == b.size()) {
    if (!work.take(a.size())) return false;
    if (equal_ascii(a, b)) return true;
  }
  if (std::max(a.size(), b.size()) > k_expression_fold_max_bytes) return false;
  if (is_ascii(a) || is_ascii(b)) return false;
  if (!work.take(k_fold_cost * (a.size() + b.size()))) return false;
  const auto folded_a = fold(a);
  const auto folded_b = fold(b);
  return folded_a && folded_b && *folded_a == *folded_b;
}

bool equal_cells(const Cell& a, const Cell& b, Work& work);

/// As sets with repetition: each item of one is matched by another item of the other.
bool equal_lists(const Value::List& a, const Value::List& b, Work& work) {
  if (a.size() != b.size()) return false;
  std::vector<bool> taken(b.size());
  for (const Value& item : a) {
    std::size_t at = 0;
    while (at < b.size() && (taken[at] || !equal_cells(Cell::of(item), Cell::of(b[at]), work)))
      ++at;
    if (at == b.size()) return false;
    taken[at] = true;
  }
  return true;
}

bool equal_trees(const Value& a, const Value& b, Work& work) {
  if (a.list() != nullptr && b.list() != nullptr) return equal_lists(*a.list(), *b.list(), work);
  if (a.members() == nullptr || b.members() == nullptr) return false;
  if (a.members()->size() != b.members()->size()) return false;
  for (const Member& member : *a.members()) {
    const Value* other = b.find(member.name);
    if (other == nullptr || !equal_cells(Cell::of(member.value), Cell::of(*other), work))
      return false;
  }
  return true;
}

/// Recursion follows the nesting of answers and constants, which is bounded.
bool equal_cells(const Cell& a, const Cell& b, Work& work) {
  using Kind = Cell::Kind;
  if (a.is_empty() || b.is_empty()) return a.is_empty() && b.is_empty();
  if (a.kind == Kind::Tree || b.kind == Kind::Tree)
    return a.kind == b.kind && equal_trees(*a.tree, *b.tree, work);
  if (a.kind == Kind::Text && b.kind == Kind::Text) {
    if (equal_text(a.text, b.text, work)) return true;
  }
  if (a.kind == Kind::Truth && b.kind == Kind::Text)
    return equal_ascii(trim(b.text), a.truth ? "true" : "false");
  if (b.kind == Kind::Truth && a.kind == Kind::Text)
    return equal_ascii(trim(a.text), b.truth ? "true" : "false");
  const auto x = to_number(a);
  const auto y = to_number(b);
  return x && y && *x == *y;
}

/// -1, 0, 1, or nothing when the two have no order (then every comparison is false).
std::optional<int> order(const Cell& a, const Cell& b) {
  using Kind = Cell::Kind;
  if (a.kind == Kind::Null || b.kind == Kind::Null) return {};
  if (a.kind == Kind::Text && b.kind == Kind::Text)
    return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
  const auto x = to_number(a);
  const auto y = to_number(b);
  if (!x || !y) return {};
  return *x < *y ? -1 : *x > *y ? 1 : 0;
}

bool has_item(const Value::List& list, const Cell& item, Work& work) {
  return std::ranges::any_of(
      list, [&](const Value& value) { return equal_cells(Cell::of(value), item, work); });
}

/// By memmem, whose time grows with the sum of the lengths: both may be long answers, and that of
/// string_view::find grows with their product.
bool has_text(std::string_view text, std::string_view wanted) {
  return memmem(text.data(), text.size(), wanted.data(), wanted.size()) != nullptr;
}

bool contains(const Cell& left, const Cell& right, Work& work) {
  if (left.kind == Cell::Kind::Null || (left.kind == Cell::Kind::Text && left.text.empty()))
    return false;
  if (const Value::List* list = left.list()) {
    if (const Value::List* wanted = right.list()) {
      return std::ranges::all_of(
          *wanted, [&](const Value& value) { return has_item(*list, Cell::of(value), work); });
    }
    return has_item(*list, right, work);
  }
  if (left.kind == Cell::Kind::Tree || right.kind == Cell::Kind::Tree || right.is_empty())
    return false;
  const std::string wanted = scalar_text(to_value(right));
  if (left.kind == Cell::Kind::Text) return has_text(left.text, wanted);
  return has_text(scalar_text(to_value(left)), wanted);
}

bool any_of(const Cell& left, const Cell& right, Work& work) {
  if (left.is_empty()) return right.is_empty();
  if (right.is_empty()) return true;
  if (left.list() == nullptr) return contains(right, left, work) || equal_cells(left, right, work);
  const Value::List* wanted = right.list();
  if (wanted == nullptr) return contains(left, right, work);
  return std::ranges::any_of(
      *wanted, [&](const Value& value) { return contains(left, Cell::of(value), work); });
}

bool all_of(const Cell& left, const Cell& right, Work& work) {
  if (left.is_empty()) return right.is_empty();
  const Value::List* wanted = right.list();
  if (wanted == nullptr) return contains(left, right, work);
  return std::ranges::all_of(
      *wanted, [&](const Value& value) { return contains(left, Cell::of(value), work); });
}

/// Without the noise of binary fractions: 0.1 + 0.2 is 0.3.
double without_noise(double number) {
  if (!std::isfinite(number) || std::trunc(number) == number) return number;
  return parse_number(fmt::format("{:.12g}", number)).value_or(number);
}

Cell arithmetic(Op op, const Cell& a, const Cell& b) {
  const auto x = a.is_empty() ? std::optional<double>(0.0) : to_number(a);
  const auto y = b.is_empty() ? std::optional<double>(0.0) : to_number(b);
  if (!x || !y) return {};
  switch (op) {
    case Op::Minus: return Cell::of(without_noise(*x - *y));
    case Op::Multiply: return Cell::of(without_noise(*x * *y));
    case Op::Divide: return *y == 0 ? Cell{} : Cell::of(*x / *y);
    case Op::Modulo: return *y == 0 ? Cell{} : Cell::of(std::fmod(*x, *y));
    case Op::Power: return Cell::of(std::pow(*x, *y));
    default: return Cell::of(without_noise(*x + *y));
  }
}

/// Collects the numbers of arguments, lists opened one level.
void collect_numbers(const Cell& cell, std::vector<double>& out) {
  if (const Value::List* list = cell.list()) {
    for (const Value& value : *list)
      if (const auto number = to_number(Cell::of(value))) out.push_back(*number);
  } else if (const auto number = to_number(cell)) {
    out.push_back(*number);
  }
}

Cell aggregate(Function function, std::span<const Cell> arguments) {
  std::vector<double> numbers;
  for (const Cell& cell : arguments)
    collect_numbers(cell, numbers);
  double sum = 0;
  for (const double number : numbers)
    sum = without_noise(sum + number);
  switch (function) {
    case Function::Avg:
      return Cell::of(numbers.empty() ? 0.0 : sum / static_cast<double>(numbers.size()));
    case Function::Min:
      return numbers.empty() ? Cell{} : Cell::of(*std::ranges::min_element(numbers));
    case Function::Max:
      return numbers.empty() ? Cell{} : Cell::of(*std::ranges::max_element(numbers));
    case Function::Sum: return Cell::of(sum);
    case Function::Iif:
    case Function::Round: break;
  }
  return {};
}

Cell call(Function function, std::span<const Cell> arguments) {
  if (function == Function::Iif) {
    if (arguments.size() != 3) return {};
    return arguments[0].is_true() ? arguments[1] : arguments[2];
  }
  if (function == Function::Round) {
    if (arguments.empty()) return {};
    const auto number = to_number(arguments[0]);
    const auto digits = arguments.size() > 1 ? to_number(arguments[1]) : std::optional<double>(0.0);
    if (!number || !digits) return {};
    const double scale = std::pow(10.0, std::clamp(std::trunc(*digits), 0.0, 10.0));
    return Cell::of(std::round(*number * scale) / scale);
  }
  return aggregate(function, arguments);
}

/// A text answer that reads as a number or a truth value counts as one (SurveyJS does the same),
/// except one that begins with 0, as telephone numbers do.
Cell converted(const Cell& cell) {
  if (cell.kind != Cell::Kind::Text) return cell;
  if (equal_ascii(cell.text, "true")) return Cell::of(true);
  if (equal_ascii(cell.text, "false")) return Cell::of(false);
  const bool has_leading_zero = cell.text.size() > 1 && cell.text[0] == '0' && cell.text[1] != '.';
  if (has_leading_zero || cell.text.find_first_of("eE") != std::string_view::npos) return cell;
  const auto number = parse_number(cell.text);
  return number ? Cell::of(*number) : cell;
}

/// Texts and lists made while one program runs.
struct Scratch {
  std::vector<std::unique_ptr<std::string>> texts;
  std::vector<std::unique_ptr<Value>> values;
};

Cell plus(const Cell& a, const Cell& b, Scratch& scratch) {
  const bool is_text = a.kind == Cell::Kind::Text || b.kind == Cell::Kind::Text;
  if (!is_text) return arithmetic(Op::Plus, a, b);
  if (a.kind == Cell::Kind::Tree || b.kind == Cell::Kind::Tree) return {};
  if (a.text.size() + b.text.size() > k_expression_text_max_bytes) return {};
  std::string joined = scalar_text(to_value(a)) + scalar_text(to_value(b));
  if (joined.size() > k_expression_text_max_bytes) return {};
  scratch.texts.push_back(std::make_unique<std::string>(std::move(joined)));
  return Cell::of(std::string_view(*scratch.texts.back()));
}

/// Bytes that a copy of a value takes, about.
std::size_t size_of(const Cell& cell) {
  if (cell.kind == Cell::Kind::Text) return sizeof(Value) + cell.text.size();
  std::size_t size = sizeof(Value);
  if (cell.kind != Cell::Kind::Tree) return size;
  if (const Value::List* list = cell.tree->list())
    for (const Value& value : *list)
      size += size_of(Cell::of(value));
  if (const Value::Members* members = cell.tree->members())
    for (const Member& member : *members)
      size += sizeof(Member) + member.name.size() + size_of(Cell::of(member.value));
  return size;
}

/// Empty where it would be too large: lists inside lists would hold the same answers again and
/// again.
Cell make_list(std::span<const Cell> items, Scratch& scratch) {
  std::size_t size = 0;
  for (const Cell& item : items) {
    size += size_of(item);
    if (size > k_expression_list_max_bytes) return {};
  }
  Value::List list;
  list.reserve(items.size());
  for (const Cell& item : items)
    list.push_back(to_value(item));
  scratch.values.push_back(std::make_unique<Value>(std::move(list)));
  return Cell::of(*scratch.values.back());
}

Cell binary(Op op, const Cell& a, const Cell& b, Work& work) {
  const auto ordered = [&](auto test) {
    const auto result = order(a, b);
    return Cell::of(result.has_value() && test(*result));
  };
  switch (op) {
    case Op::Or: return Cell::of(a.is_true() || b.is_true());
    case Op::And: return Cell::of(a.is_true() && b.is_true());
    case Op::Equal: return Cell::of(equal_cells(a, b, work));
    case Op::NotEqual: return Cell::of(!equal_cells(a, b, work));
    case Op::Less: return ordered([](int o) { return o < 0; });
    case Op::Greater: return ordered([](int o) { return o > 0; });
    case Op::LessOrEqual:
      return equal_cells(a, b, work) ? Cell::of(true) : ordered([](int o) { return o < 0; });
    case Op::GreaterOrEqual:
      return equal_cells(a, b, work) ? Cell::of(true) : ordered([](int o) { return o > 0; });
    case Op::Contains: return Cell::of(contains(a, b, work));
    case Op::NotContains: return Cell::of(!contains(a, b, work));
    case Op::AnyOf: return Cell::of(any_of(a, b, work));
    case Op::AllOf: return Cell::of(all_of(a, b, work));
    case Op::NoneOf: return Cell::of(!any_of(a, b, work));
    default: return arithmetic(op, a, b);
  }
}

}  // namespace

std::span<const std::string_view> expression_functions() { return k_functions; }

bool loosely_equal(const Value& a, const Value& b) {
  Work work(k_expression_nodes_max);
  return equal_cells(Cell::of(a), Cell::of(b), work);
}

namespace {

/// Runs the steps; the parser has proven that the stack neither runs empty nor past its maximum.
struct Machine {
  std::span<const Value> constants;
  const Variables& variables;
  Work work;
  std::vector<Cell> stack;
  Scratch scratch;

  Cell pop() {
    const Cell top = stack.back();
    stack.pop_back();
    return top;
  }

  void variable(const Expression::Step& step) {
    const Value* value = variables.find(step.operand);
    const Cell cell = value == nullptr ? Cell{} : Cell::of(*value);
    stack.push_back(step.op == Op::RawVariable ? cell : converted(cell));
  }

  void many(const Expression::Step& step) {
    const std::span<const Cell> taken(stack.end() - step.count, stack.end());
    const Cell result =
        step.op == Op::List ? make_list(taken, scratch) : call(Function{step.operand}, taken);
    stack.resize(stack.size() - step.count);
    stack.push_back(result);
  }

  void run(const Expression::Step& step) {
    switch (step.op) {
      case Op::Constant: stack.push_back(Cell::of(constants[step.operand])); return;
      case Op::Variable:
      case Op::RawVariable: variable(step); return;
      case Op::List:
      case Op::Call: many(step); return;
      case Op::Not: stack.back() = Cell::of(!stack.back().is_true()); return;
      case Op::Empty: stack.back() = Cell::of(stack.back().is_empty()); return;
      case Op::NotEmpty: stack.back() = Cell::of(!stack.back().is_empty()); return;
      default: break;
    }
    const Cell right = pop();
    const Cell left = pop();
    stack.push_back(step.op == Op::Plus ? plus(left, right, scratch)
                                        : binary(step.op, left, right, work));
  }
};

}  // namespace

Expression::Op Expression::operator_on(std::size_t step) const {
  std::size_t next = step + 1;
  while (next < program_.size() &&
         (program_[next].op == Op::Constant || program_[next].op == Op::List))
    ++next;
  return next < program_.size() ? program_[next].op : Op::Variable;
}

bool Expression::asks_presence_alone(std::size_t variable) const {
  for (std::size_t i = 0; i < program_.size(); ++i) {
    const bool is_read = program_[i].op == Op::Variable || program_[i].op == Op::RawVariable;
    if (!is_read || program_[i].operand != variable) continue;
    const Op next = i + 1 < program_.size() ? program_[i + 1].op : Op::Variable;
    if (next != Op::Empty && next != Op::NotEmpty) return false;
  }
  return true;
}

bool Expression::asks_membership_alone(std::size_t variable) const {
  for (std::size_t i = 0; i < program_.size(); ++i) {
    const bool is_read = program_[i].op == Op::Variable || program_[i].op == Op::RawVariable;
    if (!is_read || program_[i].operand != variable) continue;
    switch (operator_on(i)) {
      case Op::Empty:
      case Op::NotEmpty:
      case Op::Contains:
      case Op::NotContains:
      case Op::AnyOf:
      case Op::AllOf:
      case Op::NoneOf: break;
      default: return false;
    }
  }
  return true;
}

Value Expression::evaluate(const Variables& variables) const {
  if (program_.empty()) return {};
  Machine machine{constants_, variables, Work(program_.size()), {}, {}};
  machine.stack.reserve(stack_max_);
  for (const Step& step : program_)
    machine.run(step);
  return to_value(machine.stack.back());
}

bool Expression::holds(const Variables& variables) const {
  if (program_.empty()) return false;
  Machine machine{constants_, variables, Work(program_.size()), {}, {}};
  machine.stack.reserve(stack_max_);
  for (const Step& step : program_)
    machine.run(step);
  return machine.stack.back().is_true();
}

}  // namespace probity::form
