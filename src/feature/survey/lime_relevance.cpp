#include "feature/survey/lime_relevance.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

enum class Sort : std::uint8_t { Name, Constant, Compare, Join, Not, Open, Close, Empty };

struct Token {
  Sort sort = Sort::Name;
  std::string text;  ///< As SurveyJS writes it, but for names.
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

/// Cuts an equation into tokens.
class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  std::optional<std::vector<Token>> run() {
    // An equation may stand in braces as a whole.
    if (text_.starts_with('{') && text_.ends_with('}')) text_ = text_.substr(1, text_.size() - 2);
    while (at_ < text_.size()) {
      if (static_cast<unsigned char>(text_[at_]) <= ' ') {
        ++at_;
      } else if (!take()) {
        return {};
      }
    }
    return std::move(out_);
  }

 private:
  bool put(Sort sort, std::string_view text, std::size_t size) {
    out_.push_back({sort, std::string(text)});
    at_ += size;
    return true;
  }

  bool take() {
    struct Sign {
      std::string_view from;
      Sort sort;
      std::string_view to;
    };
    constexpr std::array k_signs = {
        Sign{"==", Sort::Compare, "="},  Sign{"!=", Sort::Compare, "<>"},
        Sign{"<=", Sort::Compare, "<="}, Sign{">=", Sort::Compare, ">="},
        Sign{"&&", Sort::Join, "and"},   Sign{"||", Sort::Join, "or"},
        Sign{"<", Sort::Compare, "<"},   Sign{">", Sort::Compare, ">"},
        Sign{"!", Sort::Not, "!"},       Sign{"(", Sort::Open, "("},
        Sign{")", Sort::Close, ")"}};
    const std::string_view rest = text_.substr(at_);
    for (const Sign& sign : k_signs)
      if (rest.starts_with(sign.from)) return put(sign.sort, sign.to, sign.from.size());
    if (rest.front() == '"' || rest.front() == '\'') return take_text(rest);
    return take_word(rest);
  }

  bool take_text(std::string_view rest) {
    const std::size_t end = rest.find(rest.front(), 1);
    if (end == std::string_view::npos) return false;
    const std::string_view inside = rest.substr(1, end - 1);
    if (inside.find_first_of("'\"\\{}") != std::string_view::npos) return false;
    return put(Sort::Constant, "'" + std::string(inside) + "'", end + 1);
  }

  bool take_word(std::string_view rest) {
    const auto size =
        static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word) - rest.begin());
    if (size == 0) return false;
    const std::string_view word = rest.substr(0, size);
    struct Word {
      std::string_view from;
      Sort sort;
      std::string_view to;
    };
    constexpr std::array k_words = {
        Word{"and", Sort::Join, "and"},   Word{"or", Sort::Join, "or"},
        Word{"eq", Sort::Compare, "="},   Word{"ne", Sort::Compare, "<>"},
        Word{"lt", Sort::Compare, "<"},   Word{"le", Sort::Compare, "<="},
        Word{"gt", Sort::Compare, ">"},   Word{"ge", Sort::Compare, ">="},
        Word{"is_empty", Sort::Empty, ""}};
    for (const Word& one : k_words)
      if (word == one.from) return put(one.sort, one.to, size);
    if (form::parse_number(word)) return put(Sort::Constant, word, size);
    return put(Sort::Name, word, size);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> out_;
};

/// A question, or an option or row of it.
struct Named {
  std::string code;
  std::string part;
  char type = 'T';
};

std::optional<Named> resolve(std::string_view word, const LimeNames& names) {
  for (const std::string_view suffix : {".NAOK", ".value", ".code"})
    if (word.ends_with(suffix)) word.remove_suffix(suffix.size());
  if (word.find('.') != std::string_view::npos) return {};
  std::string code(word);
  std::string part;
  const auto numbers = split(word, 'X');
  if (numbers.size() == 3 && parse_int(numbers[0]) && parse_int(numbers[1])) {
    // surveyXgroupXquestion and the code of an option right behind.
    std::size_t digits = 0;
    while (digits < numbers[2].size() && numbers[2][digits] >= '0' && numbers[2][digits] <= '9')
      ++digits;
    const auto found = names.code_by_qid.find(numbers[2].substr(0, digits));
    if (found == names.code_by_qid.end()) return {};
    code = found->second;
    part = numbers[2].substr(digits);
  }
  auto asked = names.by_code.find(code);
  if (asked == names.by_code.end()) {
    const std::size_t line = code.find('_');
    if (line == std::string::npos) return {};
    part = code.substr(line + 1);
    asked = names.by_code.find(code.substr(0, line));
    if (asked == names.by_code.end()) return {};
  }
  return Named{asked->second.code, part, asked->second.type};
}

