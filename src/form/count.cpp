#include "form/count.hpp"

#include <simdjson.h>
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "form/facet.hpp"
#include "form/key_table.hpp"

namespace probity::form {
namespace {

namespace dom = simdjson::dom;

/// How one question is counted: where its counters lie and how an answer finds its choice.
struct Plan {
  std::size_t from = 0;         ///< First counter of the question.
  std::size_t count = 0;        ///< Counters of the question.
  KeyTable choices;             ///< Values of choices by text.
  std::vector<double> numbers;  ///< Values of choices by number; NaN where it is no number.
  KeyTable parts;               ///< Rows or items.

  [[nodiscard]] std::uint32_t find(const dom::element& value) const {
    std::string_view text;
    if (!value.get_string().get(text)) return choices.find(text);
    bool truth = false;
    if (!value.get_bool().get(truth)) return choices.find(truth ? "true" : "false");
    double number = 0;
    if (value.get_double().get(number)) return KeyTable::k_none;
    for (std::uint32_t i = 0; i < numbers.size(); ++i)
      if (numbers[i] == number) return i;
    return choices.find(number_text(number));
  }
};

std::size_t counters_of(const Question& question) {
  const std::size_t choices = question.choices.size();
  if (question.kind == Kind::Matrix) return question.rows.size() * choices;
  if (question.kind == Kind::Ranking) return choices * choices;
  if (question.kind == Kind::MultipleText) return question.items.size();
  return choices;
}

Plan make_plan(const Question& question, std::size_t from) {
  Plan plan;
  plan.from = from;
  plan.count = counters_of(question);
  std::vector<std::string> keys;
  for (const Choice& choice : question.choices) {
    keys.push_back(choice.key);
    plan.numbers.push_back(choice.value.number() != nullptr ? *choice.value.number()
                                                            : std::nan(""));
  }
  plan.choices.build(std::move(keys));
  std::vector<std::string> parts;
  for (const Row& row : question.rows)
    parts.push_back(row.name);
  for (const Item& item : question.items)
    parts.push_back(item.name);
  plan.parts.build(std::move(parts));
  return plan;
}

/// A tree that outlives the parser's buffers, for the few answers that conditions look at.
Value to_value(const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::STRING: return Value(std::string_view(element));
    case dom::element_type::BOOL: return Value(bool(element));
    case dom::element_type::NULL_VALUE: return {};
    case dom::element_type::ARRAY: {
      Value::List list;
      for (const dom::element item : dom::array(element))
        list.push_back(to_value(item));
      return Value(std::move(list));
    }
    case dom::element_type::OBJECT: {
      Value::Members members;
      for (const auto& [name, item] : dom::object(element))
        members.push_back({std::string(name), to_value(item)});
      return Value(std::move(members));
    }
    default: break;
  }
  double number = 0;
  if (element.get_double().get(number)) return {};
  return Value(number);
}

bool is_blank(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::NULL_VALUE: return true;
    case dom::element_type::ARRAY: return dom::array(value).begin() == dom::array(value).end();
    case dom::element_type::OBJECT: return dom::object(value).begin() == dom::object(value).end();
    default: return false;
  }
}

/// Levels of an answer: object, list or object of scalars; some slack for older forms.
constexpr std::size_t k_depth_max = 16;
constexpr std::string_view k_comment_suffix = "-Comment";

/// Where the counters of a block lie.
struct Layout : Offsets {
  explicit Layout(const Questionnaire& form) {
    for (const Question& question : form.questions) {
      plans.push_back(make_plan(question, size));
      from.push_back(size);
      size += plans.back().count;
    }
    const std::size_t questions = form.questions.size();
    answered = size;
    not_shown = answered + questions;
    undeclared = not_shown + questions;
    size = undeclared + questions;
  }
  std::vector<Plan> plans;
  std::size_t size = 0;
};

/// Different numbers in the order in which they were met.
struct NumberTable {
  static constexpr std::uint32_t k_full = 0xFFFFFFFF;
  std::unordered_map<double, std::uint32_t> positions;
  std::vector<double> values;

