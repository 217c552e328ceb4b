#include <algorithm>
#include <map>
#include <utility>

#include "report/column_looks.hpp"
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

/// What the codes of a column add to: counters one after the other, by code.
struct Effects {
  std::vector<std::uint32_t> begins{0};
  std::vector<std::size_t> counters;
  void end_code() { begins.push_back(static_cast<std::uint32_t>(counters.size())); }
};

/// Adds at a place; room is made once for all `size` of them.
template <typename T, typename More>
void add_within(std::vector<T>& to, std::size_t size, std::size_t at, const More& more) {
  if (to.size() < size) {
    to.reserve(size);
    to.resize(size);
  }
  to[at] += more;
}

/// Counts one block, at once for all tallies that differ in nothing but what they select.
class BlockCount {
 public:
  BlockCount(std::vector<Tally::State*> tallies, const Columns::State& block,
             std::int64_t unit_hours)
      : tallies_(std::move(tallies)),
        first_(*tallies_.front()),
        form_(first_.questionnaire),
        block_(block),
        answers_(form_, block),
        conditions_(form_, answers_),
        looks_(form_, first_.counters, answers_, hidden_, unit_hours) {}

  [[nodiscard]] bool can_count() const;
  void count();

 private:
  [[nodiscard]] std::size_t rows() const { return block_.rows; }
  [[nodiscard]] bool knows_question(std::uint32_t index) const;
  [[nodiscard]] bool knows_filter(const std::optional<Filter>& filter) const;

  void find_hidden();
  void find_cells();
  void order_by_cell(const std::vector<std::uint16_t>& cell_of);
  void find_weights();
  void count_guards();
  void count_responses();
  void count_selected(std::size_t tally);
  [[nodiscard]] const Mask& matches(const Filter& filter);
  void count_question(std::uint32_t index);
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> number_places(std::uint32_t index,
                                                                      const Column& column);
  void count_items(std::uint32_t index, const Column& column);
  void count_hidden(std::uint32_t index);
  void weigh_answered(std::uint32_t index, const Column& column);

  [[nodiscard]] Effects head_effects(std::uint32_t index, const Column& column) const;
  [[nodiscard]] Effects item_effects(std::uint32_t index, const Column& column) const;

  [[nodiscard]] std::size_t cell_count() const { return cell_begins_.size() - 1; }
  [[nodiscard]] std::span<const std::uint16_t> rows_of(std::size_t cell) const {
    return std::span(rows_).subspan(cell_begins_[cell],
                                    cell_begins_[cell + 1] - cell_begins_[cell]);
  }
  [[nodiscard]] Tally::Part& part(std::size_t tally, std::size_t cell) {
    return tallies_[tally]->parts[parts_[cell * tallies_.size() + tally]];
  }
  /// Calls `take(tally, block)` for where each tally counts the responses of a cell.
  template <typename Take>
  void each_block(std::size_t cell, const Take& take) {
    for (std::size_t tally = 0; tally < tallies_.size(); ++tally)
      take(tally, part(tally, cell).block);
  }
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
  void add_to(Block& to, std::size_t counter, const Sum& sum) const {
    to.counts[counter] += sum.count;
    if (weights_.empty()) return;
    to.weights[counter] += sum.weight;
    to.weighed[counter] += sum.weighed;
  }
  /// Adds responses of a cell to what a code adds to.
  void apply(const Effects& effects, std::size_t code, std::size_t cell, const Sum& sum) {
    each_block(cell, [&](std::size_t, Block& to) {
      for (std::uint32_t i = effects.begins[code]; i < effects.begins[code + 1]; ++i)
        add_to(to, effects.counters[i], sum);
    });
  }
  /// Calls `each(row, put)` for every response, which calls `put(code)` with its codes, all below
  /// `limit`; and `take(code, cell, sum)` for what these come to.
  template <typename Each, typename Take>
  void sum_up(std::size_t limit, const Each& each, const Take& take);

