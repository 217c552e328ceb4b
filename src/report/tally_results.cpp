#include "report/count.hpp"
#include "report/facet.hpp"
#include "report/tally_state.hpp"

#include <algorithm>

namespace probity::report {
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
  for (std::size_t i = 0; i < numbers.size(); ++i)
    out[ranks[i]] += numbers[i];
  T given{};
  for (const T number : out)
    given += number;
  rest[0] = rest[0] > given ? rest[0] - given : T{};
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

std::vector<double> doubles_of(const std::vector<ExactSum>& sums) {
  std::vector<double> out;
  out.reserve(sums.size());
  for (const ExactSum& sum : sums)
    out.push_back(sum.value());
  return out;
}

/// Finds for what another tally met the places in this one's tables.
class Translation {
 public:
  Translation(Tally::State& to, const Tally::State& from) : to_(to) {
    for (std::size_t i = 0; i < from.numbers.size(); ++i)
      numbers_.push_back(places(to.numbers[i], from.numbers[i]));
    arrivals_ = places(to.arrivals, from.arrivals);
  }

  void move_value(const Facet& facet, std::uint16_t& value) const {
    if (facet.kind == FacetKind::Arrival)
      value = static_cast<std::uint16_t>(arrivals_[value]);
    else if (facet.kind == FacetKind::Number && value >= 3)
      value = static_cast<std::uint16_t>(3 + numbers_[facet.question][value - 3U]);
  }
  template <typename T>
  [[nodiscard]] std::vector<T> moved(const std::vector<T>& counts, std::size_t question) const {
    const auto& positions = numbers_[question];
    std::vector<T> out;
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (positions[i] != NumberTable::k_full) grow_and_add(out, positions[i], counts[i]);
    return out;
  }

 private:
  std::vector<std::uint32_t> places(NumberTable& mine, const NumberTable& theirs) {
    std::vector<std::uint32_t> out;
    for (const double value : theirs.values) {
      out.push_back(mine.put(value));
      if (out.back() == NumberTable::k_full) to_.is_too_detailed = to_.has_too_many_numbers = true;
    }
    return out;
  }

  Tally::State& to_;
  std::vector<std::vector<std::uint32_t>> numbers_;
  std::vector<std::uint32_t> arrivals_;
};

}  // namespace

void Block::add(const Block& other) {
  responses += other.responses;
  weightless += other.weightless;
  weight += other.weight;
  weight_squares += other.weight_squares;
  add_all(counts, other.counts);
  add_all(weights, other.weights);
  add_all(weighed, other.weighed);
  add_all(answer_squares, other.answer_squares);
  numbers.resize(std::max(numbers.size(), other.numbers.size()));
  for (std::size_t i = 0; i < other.numbers.size(); ++i)
    add_all(numbers[i], other.numbers[i]);
  number_weights.resize(std::max(number_weights.size(), other.number_weights.size()));
  for (std::size_t i = 0; i < other.number_weights.size(); ++i)
    add_all(number_weights[i], other.number_weights[i]);
  number_weighed.resize(std::max(number_weighed.size(), other.number_weighed.size()));
  for (std::size_t i = 0; i < other.number_weighed.size(); ++i)
    add_all(number_weighed[i], other.number_weighed[i]);
}

void Tally::merge(const Tally& other) {
  const State& from = *other.state_;
  State& to = *state_;
  to.is_too_detailed = to.is_too_detailed || from.is_too_detailed;
  to.has_too_many_numbers = to.has_too_many_numbers || from.has_too_many_numbers;
  const Translation translation(to, from);
  for (const std::uint32_t question : from.guarded)
    for (const auto& [their_key, count] : from.guards[question].counts) {
      Key key = their_key;
      for (std::size_t i = 0; i < from.guards[question].facets.size(); ++i)
        translation.move_value(from.guards[question].facets[i], key[i]);
      to.guards[question].counts[key] += count;
    }
  for (const Part& part : from.parts) {
    Part same = part;
    for (std::size_t i = 0; i < to.dimensions.size(); ++i)
      translation.move_value(to.dimensions[i].facet, same.key[i]);
    for (std::size_t i = 0; i < same.block.numbers.size(); ++i)
      same.block.numbers[i] = translation.moved(same.block.numbers[i], i);
    for (std::size_t i = 0; i < same.block.number_weights.size(); ++i)
      same.block.number_weights[i] = translation.moved(same.block.number_weights[i], i);
    for (std::size_t i = 0; i < same.block.number_weighed.size(); ++i)
      same.block.number_weighed[i] = translation.moved(same.block.number_weighed[i], i);
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
  out.counts.resize(state_->counters.size());
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
  auto out = FacetValues(state_->counters, block.counts, block.responses).of(facet, question);
  if (facet.kind != FacetKind::Number) return out;
  return with_numbers(state_->numbers[facet.question], block.numbers[facet.question],
                      std::move(out));
}

std::vector<std::uint64_t> Tally::weighed_of(const Facet& facet, const Block& block) const {
  if (block.weighed.empty()) return {};
  const Question& question = state_->questionnaire.questions[facet.question];
  const std::uint64_t responses = block.responses - block.weightless;
  auto out = FacetValues(state_->counters, block.weighed, responses).of(facet, question);
  if (facet.kind != FacetKind::Number) return out;
  return with_numbers(state_->numbers[facet.question], block.number_weighed[facet.question],
                      std::move(out));
}

std::vector<double> Tally::weights_of(const Facet& facet, const Block& block) const {
  if (block.weights.empty()) return {};
  const Question& question = state_->questionnaire.questions[facet.question];
  auto out = FacetValues(state_->counters, block.weights, block.weight.value()).of(facet, question);
  if (facet.kind != FacetKind::Number) return out;
  return with_numbers(state_->numbers[facet.question],
                      doubles_of(block.number_weights[facet.question]), std::move(out));
}

std::uint64_t Tally::undeclared_in(std::uint32_t question, const Block& block) const {
  return block.counts[state_->counters.undeclared + question];
}

std::vector<double> Tally::numbers_of(std::uint32_t question) const {
  auto out = state_->numbers[question].values;
  std::ranges::sort(out);
  return out;
}

}  // namespace probity::report