  std::uint32_t put(double value) {
    const auto found = positions.find(value);
    if (found != positions.end()) return found->second;
    if (values.size() >= Tally::k_values_max) return k_full;
    const auto position = static_cast<std::uint32_t>(values.size());
    positions.emplace(value, position);
    values.push_back(value);
    return position;
  }
  /// By position, the place among all values in ascending order.
  [[nodiscard]] std::vector<std::uint32_t> ranks() const {
    std::vector<std::uint32_t> order(values.size());
    for (std::uint32_t i = 0; i < order.size(); ++i)
      order[i] = i;
    std::ranges::sort(order, {}, [&](std::uint32_t i) { return values[i]; });
    std::vector<std::uint32_t> out(values.size());
    for (std::uint32_t rank = 0; rank < order.size(); ++rank)
      out[order[rank]] = rank;
    return out;
  }
};

constexpr std::int64_t k_units_max = 1 << 26;

/// Version and unit as one number; exact, because both are far below 2^26.
double arrival_number(const Arrival& arrival) {
  return static_cast<double>(arrival.version * k_units_max + arrival.unit);
}

struct KeyHash {
  std::size_t operator()(const Tally::Key& key) const {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const std::uint16_t value : key)
      hash = (hash ^ value) * 0x100000001B3ULL;
    return hash;
  }
};

template <typename T>
void grow_and_add(std::vector<T>& to, std::size_t at, T more) {
  if (to.size() <= at) to.resize(at + 1);
  to[at] += more;
}

}  // namespace

struct Tally::State {
  State(const Questionnaire& form, Selection what, std::optional<std::uint32_t> weigher)
      : questionnaire(form),
        selection(std::move(what)),
        weight(weigher),
        looked_at(form),
        layout(form),
        numbers(form.questions.size()) {
    std::vector<std::string> keys;
    for (std::uint32_t i = 0; i < form.questions.size(); ++i) {
      is_number.push_back(is_numeric(form.questions[i]) ? 1 : 0);
      if (!form.questions[i].is_answerable()) continue;
      keys.push_back(form.questions[i].key);
      key_questions.push_back(i);
    }
    keys_table.build(std::move(keys));
    seen.resize(form.questions.size());
    is_seen.resize(form.questions.size());
    is_hidden.resize(form.questions.size());
    dimensions = dimensions_of(form, selection);
    is_too_detailed = dimensions.size() > k_dimensions_max;
    if (is_too_detailed) dimensions.clear();
    find_guards();
    find_needs();
    if (dimensions.empty()) enter(new_part(Key{}));
  }

  /// Marks the questions whose answers conditions or the filter look at.
  void find_needs() {
    value_slots.resize(questionnaire.questions.size());
    comment_slots.resize(questionnaire.questions.size());
    is_needed.resize(questionnaire.questions.size());
    const auto need = [&](const std::vector<Target>& targets) {
      for (const Target& target : targets) {
        if (!is_needed[target.question]) needed.push_back(target.question);
        is_needed[target.question] = 1;
        needs_comments = needs_comments || target.part == Target::Part::Comment;
      }
    };
    for (const Container& box : questionnaire.containers)
      need(box.visible_if.targets);
    for (const Question& question : questionnaire.questions)
      need(question.visible_if.targets);
    if (selection.filter) need(selection.filter->targets());
    if (selection.also) need(selection.also->targets());
  }

  /// What decides whether questions are shown, for those that are not always.
  void find_guards() {
    guards.resize(questionnaire.questions.size());
    if (selection.is_everything() || !questionnaire.has_hiding) return;
    for (std::uint32_t i = 0; i < guards.size(); ++i) {
      guards[i].facets = guards_of(questionnaire, i);
      if (!guards[i].facets.empty()) guarded.push_back(i);
      is_too_detailed = is_too_detailed || guards[i].facets.size() > k_dimensions_max;
    }
    if (is_too_detailed) guarded.clear();
  }
  void count_guards() {
    for (const std::uint32_t question : guarded) {
      Guards& own = guards[question];
      Key key{};
      for (std::size_t i = 0; i < own.facets.size(); ++i)
        key[i] = static_cast<std::uint16_t>(facet_value(own.facets[i]));
      if (own.counts.size() >= k_parts_max && !own.counts.contains(key)) is_too_detailed = true;
      if (!is_too_detailed) ++own.counts[key];
    }
  }

