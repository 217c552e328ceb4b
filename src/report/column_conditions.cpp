#include "report/column_conditions.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <unordered_map>

#include "form/json_answer.hpp"
#include "report/grouping.hpp"

namespace probity::report {
namespace {

using Op = Expression::Op;

/// What stands for a text that was left out where only its presence is asked.
constexpr std::string_view k_some_text = "x";

/// What one variable of a condition is for each response: a code, 0 for no answer.
struct TargetCodes {
  std::vector<std::uint16_t> codes;
  std::vector<Value> values{Value()};  ///< By code.

  std::uint16_t put(Value value) {
    values.push_back(std::move(value));
    return static_cast<std::uint16_t>(values.size() - 1);
  }
};

Value value_of_item(const Column::Item& item) {
  return item.is_left_out ? Value(k_some_text) : form::value_of(item.value);
}

/// Whether a variable is only looked for among constants: then items equal to none of them are
/// alike, and neither order nor repetition matters.
bool is_looked_for(const Expression& expression, std::size_t variable) {
  if (!expression.asks_membership_alone(variable)) return false;
  const auto program = expression.program();
  for (std::size_t i = 0; i < program.size(); ++i) {
    const bool is_read = program[i].op == Op::Variable || program[i].op == Op::RawVariable;
    if (!is_read || program[i].operand != variable) continue;
    const Op next = i + 1 < program.size() ? program[i + 1].op : Op::Variable;
    if (next != Op::Constant && next != Op::Empty && next != Op::NotEmpty) return false;
  }
  return true;
}

/// Items that are equal to the same constants, taken for one another.
struct Alike {
  std::vector<std::uint16_t> class_of;  ///< By item; empty where items are all told apart.
  std::vector<std::uint16_t> firsts;    ///< By class, ascending.
};

Alike alike_items(const Column& column, const Expression& expression) {
  std::vector<const Value*> constants;
  for (const Value& constant : expression.constants()) {
    constants.push_back(&constant);
    if (const Value::List* list = constant.list())
      for (const Value& item : *list)
        constants.push_back(&item);
  }
  std::unordered_map<std::string, std::uint16_t> classes;
  Alike out;
  for (std::uint16_t item = 0; const Column::Item& one : column.values) {
    const Value value = value_of_item(one);
    std::string equals;
    for (const Value* constant : constants)
      equals.push_back(form::loosely_equal(value, *constant) ? '1' : '0');
    const auto [found, is_new] = classes.try_emplace(std::move(equals), classes.size());
    if (is_new) out.firsts.push_back(item);
    out.class_of.push_back(found->second);
    ++item;
  }
  return out;
}

/// The whole answers of a column.
class WholeAnswers {
 public:
  WholeAnswers(const Column& column, Alike alike)
      : column_(column), alike_(std::move(alike)), by_head_(column.heads.size()) {
    // Sets of a few classes are looked up by their bits.
    constexpr std::size_t k_classes_max = 12;
    const std::size_t classes = alike_.firsts.size();
    if (classes > 0 && classes <= k_classes_max) by_classes_.resize(1UL << classes);
  }

  TargetCodes codes() {
    out_.codes.reserve(column_.codes.size());
    for (std::size_t row = 0; row < column_.codes.size(); ++row)
      out_.codes.push_back(code_of(row));
    return std::move(out_);
  }

