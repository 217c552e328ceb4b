#include <algorithm>
#include <array>

#include "report/column_conditions.hpp"
#include "report/grouping.hpp"
#include "report/meaning.hpp"
#include "report/tally_state.hpp"

namespace probity::report {
namespace {

using Shape = Column::Shape;

/// Whether all of a filter's answer is decided by facets; what else it asks is never told.
bool is_told(const Questionnaire& form, const Filter& filter) {
  return Meaning(form, filter, {}).is_decided();
}

bool is_choice(const Question& question) {
  return question.is_single_choice() || question.is_multiple_choice();
}

/// One value of each response, as a part's key has it.
using Values = std::vector<std::uint16_t>;

/// What the codes of a column add to: counters one after the other, by code.
struct Effects {
  std::vector<std::uint32_t> begins{0};
  std::vector<std::size_t> counters;
  void end_code() { begins.push_back(static_cast<std::uint32_t>(counters.size())); }
};

/// Counts one block in one tally.
class BlockCount {
 public:
  BlockCount(Tally::State& tally, const Columns::State& block, std::int64_t unit_hours)
      : tally_(tally),
        form_(tally.questionnaire),
        block_(block),
        unit_hours_(unit_hours),
        answers_(form_, block),
        conditions_(form_, answers_) {}

  [[nodiscard]] bool can_count() const;
  void count();

 private:
  [[nodiscard]] std::size_t rows() const { return block_.rows; }
  [[nodiscard]] bool knows_question(std::uint32_t index) const;
  [[nodiscard]] bool knows_filter(const std::optional<Filter>& filter) const;
  [[nodiscard]] Arrival arrival_of(const HourOfArrival& at) const;

  void find_hidden();
  void find_slots();
  void find_weights();
  void count_guards();
  void count_responses();
  void count_selected();
  void count_question(std::uint32_t index);
  void count_items(std::uint32_t index, const Column& column);
  void count_hidden(std::uint32_t index);
  void weigh_answered(std::uint32_t index, const Column& column);

  [[nodiscard]] Values facet_values(const Facet& facet);
  [[nodiscard]] std::uint16_t head_value(const Facet& facet, const Column::Head& head);
  void set_item_values(const Facet& facet, const Column& column, Values& out) const;
  [[nodiscard]] Tally::Key key_of(const Grouping& groups, std::uint32_t group) const;
  [[nodiscard]] Grouping group_by(const std::vector<Facet>& facets);
  [[nodiscard]] Effects head_effects(std::uint32_t index, const Column& column) const;
  [[nodiscard]] Effects item_effects(std::uint32_t index, const Column& column) const;

  [[nodiscard]] Block& part(std::size_t slot) { return tally_.parts[slots_[slot]].block; }
  /// How many responses, how many of them have a weight above 0, and the sum of those.
  struct Sum {
    std::uint64_t count = 0;
    std::uint64_t weighed = 0;
    ExactSum weight;
    void add(double own_weight) {
      weighed += own_weight > 0 ? 1 : 0;
      weight += own_weight;
    }
  };
  /// Adds responses of a slot to what a code adds to.
  void apply(const Effects& effects, std::size_t code, std::size_t slot, const Sum& sum) {
    Block& to = part(slot);
    for (std::uint32_t i = effects.begins[code]; i < effects.begins[code + 1]; ++i) {
      to.counts[effects.counters[i]] += sum.count;
      if (!tally_.weight) continue;
      to.weights[effects.counters[i]] += sum.weight;
      to.weighed[effects.counters[i]] += sum.weighed;
    }
  }
  /// Calls `take(code, slot, sum)` for what occurs among codes below `limit`.
  template <typename Take>
  void sum_up(std::span<const std::uint32_t> codes, std::span<const std::uint16_t> slots,
              std::span<const double> weights, std::size_t limit, const Take& take);