  std::uint32_t new_part(const Key& key) {
    Part part;
    part.key = key;
    part.block.counts.resize(layout.size);
    part.block.numbers.resize(questionnaire.questions.size());
    if (weight) {
      part.block.weights.resize(layout.size);
      part.block.answer_squares.resize(questionnaire.questions.size());
      part.block.number_weights.resize(questionnaire.questions.size());
    }
    parts.push_back(std::move(part));
    const auto position = static_cast<std::uint32_t>(parts.size() - 1);
    part_of.emplace(key, position);
    if (part_of.size() == 1) enter(position);
    return position;
  }
  /// Makes a part the one that is counted in.
  void enter(std::uint32_t position) {
    Block& block = parts[position].block;
    here = position;
    counts = block.counts.data();
    weights = weight ? block.weights.data() : nullptr;
  }

  bool parse(std::string_view json, dom::object& out) {
    const std::size_t padded = json.size() + simdjson::SIMDJSON_PADDING;
    if (buffer.size() < padded) buffer.resize(padded * 2);
    std::ranges::copy(json, buffer.data());  // Not memcpy, which no null may be given to.
    if (parser.max_depth() != k_depth_max &&
        parser.allocate(buffer.size(), k_depth_max) != simdjson::SUCCESS) {
      return false;
    }
    return !parser.parse(buffer.data(), json.size(), false).get_object().get(out);
  }

  /// Finds the answers of one response; `present` lists the questions that have one.
  void scan(const dom::object& response) {
    for (const std::uint32_t question : present)
      is_seen[question] = 0;
    present.clear();
    std::uint32_t expected = 0;  // Stored answers stand in the order of the questions.
    for (const auto& [key, value] : response) {
      std::uint32_t at = expected;
      if (at >= keys_table.size() || keys_table.key(at) != key) at = keys_table.find(key);
      if (at == KeyTable::k_none) {
        if (needs_comments) scan_comment(key, value);
        continue;
      }
      expected = at + 1;
      const std::uint32_t question = key_questions[at];
      if (is_seen[question] != 0 || is_blank(value)) continue;
      is_seen[question] = 1;
      seen[question] = value;
      present.push_back(question);
    }
  }

  void scan_comment(std::string_view key, const dom::element& value) {
    if (!key.ends_with(k_comment_suffix)) return;
    const std::uint32_t at = keys_table.find(key.substr(0, key.size() - k_comment_suffix.size()));
    if (at == KeyTable::k_none) return;
    const std::uint32_t question = key_questions[at];
    comment_slots[question] = to_value(value);
    looked_at.comments[question] = &comment_slots[question];
    commented.push_back(question);
  }

  void collect_needed() {
    for (const std::uint32_t question : needed) {
      looked_at.values[question] = nullptr;
      if (is_seen[question] == 0) continue;
      value_slots[question] = to_value(seen[question]);
      looked_at.values[question] = &value_slots[question];
    }
  }

  bool add(std::string_view json, const Arrival& arrival) {
    dom::object response;
    if (!parse(json, response)) return false;
    for (const std::uint32_t question : commented)
      looked_at.comments[question] = nullptr;
    commented.clear();
    scan(response);
    collect_needed();
    if (questionnaire.has_hiding) find_hidden();
    if (!dimensions.empty()) find_part(arrival);
    if (!guarded.empty()) count_guards();
    Part& part = parts[here];
    if (is_selected(arrival)) ++part.selected;
    ++part.block.responses;
    if (weight) weigh(part.block);
    for (const std::uint32_t question : present)
      count(question);
    if (questionnaire.has_hiding) count_hidden();
    return true;
  }

  [[nodiscard]] bool is_selected(const Arrival& arrival) const {
    if (!selection.holds(arrival)) return false;
    if (selection.filter && !selection.filter->matches(looked_at)) return false;
    return !selection.also || selection.also->matches(looked_at);
  }

  void find_hidden() {
    const Visibility visibility = decide_visibility(questionnaire, looked_at);
    for (std::size_t i = 0; i < is_hidden.size(); ++i)
      is_hidden[i] = !visibility.questions[i] && is_seen[i] == 0 ? 1 : 0;
  }
  void count_hidden() {
    for (std::size_t i = 0; i < is_hidden.size(); ++i)
      if (is_hidden[i] != 0) bump(layout.not_shown + i);
  }