  std::vector<Tally::State*> tallies_;
  Tally::State& first_;  ///< For what they have in common: questionnaire, weight, counters.
  const Questionnaire& form_;
  const Columns::State& block_;
  BlockAnswers answers_;
  BlockConditions conditions_;
  std::vector<Mask> hidden_;  ///< By question; empty: hidden from nobody.
  BlockLooks looks_;
  // Responses that every tally counts in one part make up a cell.
  std::vector<std::uint32_t> parts_;                    ///< By cell, then by tally.
  std::vector<std::uint16_t> rows_;                     ///< Cell by cell.
  std::vector<std::uint32_t> cell_begins_;              ///< In rows_; by cell and one more.
  std::vector<double> weights_;                         ///< By response; empty without.
  std::vector<ExactSum> cell_squares_;                  ///< By cell, of the weights; empty without.
  std::unordered_map<std::string_view, Mask> matches_;  ///< By text of the filter.
};

bool BlockCount::knows_question(std::uint32_t index) const {
  const Question& question = form_.questions[index];
  const Column* column = answers_.of(index);
  if (column == nullptr) return true;
  const bool asks_heads = is_choice(question) || is_numeric(question) || first_.weight == index;
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
  return std::ranges::all_of(tallies_, [this](const Tally::State* tally) {
    return knows_filter(tally->selection.filter) && knows_filter(tally->selection.also);
  });
}

void BlockCount::count() {
  if (rows() == 0) return;
  find_hidden();
  find_cells();
  find_weights();
  count_guards();
  count_responses();
  for (std::size_t tally = 0; tally < tallies_.size(); ++tally)
    count_selected(tally);
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
    const Mask is_answer = column == nullptr ? Mask{0} : answers_in(*column);
    for (std::size_t row = 0; row < rows(); ++row) {
      const std::uint16_t code = column == nullptr ? 0 : column->codes[row];
      out[row] = static_cast<std::uint8_t>((out[row] | is_answer[code]) ^ 1U);
    }
  }
}

/// The parts of the tallies that the block's responses belong to.
void BlockCount::find_cells() {
  std::vector<std::vector<Facet>> facets(tallies_.size());
  std::vector<Look> looks;
  for (std::size_t tally = 0; tally < tallies_.size(); ++tally) {
    for (const Dimension& dimension : tallies_[tally]->dimensions) {
      facets[tally].push_back(dimension.facet);
      if (std::ranges::find(looks, dimension.facet, &Look::facet) == looks.end())
        looks.push_back(looks_.at(dimension.facet));
    }
  }
  const Grouping groups = divided(rows(), looks);
  std::map<std::vector<std::uint32_t>, std::uint16_t> cells;
  std::vector<std::uint16_t> cell_of_group;
  for (std::uint32_t group = 0; group < groups.count(); ++group) {
    const Values values = groups.values_of(group);
    std::vector<std::uint32_t> parts;
    for (std::size_t tally = 0; tally < tallies_.size(); ++tally) {
      Tally::State& to = *tallies_[tally];
      parts.push_back(
          facets[tally].empty() ? 0 : to.place_of(key_of(to, looks, facets[tally], values)));
    }
    const auto [cell, is_new] = cells.try_emplace(parts, cells.size());
    if (is_new) parts_.insert(parts_.end(), parts.begin(), parts.end());
    cell_of_group.push_back(cell->second);
  }
  std::vector<std::uint16_t> cell_of;
  cell_of.reserve(rows());
  for (const std::uint32_t group : groups.groups())
    cell_of.push_back(cell_of_group[group]);
  cell_begins_.assign(cells.size() + 1, 0);
  order_by_cell(cell_of);
}