 private:
  std::uint16_t code_of(std::size_t row) {
    const std::uint16_t head = column_.codes[row];
    const Column::Head& shape = column_.heads[head];
    if (head == 0) return 0;
    if (shape.items > 0) return code_of_items(row, shape);
    if (by_head_[head] == 0) by_head_[head] = out_.put(value_of_head(shape));
    return by_head_[head];
  }
  static Value value_of_head(const Column::Head& head) {
    switch (head.shape) {
      case Column::Shape::Absent: return {};
      case Column::Shape::Scalar: return form::value_of(head.value);
      case Column::Shape::LeftOut: return Value(k_some_text);
      case Column::Shape::List: return Value(Value::List());
      case Column::Shape::Object: return Value(Value::Members());
    }
    return {};
  }
  std::uint16_t code_of_items(std::size_t row, const Column::Head& head) {
    const std::span items = std::span(column_.items).subspan(column_.begins[row], head.items);
    const bool is_list = head.shape == Column::Shape::List;
    if (is_list && !by_classes_.empty()) return code_of_classes(items);
    items_.assign(items.begin(), items.end());
    if (is_list && !alike_.class_of.empty()) {
      for (std::uint16_t& item : items_)
        item = alike_.firsts[alike_.class_of[item]];
      std::ranges::sort(items_);
      items_.erase(std::ranges::unique(items_).begin(), items_.end());
    }
    key_.assign(1, is_list ? 'l' : 'o');
    key_.append(reinterpret_cast<const char*>(items_.data()), items_.size() * 2);
    const auto [at, is_new] = by_items_.try_emplace(key_, std::uint16_t{0});
    if (is_new) at->second = out_.put(value_of_items(head.shape));
    return at->second;
  }
  std::uint16_t code_of_classes(std::span<const std::uint16_t> items) {
    std::size_t held = 0;
    for (const std::uint16_t item : items)
      held |= 1UL << alike_.class_of[item];
    std::uint16_t& code = by_classes_[held];
    if (code != 0) return code;
    items_.clear();
    for (std::size_t i = 0; i < alike_.firsts.size(); ++i)
      if ((held >> i & 1) != 0) items_.push_back(alike_.firsts[i]);
    return code = out_.put(value_of_items(Column::Shape::List));
  }
  [[nodiscard]] Value value_of_items(Column::Shape shape) const {
    Value::List list;
    Value::Members members;
    for (const std::uint16_t item : items_) {
      Value value = value_of_item(column_.values[item]);
      if (shape == Column::Shape::List)
        list.push_back(std::move(value));
      else
        members.push_back({std::string(column_.values[item].name), std::move(value)});
    }
    return shape == Column::Shape::List ? Value(std::move(list)) : Value(std::move(members));
  }

  const Column& column_;
  Alike alike_;
  std::vector<std::uint16_t> by_head_;
  std::vector<std::uint16_t> by_classes_;  ///< Codes by which classes are there.
  std::unordered_map<std::string, std::uint16_t> by_items_;
  std::vector<std::uint16_t> items_;
  std::string key_;
  TargetCodes out_;
};

/// One member of objects or one place of lists.
TargetCodes part_codes(const Column& column, const Target& target) {
  TargetCodes out;
  out.codes.resize(column.codes.size());
  if (!column.has_items()) return out;
  std::vector<std::uint16_t> by_item(column.values.size());
  const bool is_member = target.part == Target::Part::Member;
  std::vector<std::uint8_t> is_it;
  for (const Column::Item& item : column.values)
    is_it.push_back(item.name == target.member ? 1 : 0);
  for (std::size_t row = 0; row < column.codes.size(); ++row) {
    const Column::Head& head = column.heads[column.codes[row]];
    const auto wanted = is_member ? Column::Shape::Object : Column::Shape::List;
    if (head.shape != wanted) continue;
    std::uint32_t place = target.item;
    if (is_member) {
      place = 0;
      while (place < head.items && is_it[column.items[column.begins[row] + place]] == 0)
        ++place;
    }
    if (place >= head.items) continue;
    const std::uint16_t item = column.items[column.begins[row] + place];
    if (by_item[item] == 0) by_item[item] = out.put(value_of_item(column.values[item]));
    out.codes[row] = by_item[item];
  }
  return out;
}

/// What a combination of codes answers to the variables of a condition.
class Combination final : public Variables {
 public:
  Combination(const std::vector<TargetCodes>& targets, std::vector<std::uint16_t> codes)
      : targets_(targets), codes_(std::move(codes)) {}
  const Value* find(std::size_t variable) const override {
    const std::uint16_t code = codes_[variable];
    return code == 0 ? nullptr : &targets_[variable].values[code];
  }