  void find_part(const Arrival& arrival) {
    Key key{};
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
      const Facet& facet = dimensions[i].facet;
      const std::uint32_t value = facet.kind == FacetKind::Arrival
                                      ? arrivals.put(arrival_number(arrival))
                                      : facet_value(facet);
      if (value == NumberTable::k_full) is_too_detailed = true;
      key[i] = static_cast<std::uint16_t>(value);
    }
    const auto found = part_of.find(key);
    if (found != part_of.end()) return enter(found->second);
    if (parts.size() >= k_parts_max || (parts.size() + 1) * layout.size > k_counters_max)
      is_too_detailed = true;
    // Whoever finds no room is counted with the first; such a tally shows nothing but its whole.
    if (is_too_detailed && !parts.empty()) return enter(0);
    enter(new_part(key));
  }

  /// A response's value in a dimension; for numbers 0…2 for those without one, then by arrival.
  std::uint32_t facet_value(const Facet& facet) {
    const std::uint32_t index = facet.question;
    const Question& question = questionnaire.questions[index];
    const Plan& plan = layout.plans[index];
    const auto choices = static_cast<std::uint32_t>(question.choices.size());
    const std::uint32_t blank = is_hidden[index] != 0 ? 1 : 0;
    const bool is_answered = is_seen[index] != 0;
    switch (facet.kind) {
      case FacetKind::Answered: return is_answered ? 0 : 1 + blank;
      case FacetKind::Choice:
        if (!is_answered) return choices + 1 + blank;
        return std::min(plan.find(seen[index]), choices);
      case FacetKind::Option:
        if (!is_answered) return 2 + blank;
        return place_in_list(index, facet.part) ? 0 : 1;
      case FacetKind::Place:
        if (!is_answered) return choices + 1 + blank;
        return std::min(place_in_list(index, facet.part).value_or(choices), choices);
      case FacetKind::Row: return is_answered ? column_of(index, facet.part) : choices + blank;
      case FacetKind::Item: return is_answered ? item_of(index, facet.part) : 1 + blank;
      case FacetKind::Number: {
        if (!is_answered) return 1 + blank;
        const auto number = number_in(index);
        if (!number) return 0;
        const std::uint32_t position = numbers[index].put(*number);
        if (position == NumberTable::k_full) is_too_detailed = true;
        return position == NumberTable::k_full ? 0 : 3 + position;
      }
      case FacetKind::Arrival: break;
    }
    return 0;
  }

  std::optional<std::uint32_t> place_in_list(std::uint32_t index, std::uint32_t choice) {
    const Plan& plan = layout.plans[index];
    dom::array list;
    if (seen[index].get_array().get(list)) {
      if (plan.find(seen[index]) == choice) return 0;
      return {};
    }
    std::uint32_t place = 0;
    for (const dom::element item : list) {
      if (plan.find(item) == choice) return place;
      ++place;
    }
    return {};
  }
  std::uint32_t column_of(std::uint32_t index, std::uint32_t row) {
    const Plan& plan = layout.plans[index];
    const auto none = static_cast<std::uint32_t>(plan.choices.size());
    dom::element value;
    if (seen[index].at_key(plan.parts.key(row)).get(value)) return none;
    return std::min(plan.find(value), none);
  }
  std::uint32_t item_of(std::uint32_t index, std::uint32_t item) {
    dom::element value;
    return seen[index].at_key(layout.plans[index].parts.key(item)).get(value) ? 1 : 0;
  }

  std::optional<double> number_in(std::uint32_t index) {
    double number = 0;
    if (!seen[index].get_double().get(number)) return number;
    std::string_view text;
    if (seen[index].get_string().get(text)) return {};
    return number_of(questionnaire.questions[index], text);
  }

  /// What the weighing question says about this response.
  double weight_here() {
    if (is_seen[*weight] == 0) return 0;
    const Question& question = questionnaire.questions[*weight];
    std::optional<double> number;
    if (question.is_single_choice()) {
      const std::uint32_t choice = layout.plans[*weight].find(seen[*weight]);
      if (choice != KeyTable::k_none) number = choice_number(question.choices[choice]);
    } else {
      number = number_in(*weight);
    }
    return number && std::isfinite(*number) && *number > 0 ? *number : 0;
  }
  void weigh(Block& block) {
    own_weight = weight_here();
    if (own_weight <= 0) ++block.weightless;
    block.weight += own_weight;
    block.weight_squares += own_weight * own_weight;
    for (const std::uint32_t question : present)
      block.answer_squares[question] += own_weight * own_weight;
  }

  void bump(std::size_t at) {
    ++counts[at];
    if (weights != nullptr) weights[at] += own_weight;
  }

  void count(std::uint32_t index) {
    bump(layout.answered + index);
    const Question& question = questionnaire.questions[index];
    switch (question.kind) {
      case Kind::Text:
        if (is_number[index] != 0) count_number(index);
        return;
      case Kind::Comment:
      case Kind::Html: return;
      case Kind::Radiogroup:
      case Kind::Dropdown:
      case Kind::Rating:
      case Kind::Boolean: return count_choice(index, seen[index]);
      case Kind::Checkbox:
      case Kind::Tagbox: return count_list(index);
      case Kind::Ranking: return count_ranking(index);
      case Kind::Matrix: return count_matrix(index);
      case Kind::MultipleText: return count_items(index);
    }
  }

  void count_number(std::uint32_t index) {
    const auto number = number_in(index);
    if (!number) return;
    const std::uint32_t position = numbers[index].put(*number);
    if (position == NumberTable::k_full) {
      has_too_many_numbers = true;
      return;
    }
    Block& block = parts[here].block;
    grow_and_add<std::uint64_t>(block.numbers[index], position, 1);
    if (weight) grow_and_add(block.number_weights[index], position, own_weight);
  }

  void count_choice(std::uint32_t index, const dom::element& value) {
    const Plan& plan = layout.plans[index];
    const std::uint32_t choice = plan.find(value);
    if (choice == KeyTable::k_none)
      bump(layout.undeclared + index);
    else
      bump(plan.from + choice);
  }

  void count_list(std::uint32_t index) {
    dom::array list;
    if (seen[index].get_array().get(list)) return count_choice(index, seen[index]);
    for (const dom::element item : list)
      count_choice(index, item);
  }

  void count_ranking(std::uint32_t index) {
    dom::array list;
    if (seen[index].get_array().get(list)) return;
    const Plan& plan = layout.plans[index];
    const std::size_t choices = plan.choices.size();
    std::size_t place = 0;
    for (const dom::element item : list) {
      const std::uint32_t choice = plan.find(item);
      if (choice == KeyTable::k_none || place >= choices)
        bump(layout.undeclared + index);
      else
        bump(plan.from + choice * choices + place);
      ++place;
    }
  }

  void count_matrix(std::uint32_t index) {
    dom::object rows;
    if (seen[index].get_object().get(rows)) return;
    const Plan& plan = layout.plans[index];
    for (const auto& [name, value] : rows) {
      const std::uint32_t row = plan.parts.find(name);
      const std::uint32_t column = plan.find(value);
      if (row == KeyTable::k_none || column == KeyTable::k_none)
        bump(layout.undeclared + index);
      else
        bump(plan.from + row * plan.choices.size() + column);
    }
  }

  void count_items(std::uint32_t index) {
    dom::object items;
    if (seen[index].get_object().get(items)) return;
    const Plan& plan = layout.plans[index];
    for (const auto& [name, value] : items) {
      const std::uint32_t item = plan.parts.find(name);
      if (item != KeyTable::k_none) bump(plan.from + item);
    }
  }

  const Questionnaire& questionnaire;
  Selection selection;
  std::optional<std::uint32_t> weight;
  AnswerSet looked_at;
  Layout layout;
  KeyTable keys_table;
  std::vector<std::uint32_t> key_questions;
  std::vector<std::uint8_t> is_number;
  bool needs_comments = false;
  std::vector<std::uint32_t> needed;
  std::vector<std::uint8_t> is_needed;
  std::vector<Dimension> dimensions;

  /// Facets that decide whether a question is shown, and how many have the same in all.
  struct Guards {
    std::vector<Facet> facets;
    std::unordered_map<Key, std::uint64_t, KeyHash> counts;
  };
  std::vector<Guards> guards;  ///< By question.
  std::vector<std::uint32_t> guarded;
  std::vector<Part> parts;
  std::unordered_map<Key, std::uint32_t, KeyHash> part_of;
  std::vector<NumberTable> numbers;  ///< By question.
  NumberTable arrivals;
  bool is_too_detailed = false;
  bool has_too_many_numbers = false;

  // The part that is counted in.
  std::uint32_t here = 0;
  std::uint64_t* counts = nullptr;
  double* weights = nullptr;

  // Of the response being counted.
  double own_weight = 0;
  dom::parser parser;
  std::vector<char> buffer;
  std::vector<dom::element> seen;
  std::vector<std::uint8_t> is_seen;
  std::vector<std::uint8_t> is_hidden;
  std::vector<std::uint32_t> present;
  std::vector<std::uint32_t> commented;
  std::vector<Value> value_slots;
  std::vector<Value> comment_slots;
};

