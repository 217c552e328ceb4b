#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "form/expression.hpp"

namespace probity::form {
namespace {

using Op = Expression::Op;

struct Word {
  std::string_view text;
  Op op;
};

// Longer spellings first: "=<" must not be read as "=".
constexpr std::array k_comparison_signs = {
    Word{"<=", Op::LessOrEqual},    Word{"=<", Op::LessOrEqual}, Word{">=", Op::GreaterOrEqual},
    Word{"=>", Op::GreaterOrEqual}, Word{"<>", Op::NotEqual},    Word{"!=", Op::NotEqual},
    Word{"==", Op::Equal},          Word{"=", Op::Equal},        Word{"<", Op::Less},
    Word{">", Op::Greater}};
constexpr std::array k_comparison_words = {Word{"lessorequal", Op::LessOrEqual},
                                           Word{"greaterorequal", Op::GreaterOrEqual},
                                           Word{"notequal", Op::NotEqual},
                                           Word{"equal", Op::Equal},
                                           Word{"less", Op::Less},
                                           Word{"greater", Op::Greater}};
constexpr std::array k_set_words = {Word{"contains", Op::Contains},
                                    Word{"contain", Op::Contains},
                                    Word{"notcontains", Op::NotContains},
                                    Word{"notcontain", Op::NotContains},
                                    Word{"anyof", Op::AnyOf},
                                    Word{"allof", Op::AllOf},
                                    Word{"noneof", Op::NoneOf}};
constexpr std::array<std::string_view, 17> k_reserved = {
    "and",   "or",       "not",     "negate",      "empty",      "notempty",
    "power", "contains", "contain", "notcontains", "notcontain", "anyof",
    "allof", "noneof",   "equal",   "notequal",    "less"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool equal_words(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

/// Recursive descent into postfix order. Every nested form passes `Level`, so the depth of the
/// recursion is bounded by k_expression_depth_max.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Result<Expression> run() {
    const bool is_read = either();
    skip_space();
    if (is_read && at_ != text_.size()) expected("an operator or the end");
    if (error_) return std::unexpected(std::move(*error_));
    return std::move(out_);
  }

 private:
  class Level {
   public:
    explicit Level(ExpressionParser& parser) : parser_(parser) { ++parser_.depth_; }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    ExpressionParser& parser_;
  };

  bool stop(Code code, std::string reason) {
    if (!error_) error_ = Error{code, {}, std::move(reason), {}, 0};
    return false;
  }
  bool expected(std::string_view what) {
    return stop(Code::BadRequest, fmt::format("at character {}: expected {}", at_ + 1, what));
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r')))
      ++at_;
  }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  bool take(std::string_view sign) {
    skip_space();
    if (!rest().starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  /// The word that begins here, not consumed.
  [[nodiscard]] std::string_view peek_word() {
    skip_space();
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || (end > at_ && is_digit(text_[end]))))
      ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view word) {
    if (!equal_words(peek_word(), word)) return false;
    at_ += word.size();
    return true;
  }

  /// Appends a step that takes `taken` values and leaves one.
  bool emit(Expression::Step step, std::size_t taken) {
    if (out_.program_.size() >= k_expression_nodes_max) {
      return stop(Code::LimitExceeded,
                  fmt::format("has more than {} parts; split it", k_expression_nodes_max));
    }
    out_.program_.push_back(step);
    stack_ = stack_ + 1 - taken;
    out_.stack_max_ = std::max(out_.stack_max_, stack_);
    return true;
  }
  bool emit(Op op, std::size_t taken) { return emit(Expression::Step{op, 0, 0}, taken); }

  bool constant(Value value) {
    out_.constants_.push_back(std::move(value));
    return emit({Op::Constant, static_cast<std::uint16_t>(out_.constants_.size() - 1), 0}, 0);
  }

  bool either() {
    const Level level(*this);
    if (depth_ > k_expression_depth_max) {
      return stop(Code::LimitExceeded,
                  fmt::format("is nested more than {} levels deep", k_expression_depth_max));
    }
    if (!both()) return false;
    while (take("||") || take_word("or"))
      if (!both() || !emit(Op::Or, 2)) return false;
    return true;
  }

  bool both() {
    if (!comparison()) return false;
    while (take("&&") || take_word("and"))
      if (!comparison() || !emit(Op::And, 2)) return false;
    return true;
  }

  std::optional<Op> comparison_operator() {
    for (const Word& word : k_comparison_signs)
      if (take(word.text)) return word.op;
    for (const Word& word : k_comparison_words)
      if (take_word(word.text)) return word.op;
    return {};
  }

  bool comparison() {
    if (!sum()) return false;
    while (const auto op = comparison_operator())
      if (!sum() || !emit(*op, 2)) return false;
    return true;
  }

  bool sum() {
    if (!product()) return false;
    for (;;) {
      const bool is_plus = take("+");
      if (!is_plus && !take("-")) return true;
      if (!product() || !emit(is_plus ? Op::Plus : Op::Minus, 2)) return false;
    }
  }

  std::optional<Op> product_operator() {
    if (rest().starts_with("*=")) return {};  // an old spelling of "contains"
    if (take("*")) return Op::Multiply;
    if (take("/")) return Op::Divide;
    if (take("%")) return Op::Modulo;
    return {};
  }

  bool product() {
    if (!power()) return false;
    skip_space();
    while (const auto op = product_operator()) {
      if (!power() || !emit(*op, 2)) return false;
      skip_space();
    }
    return true;
  }

  bool power() {
    if (!membership()) return false;
    while (take("^") || take_word("power"))
      if (!membership() || !emit(Op::Power, 2)) return false;
    return true;
  }

  std::optional<Op> set_operator() {
    if (take("*=")) return Op::Contains;
    for (const Word& word : k_set_words)
      if (take_word(word.text)) return word.op;
    return {};
  }

  bool membership() {
    if (!operand()) return false;
    while (const auto op = set_operator())
      if (!operand() || !emit(*op, 2)) return false;
    return true;
  }

  bool operand() {
    const Level level(*this);
    if (depth_ > k_expression_depth_max) {
      return stop(Code::LimitExceeded,
                  fmt::format("is nested more than {} levels deep", k_expression_depth_max));
    }
    skip_space();
    if (!rest().starts_with("!=") && (take("!") || take_word("not") || take_word("negate")))
      return operand() && emit(Op::Not, 1);
    if (!atom()) return false;
    if (take_word("empty")) return emit(Op::Empty, 1);
    if (take_word("notempty")) return emit(Op::NotEmpty, 1);
    return true;
  }

  bool atom() {
    skip_space();
    if (at_ == text_.size()) return expected("a value");
    const char c = text_[at_];
    if (take("(")) return either() && (take(")") || expected("\")\""));
    if (c == '{') return variable();
    if (c == '\'' || c == '"') return quoted();
    if (take("[")) return list();
    if (is_digit(c) || c == '.' || c == '-') return number();
    return word();
  }

  bool variable() {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) return expected("\"}\" after the name");
    std::string_view name = trim(text_.substr(at_ + 1, end - at_ - 1));
    const bool is_raw = name.starts_with('#');
    if (is_raw) name.remove_prefix(1);
    if (name.empty() || name.find('{') != std::string_view::npos)
      return expected("a question's name between braces");
    at_ = end + 1;
    const auto known = std::ranges::find(out_.variables_, name, &Variable::text);
    const auto index = static_cast<std::uint16_t>(known - out_.variables_.begin());
    if (known == out_.variables_.end()) out_.variables_.push_back({std::string(name)});
    return emit({is_raw ? Op::RawVariable : Op::Variable, index, 0}, 0);
  }