void BlockCount::order_by_cell(const std::vector<std::uint16_t>& cell_of) {
  for (const std::uint16_t cell : cell_of)
    ++cell_begins_[cell + 1U];
  for (std::size_t cell = 1; cell < cell_begins_.size(); ++cell)
    cell_begins_[cell] += cell_begins_[cell - 1];
  std::vector<std::uint32_t> next = cell_begins_;
  rows_.resize(rows());
  for (std::size_t row = 0; row < rows(); ++row)
    rows_[next[cell_of[row]]++] = static_cast<std::uint16_t>(row);
}

void BlockCount::find_weights() {
  if (!first_.weight) return;
  weights_.resize(rows());
  const Column* column = answers_.of(*first_.weight);
  if (column == nullptr) return;
  std::vector<double> by_code;
  for (const Column::Head& head : column->heads)
    by_code.push_back(head.shape == Shape::Scalar && !head.is_blank()
                          ? weight_in_answer(form_.questions[*first_.weight],
                                             first_.counters.plan(*first_.weight), head.value)
                          : 0);
  for (std::size_t row = 0; row < rows(); ++row)
    weights_[row] = by_code[column->codes[row]];
}

void BlockCount::count_guards() {
  for (std::uint32_t question = 0; question < form_.questions.size(); ++question) {
    std::vector<Tally::State*> counting;
    for (Tally::State* tally : tallies_)
      if (std::ranges::find(tally->guarded, question) != tally->guarded.end())
        counting.push_back(tally);
    if (counting.empty()) continue;
    const std::vector<Facet>& facets = counting.front()->guards[question].facets;
    std::vector<Look> looks;
    for (const Facet& facet : facets)
      looks.push_back(looks_.at(facet));
    const Grouping groups = divided(rows(), looks);
    std::vector<std::uint64_t> counts(groups.count());
    for (const std::uint32_t group : groups.groups())
      ++counts[group];
    for (std::uint32_t group = 0; group < counts.size(); ++group) {
      const Values values = groups.values_of(group);
      for (Tally::State* tally : counting)
        tally->count_guard(question, key_of(*tally, looks, facets, values), counts[group]);
    }
  }
}

void BlockCount::count_responses() {
  for (std::size_t cell = 0; cell < cell_count(); ++cell) {
    const std::span<const std::uint16_t> rows = rows_of(cell);
    Sum sum{rows.size(), 0, {}};
    ExactSum squares;
    if (!weights_.empty()) {
      for (const std::uint16_t row : rows) {
        sum.add(weights_[row]);
        squares += weights_[row] * weights_[row];
      }
      cell_squares_.push_back(squares);
    }
    each_block(cell, [&](std::size_t, Block& to) {
      to.responses += sum.count;
      if (weights_.empty()) return;
      to.weightless += sum.count - sum.weighed;
      to.weight += sum.weight;
      to.weight_squares += squares;
    });
  }
}

/// Whom a filter holds for; tallies that are compared ask the same.
const Mask& BlockCount::matches(const Filter& filter) {
  const auto [found, is_new] = matches_.try_emplace(filter.text());
  if (is_new) found->second = conditions_.holds(filter.condition());
  return found->second;
}

void BlockCount::count_selected(std::size_t tally) {
  const Selection& selection = tallies_[tally]->selection;
  Mask holds;
  for (const HourOfArrival& at : block_.arrivals)
    holds.push_back(selection.holds(looks_.arrival_of(at)) ? 1 : 0);
  Mask selected(rows());
  for (std::size_t row = 0; row < rows(); ++row)
    selected[row] = holds[block_.arrival_codes[row]];
  for (const auto* filter : {&selection.filter, &selection.also}) {
    if (!*filter) continue;
    // What a filter asks beyond the block is never told: nobody is as good an answer as another.
    if (!conditions_.knows((*filter)->condition())) return;
    const Mask& mask = matches(**filter);
    for (std::size_t row = 0; row < rows(); ++row)
      selected[row] = selected[row] & mask[row];
  }
  for (std::size_t cell = 0; cell < cell_count(); ++cell)
    for (const std::uint16_t row : rows_of(cell))
      part(tally, cell).selected += selected[row];
}