namespace {

template <typename T>
void add_all(std::vector<T>& to, const std::vector<T>& from) {
  if (to.size() < from.size()) to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i)
    to[i] += from[i];
}

/// Numbers in ascending order before (no number, skipped, not shown).
template <typename T>
std::vector<T> with_numbers(const NumberTable& table, const std::vector<T>& numbers,
                            std::vector<T> rest) {
  const auto ranks = table.ranks();
  std::vector<T> out(ranks.size());
  T given{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    out[ranks[i]] += numbers[i];
    given += numbers[i];
  }
  rest[0] = rest[0] > given ? rest[0] - given : T{};
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

}  // namespace

void Block::add(const Block& other) {
  responses += other.responses;
  weightless += other.weightless;
  weight += other.weight;
  weight_squares += other.weight_squares;
  add_all(counts, other.counts);
  add_all(weights, other.weights);
  add_all(answer_squares, other.answer_squares);
  numbers.resize(std::max(numbers.size(), other.numbers.size()));
  for (std::size_t i = 0; i < other.numbers.size(); ++i)
    add_all(numbers[i], other.numbers[i]);
  number_weights.resize(std::max(number_weights.size(), other.number_weights.size()));
  for (std::size_t i = 0; i < other.number_weights.size(); ++i)
    add_all(number_weights[i], other.number_weights[i]);
}