bool is_one_of(char type, std::string_view types) {
  return types.find(type) != std::string_view::npos;
}

/// Turns the tokens into the other language, one step at a time.
class Translation {
 public:
  Translation(std::vector<Token> tokens, const LimeNames& names)
      : tokens_(std::move(tokens)), names_(names) {}

  std::optional<std::string> run() {
    while (at_ < tokens_.size())
      if (!step()) return {};
    if (open_ != 0 || wants_operand_) return {};
    return std::move(out_);
  }

 private:
  [[nodiscard]] const Token* peek(std::size_t ahead) const {
    return at_ + ahead < tokens_.size() ? &tokens_[at_ + ahead] : nullptr;
  }
  [[nodiscard]] bool is(std::size_t ahead, Sort sort) const {
    const Token* token = peek(ahead);
    return token != nullptr && token->sort == sort;
  }

  bool put(std::string_view text, std::size_t tokens, bool wants_operand) {
    if (!out_.empty() && !out_.ends_with('(') && text != ")") out_ += ' ';
    out_ += text;
    at_ += tokens;
    wants_operand_ = wants_operand;
    return true;
  }

  bool step() {
    if (!wants_operand_) {
      if (is(0, Sort::Join)) return put(tokens_[at_].text, 1, true);
      if (!is(0, Sort::Close) || open_ == 0) return false;
      --open_;
      return put(")", 1, false);
    }
    if (is(0, Sort::Open)) {
      ++open_;
      return put("(", 1, true);
    }
    const std::size_t negation = is(0, Sort::Not) ? 1 : 0;
    const bool asks_empty = is(negation, Sort::Empty) && is(negation + 1, Sort::Open) &&
                            is(negation + 2, Sort::Name) && is(negation + 3, Sort::Close);
    if (asks_empty) return put_empty(tokens_[at_ + negation + 2].text, negation);
    if (negation == 0 && is(0, Sort::Name) && is(1, Sort::Compare) && is(2, Sort::Constant))
      return put_comparison();
    return false;
  }

  bool put_empty(std::string_view name, std::size_t negation) {
    const auto named = resolve(name, names_);
    if (!named || (!named->part.empty() && is_one_of(named->type, "MP"))) return false;
    const std::string place = named->part.empty() ? named->code : named->code + "." + named->part;
    return put("{" + place + "} " + (negation != 0 ? "notempty" : "empty"), 4 + negation, false);
  }

  bool put_comparison() {
    const auto named = resolve(tokens_[at_].text, names_);
    if (!named) return false;
    const std::string& compare = tokens_[at_ + 1].text;
    const std::string& constant = tokens_[at_ + 2].text;
    const bool is_equal = compare == "=";
    if (!is_equal && compare != "<>" && constant.starts_with('\'') && is_one_of(named->type, "MP"))
      return false;
    if (is_one_of(named->type, "MP")) return put_chosen(*named, is_equal, constant);
    // Codes are texts there; only a comparison by size is one of numbers.
    std::string text = "{" + named->code;
    if (!named->part.empty()) text += "." + named->part;
    // Nothing is equal to the empty text here.
    if (constant == "''")
      return (is_equal || compare == "<>") &&
             put(text + "} " + (is_equal ? "empty" : "notempty"), 3, false);
    return put(text + "} " + compare + " " + constant, 3, false);
  }

  bool put_chosen(const Named& named, bool is_equal, std::string_view constant) {
    const bool is_chosen = constant == "'Y'";
    if (named.part.empty() || (!is_chosen && constant != "''")) return false;
    return put("{" + named.code + "} " + (is_chosen == is_equal ? "contains" : "notcontains") +
                   " '" + named.part + "'",
               3, false);
  }

  std::vector<Token> tokens_;
  const LimeNames& names_;
  std::size_t at_ = 0;
  std::size_t open_ = 0;
  bool wants_operand_ = true;
  std::string out_;
};

}  // namespace

std::optional<std::string> translate_relevance(std::string_view equation, const LimeNames& names) {
  equation = trim(equation);
  if (equation.empty() || equation == "1") return std::string();
  if (equation.size() > form::k_expression_max_bytes) return {};
  auto tokens = Cutter(equation).run();
  if (!tokens) return {};
  auto text = Translation(std::move(*tokens), names).run();
  if (text && text->size() > form::k_expression_max_bytes) return {};
  return text;
}

}  // namespace probity::survey