/// What whole answers add to beside `answered`, by code.
Effects BlockCount::head_effects(std::uint32_t index, const Column& column) const {
  const Question& question = form_.questions[index];
  const bool is_many = question.is_multiple_choice() && question.kind != Kind::Ranking;
  Effects out;
  for (const Column::Head& head : column.heads) {
    const auto put = [&](std::size_t counter) { out.counters.push_back(counter); };
    if (head.shape != Shape::Absent && !head.is_blank()) {
      put(first_.counters.answered + index);
      if (head.shape == Shape::Scalar) first_.counters.count(index, head.value, put);
      const bool is_no_choice =
          (head.shape == Shape::List && question.is_single_choice()) ||
          (head.shape == Shape::Object && (question.is_single_choice() || is_many));
      if (is_no_choice) put(first_.counters.undeclared + index);
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
        first_.counters.count_place(index, item.value, place, put);
        out.end_code();
      }
      continue;
    }
    if (question.kind == Kind::Matrix)
      first_.counters.count_row(index, item.name, item.value, put);
    else if (question.kind == Kind::MultipleText)
      first_.counters.count_item(index, item.name, put);
    else
      first_.counters.count_choice(index, item.value, put);
    out.end_code();
  }
  return out;
}

template <typename Each, typename Take>
void BlockCount::sum_up(std::size_t limit, const Each& each, const Take& take) {
  constexpr std::size_t k_table_max = 1UL << 17;
  std::vector<Sum> sums(limit <= k_table_max ? limit : 0);
  std::vector<std::uint32_t> met;
  for (std::size_t cell = 0; cell < cell_count(); ++cell) {
    for (const std::uint16_t row : rows_of(cell)) {
      const double weight = weights_.empty() ? 0 : weights_[row];
      each(row, [&](std::uint32_t code) {
        Sum alone;
        Sum& sum = sums.empty() ? alone : sums[code];
        if (sum.count++ == 0) met.push_back(code);
        if (!weights_.empty()) sum.add(weight);
        if (sums.empty()) take(code, cell, sum);
      });
    }
    for (const std::uint32_t code : met)
      if (!sums.empty()) take(code, cell, std::exchange(sums[code], Sum()));
    met.clear();
  }
}

/// Where the tallies keep the numbers of a column's heads: by tally and code.
std::vector<std::vector<std::uint32_t>> BlockCount::number_places(std::uint32_t index,
                                                                  const Column& column) {
  const Question& question = form_.questions[index];
  std::vector<std::vector<std::uint32_t>> out;
  for (Tally::State* tally : tallies_) {
    std::vector<std::uint32_t>& places = out.emplace_back(column.heads.size(), NumberTable::k_full);
    for (std::size_t code = 1; tally->is_number[index] != 0 && code < places.size(); ++code) {
      const Column::Head& head = column.heads[code];
      if (head.shape != Shape::Scalar || head.is_blank()) continue;
      const auto number = number_in_answer(question, head.value);
      if (!number) continue;
      places[code] = tally->numbers[index].put(*number);
      if (places[code] == NumberTable::k_full) tally->has_too_many_numbers = true;
    }
  }
  return out;
}

void BlockCount::count_question(std::uint32_t index) {
  const Column* column = answers_.of(index);
  if (column == nullptr) return;
  const Effects effects = head_effects(index, *column);
  const auto places = number_places(index, *column);
  const auto each = [&](std::uint16_t row, const auto& put) { put(column->codes[row]); };
  sum_up(column->heads.size(), each, [&](std::size_t code, std::size_t cell, const Sum& sum) {
    apply(effects, code, cell, sum);
    each_block(cell, [&](std::size_t tally, Block& to) {
      const std::uint32_t place = places[tally][code];
      if (place == NumberTable::k_full) return;
      const std::size_t size = tallies_[tally]->numbers[index].values.size();
      add_within(to.numbers[index], size, place, sum.count);
      if (weights_.empty()) return;
      add_within(to.number_weights[index], size, place, sum.weight);
      add_within(to.number_weighed[index], size, place, sum.weighed);
    });
  });
  if (column->has_items()) count_items(index, *column);
  if (!weights_.empty()) weigh_answered(index, *column);
}