  bool quoted() {
    const char quote = text_[at_];
    std::string content;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == quote) {
        at_ = i + 1;
        return constant(Value(std::move(content)));
      }
      const bool is_escape = text_[i] == '\\' && i + 1 < text_.size() &&
                             (text_[i + 1] == '\'' || text_[i + 1] == '"' || text_[i + 1] == '\\');
      if (is_escape) ++i;
      content.push_back(text_[i]);
    }
    return expected("the closing quote");
  }

  bool number() {
    std::size_t end = at_ + (text_[at_] == '-' ? 1 : 0);
    while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '.'))
      ++end;
    const auto value = parse_number(text_.substr(at_, end - at_));
    if (!value) return expected("a number");
    at_ = end;
    if (at_ < text_.size() && is_letter(text_[at_]))
      return expected("an operator after the number");
    return constant(Value(*value));
  }

  /// Values up to `close`, separated by commas; gives their number.
  bool sequence(std::string_view close, std::uint16_t& count) {
    count = 0;
    if (take(close)) return true;
    for (;;) {
      if (!either()) return false;
      ++count;
      if (take(close)) return true;
      if (!take(",")) return expected(fmt::format("\",\" or \"{}\"", close));
    }
  }

  bool list() {
    std::uint16_t count = 0;
    return sequence("]", count) && emit({Op::List, 0, count}, count);
  }

  bool word() {
    const std::string_view name = peek_word();
    if (name.empty()) return expected("a value");
    const auto is_name = [&](std::string_view other) { return equal_words(other, name); };
    if (std::ranges::any_of(k_reserved, is_name))
      return expected(fmt::format("a value before \"{}\"", name));
    at_ += name.size();
    if (rest().starts_with("(")) return call(name);
    if (is_name("true")) return constant(Value(true));
    if (is_name("false")) return constant(Value(false));
    if (is_name("null") || is_name("undefined")) return constant(Value());
    return constant(Value(name));
  }

  bool call(std::string_view name) {
    const auto functions = expression_functions();
    const auto known = std::ranges::find_if(
        functions, [&](std::string_view function) { return equal_words(function, name); });
    if (known == functions.end()) {
      return stop(Code::BadRequest, fmt::format("calls the function \"{}\"; only {} are supported",
                                                name.substr(0, 64), fmt::join(functions, ", ")));
    }
    take("(");
    std::uint16_t count = 0;
    const auto index = static_cast<std::uint16_t>(known - functions.begin());
    return sequence(")", count) && emit({Op::Call, index, count}, count);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t stack_ = 0;
  Expression out_;
  std::optional<Error> error_;
};

Result<Expression> Expression::parse(std::string_view text) {
  if (text.size() > k_expression_max_bytes) {
    return refuse(Code::LimitExceeded, fmt::format("has {} bytes; at most {} are taken",
                                                   text.size(), k_expression_max_bytes));
  }
  return ExpressionParser(text).run();
}

}  // namespace probity::form