  Tally::State& tally_;
  const Questionnaire& form_;
  const Columns::State& block_;
  std::int64_t unit_hours_;
  BlockAnswers answers_;
  BlockConditions conditions_;
  std::vector<Mask> hidden_;            ///< By question; empty: hidden from nobody.
  std::vector<std::uint32_t> slots_;    ///< Parts of the tally.
  std::vector<std::uint16_t> slot_of_;  ///< By response; empty: all in the first.
  std::vector<double> weights_;         ///< By response; empty without.
};

bool BlockCount::knows_question(std::uint32_t index) const {
  const Question& question = form_.questions[index];
  const Column* column = answers_.of(index);
  if (column == nullptr) return true;
  const bool asks_heads = is_choice(question) || is_numeric(question) || tally_.weight == index;
  const bool asks_items = question.is_multiple_choice() || question.kind == Kind::Matrix;
  return !(asks_heads && column->has_heads_left_out) && !(asks_items && column->has_items_left_out);
}

/// A filter that asks more than is ever told need not be decided.
bool BlockCount::knows_filter(const std::optional<Filter>& filter) const {
  return !filter || conditions_.knows(filter->condition()) || !is_told(form_, *filter);
}

bool BlockCount::can_count() const {
  for (std::uint32_t i = 0; i < form_.questions.size(); ++i)
    if (!knows_question(i) || !conditions_.knows(form_.questions[i].visible_if)) return false;
  for (const Container& box : form_.containers)
    if (!conditions_.knows(box.visible_if)) return false;
  return knows_filter(tally_.selection.filter) && knows_filter(tally_.selection.also);
}

Arrival BlockCount::arrival_of(const HourOfArrival& at) const {
  const std::int64_t begun = at.hour >= 0 ? at.hour : at.hour - (unit_hours_ - 1);
  return {begun / unit_hours_, at.version};
}

void BlockCount::count() {
  if (rows() == 0) return;
  find_hidden();
  find_slots();
  find_weights();
  count_guards();
  count_responses();
  count_selected();
  for (std::uint32_t i = 0; i < form_.questions.size(); ++i) {
    count_question(i);
    count_hidden(i);
  }
}

void BlockCount::find_hidden() {
  hidden_.resize(form_.questions.size());
  if (!form_.has_hiding) return;
  std::vector<Mask> shown = conditions_.shown();
  for (std::uint32_t i = 0; i < hidden_.size(); ++i) {
    if (shown[i].empty()) continue;
    Mask& out = hidden_[i] = std::move(shown[i]);
    const Column* column = answers_.of(i);
    for (std::size_t row = 0; row < rows(); ++row) {
      const bool is_answered = column != nullptr && column->codes[row] != 0 &&
                               !column->heads[column->codes[row]].is_blank();
      out[row] = out[row] == 0 && !is_answered ? 1 : 0;
    }
  }
}

Grouping BlockCount::group_by(const std::vector<Facet>& facets) {
  Grouping groups(rows());
  for (const Facet& facet : facets) {
    const Values values = facet_values(facet);
    groups.refine(values, std::size_t{*std::ranges::max_element(values)} + 1);
  }
  return groups;
}

Tally::Key BlockCount::key_of(const Grouping& groups, std::uint32_t group) const {
  Tally::Key key{};
  std::ranges::copy(groups.values_of(group), key.begin());
  return key;
}

/// The parts of the tally that the block's responses belong to.
void BlockCount::find_slots() {
  if (tally_.dimensions.empty()) {
    slots_ = {0};
    return;
  }
  std::vector<Facet> facets;
  for (const Dimension& dimension : tally_.dimensions)
    facets.push_back(dimension.facet);
  const Grouping groups = group_by(facets);
  std::unordered_map<std::uint32_t, std::uint16_t> slot_of_part;
  std::vector<std::uint16_t> slot_of_group;
  for (std::uint32_t group = 0; group < groups.count(); ++group) {
    const std::uint32_t position = tally_.place_of(key_of(groups, group));
    const auto [slot, is_new] = slot_of_part.try_emplace(position, slots_.size());
    if (is_new) slots_.push_back(position);
    slot_of_group.push_back(slot->second);
  }
  if (slots_.size() == 1) return;
  slot_of_.reserve(rows());
  for (const std::uint32_t group : groups.groups())
    slot_of_.push_back(slot_of_group[group]);
}

void BlockCount::find_weights() {
  if (!tally_.weight) return;
  weights_.resize(rows());
  const Column* column = answers_.of(*tally_.weight);
  if (column == nullptr) return;
  std::vector<double> by_code;
  for (const Column::Head& head : column->heads)
    by_code.push_back(head.shape == Shape::Scalar && !head.is_blank()
                          ? weight_in_answer(form_.questions[*tally_.weight],
                                             tally_.counters.plan(*tally_.weight), head.value)
                          : 0);
  for (std::size_t row = 0; row < rows(); ++row)
    weights_[row] = by_code[column->codes[row]];
}

void BlockCount::count_guards() {
  for (const std::uint32_t question : tally_.guarded) {
    const Grouping groups = group_by(tally_.guards[question].facets);
    std::vector<std::uint64_t> counts(groups.count());
    for (const std::uint32_t group : groups.groups())
      ++counts[group];
    for (std::uint32_t group = 0; group < counts.size(); ++group)
      tally_.count_guard(question, key_of(groups, group), counts[group]);
  }
}

void BlockCount::count_responses() {
  for (std::size_t row = 0; row < rows(); ++row) {
    Block& to = part(slot_of_.empty() ? 0 : slot_of_[row]);
    ++to.responses;
    if (!tally_.weight) continue;
    if (weights_[row] <= 0) ++to.weightless;
    to.weight += weights_[row];
    to.weight_squares += weights_[row] * weights_[row];
  }
}

void BlockCount::count_selected() {
  std::vector<std::uint8_t> holds;
  for (const HourOfArrival& at : block_.arrivals)
    holds.push_back(tally_.selection.holds(arrival_of(at)) ? 1 : 0);
  Mask selected(rows());
  for (std::size_t row = 0; row < rows(); ++row)
    selected[row] = holds[block_.arrival_codes[row]];
  for (const auto* filter : {&tally_.selection.filter, &tally_.selection.also}) {
    if (!*filter) continue;
    // What a filter asks beyond the block is never told: nobody is as good an answer as another.
    if (!conditions_.knows((*filter)->condition())) return;
    const Mask matches = conditions_.holds((*filter)->condition());
    for (std::size_t row = 0; row < rows(); ++row)
      selected[row] = selected[row] & matches[row];
  }
  std::vector<std::uint64_t> counts(slots_.size());
  for (std::size_t row = 0; row < rows(); ++row)
    counts[slot_of_.empty() ? 0 : slot_of_[row]] += selected[row];
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    tally_.parts[slots_[slot]].selected += counts[slot];
}

/// As Tally::State::facet_value() of every response.
Values BlockCount::facet_values(const Facet& facet) {
  Values out(rows());
  if (facet.kind == FacetKind::Arrival) {
    Values by_code;
    for (const HourOfArrival& at : block_.arrivals) {
      const std::uint32_t value = tally_.arrivals.put(arrival_number(arrival_of(at)));
      if (value == NumberTable::k_full) tally_.is_too_detailed = true;
      by_code.push_back(static_cast<std::uint16_t>(value));
    }
    for (std::size_t row = 0; row < rows(); ++row)
      out[row] = by_code[block_.arrival_codes[row]];
    return out;
  }
  const Column* column = answers_.of(facet.question);
  const auto choices = form_.questions[facet.question].choices.size();
  std::size_t none = choices + 1;
  if (facet.kind == FacetKind::Answered || facet.kind == FacetKind::Number) none = 1;
  if (facet.kind == FacetKind::Option || facet.kind == FacetKind::Item) none = 2;
  const Mask& hidden = hidden_[facet.question];
  Values by_head;
  std::vector<std::uint8_t> is_answer{0};
  by_head.push_back(0);
  for (std::size_t code = 1; column != nullptr && code < column->heads.size(); ++code) {
    const Column::Head& head = column->heads[code];
    is_answer.push_back(head.is_blank() ? 0 : 1);
    by_head.push_back(head.is_blank() ? std::uint16_t{0} : head_value(facet, head));
  }
  for (std::size_t row = 0; row < rows(); ++row) {
    const std::uint16_t code = column == nullptr ? 0 : column->codes[row];
    const unsigned blank = hidden.empty() ? 0 : hidden[row];
    out[row] = is_answer[code] != 0 ? by_head[code] : static_cast<std::uint16_t>(none + blank);
  }
  if (column != nullptr && column->has_items()) set_item_values(facet, *column, out);
  return out;
}

/// The value of an answer that is no list and no object, or whose items do not say.
std::uint16_t BlockCount::head_value(const Facet& facet, const Column::Head& head) {
  const AnswerPlan& plan = tally_.counters.plan(facet.question);
  const Question& question = form_.questions[facet.question];
  const auto choices = static_cast<std::uint32_t>(question.choices.size());
  const bool is_scalar = head.shape == Shape::Scalar;
  std::uint32_t value = 0;
  switch (facet.kind) {
    case FacetKind::Answered:
    case FacetKind::Arrival: break;
    case FacetKind::Item: value = 1; break;
    case FacetKind::Choice:
      value = is_scalar ? std::min(plan.find(head.value), choices) : choices;
      break;
    case FacetKind::Option: value = is_scalar && plan.find(head.value) == facet.part ? 0 : 1; break;
    case FacetKind::Place:
      value = is_scalar && plan.find(head.value) == facet.part ? 0 : choices;
      break;
    case FacetKind::Row: value = choices; break;
    case FacetKind::Number:
      value = tally_.number_value(facet.question, is_scalar ? number_in_answer(question, head.value)
                                                            : std::optional<double>());
      break;
  }
  return static_cast<std::uint16_t>(value);
}

/// The same for answers whose items say it.
void BlockCount::set_item_values(const Facet& facet, const Column& column, Values& out) const {
  const AnswerPlan& plan = tally_.counters.plan(facet.question);
  const auto choices = static_cast<std::uint32_t>(form_.questions[facet.question].choices.size());
  const bool is_of_list = facet.kind == FacetKind::Option || facet.kind == FacetKind::Place;
  const bool is_of_object = facet.kind == FacetKind::Row || facet.kind == FacetKind::Item;
  if (!is_of_list && !is_of_object) return;
  std::vector<std::uint8_t> is_it;
  Values value_of_item;
  for (const Column::Item& item : column.values) {
    if (is_of_list) {
      is_it.push_back(!item.is_left_out && plan.find(item.value) == facet.part ? 1 : 0);
      value_of_item.push_back(0);
      continue;
    }
    is_it.push_back(item.name == plan.parts.key(facet.part) ? 1 : 0);
    const bool has_column = facet.kind == FacetKind::Row && is_it.back() != 0 && !item.is_left_out;
    const std::uint32_t value = has_column ? std::min(plan.find(item.value), choices) : 0;
    value_of_item.push_back(static_cast<std::uint16_t>(value));
  }
  const Shape wanted = is_of_list ? Shape::List : Shape::Object;
  for (std::size_t row = 0; row < rows(); ++row) {
    const Column::Head& head = column.heads[column.codes[row]];
    if (head.shape != wanted) continue;
    for (std::uint32_t place = 0; place < head.items; ++place) {
      const std::uint16_t item = column.items[column.begins[row] + place];
      if (is_it[item] == 0) continue;
      out[row] = facet.kind == FacetKind::Place
                     ? static_cast<std::uint16_t>(std::min(place, choices))
                     : value_of_item[item];
      break;
    }
  }
}

/// What whole answers add to beside `answered`, by code.
Effects BlockCount::head_effects(std::uint32_t index, const Column& column) const {
  const Question& question = form_.questions[index];
  const bool is_many = question.is_multiple_choice() && question.kind != Kind::Ranking;
  Effects out;
  for (const Column::Head& head : column.heads) {
    const auto put = [&](std::size_t counter) { out.counters.push_back(counter); };
    if (head.shape != Shape::Absent && !head.is_blank()) {
      put(tally_.counters.answered + index);
      if (head.shape == Shape::Scalar) tally_.counters.count(index, head.value, put);
      const bool is_no_choice =
          (head.shape == Shape::List && question.is_single_choice()) ||
          (head.shape == Shape::Object && (question.is_single_choice() || is_many));
      if (is_no_choice) put(tally_.counters.undeclared + index);
    }
    out.end_code();
  }
  return out;
}

/// What items add to: by code, for rankings by code and place, the last place being too many.
Effects BlockCount::item_effects(std::uint32_t index, const Column& column) const {
  const Question& question = form_.questions[index];
  const std::size_t places = question.choices.size() + 1;
  Effects out;
  for (const Column::Item& item : column.values) {
    const auto put = [&](std::size_t counter) { out.counters.push_back(counter); };
    if (question.kind == Kind::Ranking) {
      for (std::size_t place = 0; place < places; ++place) {
        tally_.counters.count_place(index, item.value, place, put);
        out.end_code();
      }
      continue;
    }
    if (question.kind == Kind::Matrix)
      tally_.counters.count_row(index, item.name, item.value, put);
    else if (question.kind == Kind::MultipleText)
      tally_.counters.count_item(index, item.name, put);
    else
      tally_.counters.count_choice(index, item.value, put);
    out.end_code();
  }
  return out;
}

template <typename Take>
void BlockCount::sum_up(std::span<const std::uint32_t> codes, std::span<const std::uint16_t> slots,
                        std::span<const double> weights, std::size_t limit, const Take& take) {
  constexpr std::size_t k_table_max = 1UL << 17;
  const std::size_t cells = limit * slots_.size();
  if (cells > k_table_max) {
    for (std::size_t i = 0; i < codes.size(); ++i) {
      Sum sum{1, 0, {}};
      if (!weights.empty()) sum.add(weights[i]);
      take(codes[i], slots.empty() ? 0 : slots[i], sum);
    }
    return;
  }
  std::vector<std::uint32_t> counts(cells);
  std::vector<Sum> sums(weights.empty() ? 0 : cells);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::size_t cell = codes[i] + (slots.empty() ? 0 : slots[i] * limit);
    ++counts[cell];
    if (!weights.empty()) sums[cell].add(weights[i]);
  }
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (counts[cell] == 0) continue;
    Sum sum = weights.empty() ? Sum() : sums[cell];
    sum.count = counts[cell];
    take(cell % limit, cell / limit, sum);
  }
}