void BlockCount::count_items(std::uint32_t index, const Column& column) {
  const Question& question = form_.questions[index];
  const bool is_of_object = question.kind == Kind::Matrix || question.kind == Kind::MultipleText;
  if (!is_of_object && !question.is_multiple_choice()) return;
  const Shape wanted = is_of_object ? Shape::Object : Shape::List;
  const bool is_ranking = question.kind == Kind::Ranking;
  const auto places = static_cast<std::uint32_t>(question.choices.size());
  const Effects effects = item_effects(index, column);
  std::vector<std::uint32_t> sizes;  // Of the answers to be counted, by head.
  for (const Column::Head& head : column.heads)
    sizes.push_back(head.shape == wanted ? head.items : 0);
  const auto each = [&](std::uint16_t row, const auto& put) {
    const std::uint32_t size = sizes[column.codes[row]];
    const std::span items = std::span(column.items).subspan(column.begins[row], size);
    for (std::uint32_t place = 0; place < size; ++place)
      put(is_ranking ? items[place] * (places + 1) + std::min(place, places) : items[place]);
  };
  sum_up(effects.begins.size() - 1, each, [&](std::size_t code, std::size_t cell, const Sum& sum) {
    apply(effects, code, cell, sum);
  });
}

void BlockCount::count_hidden(std::uint32_t index) {
  const Mask& hidden = hidden_[index];
  if (hidden.empty()) return;
  for (std::size_t cell = 0; cell < cell_count(); ++cell) {
    Sum sum;
    for (const std::uint16_t row : rows_of(cell)) {
      if (hidden[row] == 0) continue;
      ++sum.count;
      if (!weights_.empty()) sum.add(weights_[row]);
    }
    each_block(cell,
               [&](std::size_t, Block& to) { add_to(to, first_.counters.not_shown + index, sum); });
  }
}

/// The squares of the weights of who answered.
void BlockCount::weigh_answered(std::uint32_t index, const Column& column) {
  const Mask is_answer = answers_in(column);
  const auto answered = [&](std::uint16_t code) { return is_answer[code] != 0; };
  const bool is_by_all = std::ranges::all_of(column.codes, answered);
  for (std::size_t cell = 0; cell < cell_count(); ++cell) {
    ExactSum squares = cell_squares_[cell];
    if (!is_by_all) {
      squares = ExactSum();
      for (const std::uint16_t row : rows_of(cell))
        if (answered(column.codes[row])) squares += weights_[row] * weights_[row];
    }
    each_block(cell, [&](std::size_t, Block& to) { to.answer_squares[index] += squares; });
  }
}

}  // namespace

bool Tally::can_add(const Columns& block) const {
  return BlockCount({state_.get()}, block.state(), 1).can_count();
}

void Tally::add(const Columns& block, std::int64_t unit_hours) {
  add_to_all({this, 1}, block, unit_hours);
}

void Tally::add_to_all(std::span<Tally> tallies, const Columns& block, std::int64_t unit_hours) {
  std::vector<State*> states;
  for (const Tally& tally : tallies)
    states.push_back(tally.state_.get());
  if (states.empty()) return;
  for (const OddResponse& odd : block.state().odd) {
    const std::int64_t hour = odd.arrival.hour;
    const std::int64_t begun = hour >= 0 ? hour : hour - (unit_hours - 1);
    static_cast<void>(add_to_all(tallies, odd.answers, {begun / unit_hours, odd.arrival.version}));
  }
  BlockCount(std::move(states), block.state(), unit_hours).count();
}

}  // namespace probity::report