Tally::Tally(const Questionnaire& questionnaire, std::optional<Filter> filter)
    : Tally(questionnaire, Selection{std::move(filter), {}, {}, {}, {}}, {}) {}
Tally::Tally(const Questionnaire& questionnaire, Selection selection,
             std::optional<std::uint32_t> weight)
    : state_(std::make_unique<State>(questionnaire, std::move(selection), weight)) {}
Tally::~Tally() = default;
Tally::Tally(Tally&&) noexcept = default;
Tally& Tally::operator=(Tally&&) noexcept = default;

bool Tally::add(std::string_view answers_json, const Arrival& arrival) {
  return state_->add(answers_json, arrival);
}

void Tally::merge(const Tally& other) {
  const State& from = *other.state_;
  State& to = *state_;
  to.is_too_detailed = to.is_too_detailed || from.is_too_detailed;
  to.has_too_many_numbers = to.has_too_many_numbers || from.has_too_many_numbers;
  const auto translate = [&](NumberTable& mine, const NumberTable& theirs) {
    std::vector<std::uint32_t> out;
    for (const double value : theirs.values) {
      out.push_back(mine.put(value));
      if (out.back() == NumberTable::k_full) to.is_too_detailed = to.has_too_many_numbers = true;
    }
    return out;
  };
  std::vector<std::vector<std::uint32_t>> numbers;
  for (std::size_t i = 0; i < from.numbers.size(); ++i)
    numbers.push_back(translate(to.numbers[i], from.numbers[i]));
  const auto arrivals = translate(to.arrivals, from.arrivals);
  const auto moved = [](const auto& counts, const std::vector<std::uint32_t>& positions) {
    std::remove_cvref_t<decltype(counts)> out;
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (positions[i] != NumberTable::k_full) grow_and_add(out, positions[i], counts[i]);
    return out;
  };
  const auto translate_value = [&](const Facet& facet, std::uint16_t& value) {
    if (facet.kind == FacetKind::Arrival)
      value = static_cast<std::uint16_t>(arrivals[value]);
    else if (facet.kind == FacetKind::Number && value >= 3)
      value = static_cast<std::uint16_t>(3 + numbers[facet.question][value - 3U]);
  };
  for (const std::uint32_t question : from.guarded)
    for (const auto& [their_key, count] : from.guards[question].counts) {
      Key key = their_key;
      for (std::size_t i = 0; i < from.guards[question].facets.size(); ++i)
        translate_value(from.guards[question].facets[i], key[i]);
      to.guards[question].counts[key] += count;
    }
  for (const Part& part : from.parts) {
    Part same = part;
    for (std::size_t i = 0; i < to.dimensions.size(); ++i)
      translate_value(to.dimensions[i].facet, same.key[i]);
    for (std::size_t i = 0; i < same.block.numbers.size(); ++i)
      same.block.numbers[i] = moved(same.block.numbers[i], numbers[i]);
    for (std::size_t i = 0; i < same.block.number_weights.size(); ++i)
      same.block.number_weights[i] = moved(same.block.number_weights[i], numbers[i]);
    const auto found = to.part_of.find(same.key);
    Part& into = to.parts[found != to.part_of.end() ? found->second : to.new_part(same.key)];
    into.selected += same.selected;
    into.block.add(same.block);
  }
}