void BlockCount::count_question(std::uint32_t index) {
  const Column* column = answers_.of(index);
  if (column == nullptr) return;
  const Question& question = form_.questions[index];
  const Effects effects = head_effects(index, *column);
  std::vector<std::uint32_t> places(column->heads.size(), NumberTable::k_full);
  for (std::size_t code = 1; tally_.is_number[index] != 0 && code < places.size(); ++code) {
    const Column::Head& head = column->heads[code];
    if (head.shape != Shape::Scalar || head.is_blank()) continue;
    const auto number = number_in_answer(question, head.value);
    if (!number) continue;
    places[code] = tally_.numbers[index].put(*number);
    if (places[code] == NumberTable::k_full) tally_.has_too_many_numbers = true;
  }
  const std::vector<std::uint32_t> codes(column->codes.begin(), column->codes.end());
  sum_up(codes, slot_of_, weights_, column->heads.size(),
         [&](std::size_t code, std::size_t slot, const Sum& sum) {
           apply(effects, code, slot, sum);
           if (places[code] == NumberTable::k_full) return;
           Block& to = part(slot);
           grow_and_add(to.numbers[index], places[code], sum.count);
           if (!tally_.weight) return;
           grow_and_add(to.number_weights[index], places[code], sum.weight);
           grow_and_add(to.number_weighed[index], places[code], sum.weighed);
         });
  if (column->has_items()) count_items(index, *column);
  if (tally_.weight) weigh_answered(index, *column);
}