 private:
  const std::vector<TargetCodes>& targets_;
  std::vector<std::uint16_t> codes_;
};

void narrow(Mask& mask, const Mask& by) {
  if (by.empty()) return;
  if (mask.empty()) {
    mask = by;
    return;
  }
  for (std::size_t i = 0; i < mask.size(); ++i)
    mask[i] = mask[i] & by[i];
}

}  // namespace

Mask answers_in(const Column& column) {
  Mask out;
  for (const Column::Head& head : column.heads)
    out.push_back(head.shape != Column::Shape::Absent && !head.is_blank() ? 1 : 0);
  return out;
}

BlockAnswers::BlockAnswers(const Questionnaire& form, const Columns::State& block)
    : block_(block), columns_(form.questions.size()), comments_(form.questions.size()) {
  std::unordered_map<std::string_view, const Column*> by_key;
  for (const Column& column : block.columns)
    by_key.emplace(column.key, &column);
  const auto find = [&](std::string_view key) -> const Column* {
    const auto found = by_key.find(key);
    return found == by_key.end() ? nullptr : std::exchange(found->second, nullptr);
  };
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (form.questions[i].is_answerable()) columns_[i] = find(form.questions[i].key);
  // What is a question's own answer is no comment; those have been taken out by now.
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (form.questions[i].is_answerable()) comments_[i] = find(form.questions[i].key + "-Comment");
}

bool BlockConditions::knows(const Condition& condition) const {
  for (std::size_t i = 0; i < condition.targets.size(); ++i) {
    const Target& target = condition.targets[i];
    const bool is_comment = target.part == Target::Part::Comment;
    const Column* column =
        is_comment ? answers_.comment_of(target.question) : answers_.of(target.question);
    if (column == nullptr || condition.expression.asks_presence_alone(i)) continue;
    const bool is_whole = is_comment || target.part == Target::Part::Whole;
    if (column->has_items_left_out || (is_whole && column->has_heads_left_out)) return false;
  }
  return true;
}

Mask BlockConditions::holds(const Condition& condition, const std::vector<Mask>& shown) const {
  std::vector<TargetCodes> targets;
  Grouping groups(answers_.rows());
  for (std::size_t i = 0; i < condition.targets.size(); ++i) {
    const Target& target = condition.targets[i];
    const bool is_comment = target.part == Target::Part::Comment;
    const Column* column =
        is_comment ? answers_.comment_of(target.question) : answers_.of(target.question);
    TargetCodes codes;
    if (column == nullptr) {
      codes.codes.resize(answers_.rows());
    } else if (is_comment || target.part == Target::Part::Whole) {
      Alike alike;
      if (is_looked_for(condition.expression, i))
        alike = alike_items(*column, condition.expression);
      codes = WholeAnswers(*column, std::move(alike)).codes();
      // An empty list is no answer to a question; a comment is what it is.
      for (std::size_t row = 0; row < codes.codes.size() && !is_comment; ++row)
        if (column->heads[column->codes[row]].is_blank()) codes.codes[row] = 0;
    } else {
      codes = part_codes(*column, target);
    }
    if (!shown.empty() && !shown[target.question].empty())
      for (std::size_t row = 0; row < codes.codes.size(); ++row)
        if (shown[target.question][row] == 0) codes.codes[row] = 0;
    groups.refine(codes.codes, codes.values.size());
    targets.push_back(std::move(codes));
  }
  Mask by_group;
  for (std::uint32_t group = 0; group < groups.count(); ++group)
    by_group.push_back(
        condition.expression.holds(Combination(targets, groups.values_of(group))) ? 1 : 0);
  Mask out(answers_.rows());
  for (std::size_t row = 0; row < out.size(); ++row)
    out[row] = by_group[groups.groups()[row]];
  return out;
}

std::vector<Mask> BlockConditions::shown() const {
  std::vector<Mask> questions(form_.questions.size());
  std::vector<Mask> containers(form_.containers.size());
  for (const form::Element& element : form_.decision_order) {
    const auto decide = [&](const auto& thing, std::uint32_t parent) {
      Mask out;
      if (thing.is_hidden) return Mask(answers_.rows());
      if (parent != Container::k_none) out = containers[parent];
      if (!thing.visible_if.is_empty()) narrow(out, holds(thing.visible_if, questions));
      return out;
    };
    if (element.is_container) {
      const Container& box = form_.containers[element.index];
      containers[element.index] = decide(box, box.parent);
    } else {
      const Question& question = form_.questions[element.index];
      questions[element.index] = decide(question, question.container);
    }
  }
  return questions;
}

}  // namespace probity::report