std::uint64_t Tally::responses() const {
  std::uint64_t sum = 0;
  for (const Part& part : state_->parts)
    sum += part.selected;
  return sum;
}

const Questionnaire& Tally::questionnaire() const { return state_->questionnaire; }
const Selection& Tally::selection() const { return state_->selection; }
std::optional<std::uint32_t> Tally::weight() const { return state_->weight; }
const std::vector<Dimension>& Tally::dimensions() const { return state_->dimensions; }
const std::vector<Tally::Part>& Tally::parts() const { return state_->parts; }
bool Tally::is_too_detailed() const { return state_->is_too_detailed; }
bool Tally::has_too_many_numbers() const { return state_->has_too_many_numbers; }

Block Tally::whole() const {
  Block out;
  out.counts.resize(state_->layout.size);
  out.numbers.resize(state_->questionnaire.questions.size());
  for (const Part& part : state_->parts)
    out.add(part.block);
  return out;
}

std::vector<std::size_t> Tally::positions_in(std::size_t dimension) const {
  const Facet& facet = state_->dimensions[dimension].facet;
  std::vector<std::uint32_t> ranks;
  if (facet.kind == FacetKind::Arrival) ranks = state_->arrivals.ranks();
  if (facet.kind == FacetKind::Number) ranks = state_->numbers[facet.question].ranks();
  const std::size_t first = facet.kind == FacetKind::Number ? 3 : 0;
  std::vector<std::size_t> out;
  for (const Part& part : state_->parts) {
    const std::size_t value = part.key[dimension];
    const bool is_plain = ranks.empty() || value < first;
    out.push_back(is_plain ? ranks.size() + value : ranks[value - first]);
  }
  return out;
}

std::optional<std::uint64_t> Tally::least_guarded(std::uint32_t question) const {
  std::optional<std::uint64_t> least;
  for (const auto& [key, count] : state_->guards[question].counts)
    least = std::min(least.value_or(count), count);
  return least;
}

std::vector<Arrival> Tally::arrivals() const {
  auto numbers = state_->arrivals.values;
  std::ranges::sort(numbers);
  std::vector<Arrival> out;
  for (const double number : numbers) {
    const auto whole = static_cast<std::int64_t>(number);
    out.push_back({whole % k_units_max, whole / k_units_max});
  }
  return out;
}

std::vector<std::uint64_t> Tally::values_of(const Facet& facet, const Block& block) const {
  const Question& question = state_->questionnaire.questions[facet.question];
  auto out = FacetValues(state_->layout, block.counts, block.responses).of(facet, question);
  if (facet.kind != FacetKind::Number) return out;
  return with_numbers(state_->numbers[facet.question], block.numbers[facet.question],
                      std::move(out));
}

std::vector<double> Tally::weights_of(const Facet& facet, const Block& block) const {
  if (block.weights.empty()) return {};
  const Question& question = state_->questionnaire.questions[facet.question];
  auto out = FacetValues(state_->layout, block.weights, block.weight).of(facet, question);
  if (facet.kind != FacetKind::Number) return out;
  return with_numbers(state_->numbers[facet.question], block.number_weights[facet.question],
                      std::move(out));
}

std::uint64_t Tally::undeclared_in(std::uint32_t question, const Block& block) const {
  return block.counts[state_->layout.undeclared + question];
}

std::vector<double> Tally::numbers_of(std::uint32_t question) const {
  auto out = state_->numbers[question].values;
  std::ranges::sort(out);
  return out;
}

}  // namespace probity::form