void BlockCount::count_items(std::uint32_t index, const Column& column) {
  const Question& question = form_.questions[index];
  const bool is_of_object = question.kind == Kind::Matrix || question.kind == Kind::MultipleText;
  if (!is_of_object && !question.is_multiple_choice()) return;
  const Shape wanted = is_of_object ? Shape::Object : Shape::List;
  const auto places = static_cast<std::uint32_t>(question.choices.size());
  const Effects effects = item_effects(index, column);
  std::vector<std::uint32_t> codes;
  std::vector<std::uint16_t> slots;
  std::vector<double> weights;
  codes.reserve(column.items.size());
  for (std::size_t row = 0; row < rows(); ++row) {
    const Column::Head& head = column.heads[column.codes[row]];
    if (head.shape != wanted) continue;
    for (std::uint32_t place = 0; place < head.items; ++place) {
      const std::uint32_t item = column.items[column.begins[row] + place];
      codes.push_back(question.kind == Kind::Ranking ? item * (places + 1) + std::min(place, places)
                                                     : item);
    }
    if (!slot_of_.empty()) slots.insert(slots.end(), head.items, slot_of_[row]);
    if (tally_.weight) weights.insert(weights.end(), head.items, weights_[row]);
  }
  sum_up(
      codes, slots, weights, effects.begins.size() - 1,
      [&](std::size_t code, std::size_t slot, const Sum& sum) { apply(effects, code, slot, sum); });
}

void BlockCount::count_hidden(std::uint32_t index) {
  const Mask& hidden = hidden_[index];
  for (std::size_t row = 0; row < hidden.size(); ++row) {
    if (hidden[row] == 0) continue;
    Block& to = part(slot_of_.empty() ? 0 : slot_of_[row]);
    ++to.counts[tally_.counters.not_shown + index];
    if (!tally_.weight) continue;
    to.weights[tally_.counters.not_shown + index] += weights_[row];
    to.weighed[tally_.counters.not_shown + index] += weights_[row] > 0 ? 1 : 0;
  }
}

/// The squares of the weights of who answered.
void BlockCount::weigh_answered(std::uint32_t index, const Column& column) {
  std::vector<std::uint8_t> is_answer;
  for (const Column::Head& head : column.heads)
    is_answer.push_back(head.shape != Shape::Absent && !head.is_blank() ? 1 : 0);
  for (std::size_t row = 0; row < rows(); ++row)
    if (is_answer[column.codes[row]] != 0)
      part(slot_of_.empty() ? 0 : slot_of_[row]).answer_squares[index] +=
          weights_[row] * weights_[row];
}

}  // namespace

bool Tally::can_add(const Columns& block) const {
  return BlockCount(*state_, block.state(), 1).can_count();
}

void Tally::add(const Columns& block, std::int64_t unit_hours) {
  for (const OddResponse& odd : block.state().odd) {
    const std::int64_t hour = odd.arrival.hour;
    const std::int64_t begun = hour >= 0 ? hour : hour - (unit_hours - 1);
    static_cast<void>(state_->add(odd.answers, {begun / unit_hours, odd.arrival.version}));
  }
  BlockCount(*state_, block.state(), unit_hours).count();
}

}  // namespace probity::report
