#include "report/count.hpp"

#include <algorithm>
#include <utility>

#include "report/facet.hpp"
#include "report/tally_state.hpp"

namespace probity::report {

namespace dom = simdjson::dom;

Tally::State::State(const Questionnaire& form, Selection what, std::optional<std::uint32_t> weigher)
    : questionnaire(form),
      selection(std::move(what)),
      weight(weigher),
      counters(form),
      dimensions(dimensions_of(form, selection)),
      guards(form.questions.size()),
      numbers(form.questions.size()),
      answers_(form),
      is_hidden_(form.questions.size()) {
  for (const Question& question : form.questions)
    is_number.push_back(is_numeric(question) ? 1 : 0);
  is_too_detailed = dimensions.size() > k_dimensions_max;
  if (is_too_detailed) dimensions.clear();
  find_guards();
  find_needs();
  if (dimensions.empty()) enter(new_part(Key{}));
}

/// Marks the questions whose answers conditions or the filter look at.
void Tally::State::find_needs() {
  std::vector<std::uint8_t> is_needed(questionnaire.questions.size());
  const auto need = [&](const std::vector<Target>& targets) {
    for (const Target& target : targets) {
      if (std::exchange(is_needed[target.question], 1) == 0) needed.push_back(target.question);
      if (target.part == Target::Part::Comment) answers_.needs_comments = true;
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
void Tally::State::find_guards() {
  if ((selection.is_everything() && !weight) || !questionnaire.has_hiding) return;
  for (std::uint32_t i = 0; i < guards.size(); ++i) {
    guards[i].facets = guards_of(questionnaire, i);
    if (!guards[i].facets.empty()) guarded.push_back(i);
    is_too_detailed = is_too_detailed || guards[i].facets.size() > k_dimensions_max;
  }
  if (is_too_detailed) guarded.clear();
}

void Tally::State::count_guards() {
  for (const std::uint32_t question : guarded) {
    const Guards& own = guards[question];
    Key key{};
    for (std::size_t i = 0; i < own.facets.size(); ++i)
      key[i] = static_cast<std::uint16_t>(facet_value(own.facets[i]));
    count_guard(question, key, 1);
  }
}

void Tally::State::count_guard(std::uint32_t question, const Key& key, std::uint64_t count) {
  auto& counts = guards[question].counts;
  if (counts.size() >= k_parts_max && !counts.contains(key)) is_too_detailed = true;
  if (!is_too_detailed) counts[key] += count;
}

std::uint32_t Tally::State::new_part(const Key& key) {
  Part part;
  part.key = key;
  part.block.counts.resize(counters.size());
  part.block.numbers.resize(questionnaire.questions.size());
  if (weight) {
    part.block.weights.resize(counters.size());
    part.block.weighed.resize(counters.size());
    part.block.answer_squares.resize(questionnaire.questions.size());
    part.block.number_weights.resize(questionnaire.questions.size());
    part.block.number_weighed.resize(questionnaire.questions.size());
  }
  parts.push_back(std::move(part));
  const auto position = static_cast<std::uint32_t>(parts.size() - 1);
  part_of.emplace(key, position);
  if (part_of.size() == 1) enter(position);
  return position;
}

void Tally::State::enter(std::uint32_t position) {
  Block& block = parts[position].block;
  here_ = position;
  counts_ = block.counts.data();
  weights_ = weight ? block.weights.data() : nullptr;
  weighed_ = weight ? block.weighed.data() : nullptr;
}

std::uint32_t Tally::State::place_of(const Key& key) {
  const auto found = part_of.find(key);
  if (found != part_of.end()) return found->second;
  if (parts.size() >= k_parts_max || (parts.size() + 1) * counters.size() > k_counters_max)
    is_too_detailed = true;
  // Whoever finds no room is counted with the first; such a tally shows nothing but its whole.
  if (is_too_detailed && !parts.empty()) return 0;
  return new_part(key);
}

bool Tally::State::look_at(std::string_view json, std::span<Tally> tallies) {
  dom::object response;
  if (!parser_.parse(json, response)) return false;
  for (const Tally& tally : tallies)
    answers_.needs_comments = answers_.needs_comments || tally.state_->answers_.needs_comments;
  answers_.scan(response);
  for (const Tally& tally : tallies)
    answers_.collect(tally.state_->needed);
  if (questionnaire.has_hiding) find_hidden();
  return true;
}

void Tally::State::count_response(const State& looking, const Arrival& arrival) {
  seen_ = &looking.answers_;
  hidden_ = &looking.is_hidden_;
  if (!dimensions.empty()) find_part(arrival);
  if (!guarded.empty()) count_guards();
  Part& part = parts[here_];
  if (is_selected(arrival)) ++part.selected;
  ++part.block.responses;
  if (weight) weigh(part.block);
  for (const std::uint32_t question : seen_->present)
    count(question);
  if (questionnaire.has_hiding) count_hidden();
}

bool Tally::State::is_selected(const Arrival& arrival) const {
  if (!selection.holds(arrival)) return false;
  if (selection.filter && !selection.filter->matches(seen_->looked_at)) return false;
  return !selection.also || selection.also->matches(seen_->looked_at);
}

void Tally::State::find_hidden() {
  const Visibility visibility = decide_visibility(questionnaire, answers_.looked_at);
  for (std::uint32_t i = 0; i < is_hidden_.size(); ++i)
    is_hidden_[i] = !visibility.questions[i] && !answers_.has(i) ? 1 : 0;
}

void Tally::State::count_hidden() {
  for (std::size_t i = 0; i < hidden_->size(); ++i)
    if ((*hidden_)[i] != 0) bump(counters.not_shown + i);
}

void Tally::State::find_part(const Arrival& arrival) {
  Key key{};
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const Facet& facet = dimensions[i].facet;
    const std::uint32_t value = facet.kind == FacetKind::Arrival
                                    ? arrivals.put(arrival_number(arrival))
                                    : facet_value(facet);
    if (value == NumberTable::k_full) is_too_detailed = true;
    key[i] = static_cast<std::uint16_t>(value);
  }
  enter(place_of(key));
}

/// A response's value in a dimension; for numbers 0…2 for those without one, then by arrival.
std::uint32_t Tally::State::facet_value(const Facet& facet) {
  const std::uint32_t index = facet.question;
  const AnswerPlan& plan = counters.plan(index);
  const dom::element& answer = seen_->seen[index];
  const auto choices = static_cast<std::uint32_t>(questionnaire.questions[index].choices.size());
  const std::uint32_t blank = (*hidden_)[index] != 0 ? 1 : 0;
  const bool is_answered = seen_->has(index);
  switch (facet.kind) {
    case FacetKind::Answered: return is_answered ? 0 : 1 + blank;
    case FacetKind::Choice:
      return is_answered ? std::min(plan.find(answer), choices) : choices + 1 + blank;
    case FacetKind::Option:
      if (!is_answered) return 2 + blank;
      return place_in_answer(plan, answer, facet.part) ? 0 : 1;
    case FacetKind::Place:
      if (!is_answered) return choices + 1 + blank;
      return std::min(place_in_answer(plan, answer, facet.part).value_or(choices), choices);
    case FacetKind::Row: return is_answered ? column_of(index, facet.part) : choices + 1 + blank;
    case FacetKind::Item: {
      if (!is_answered) return 2 + blank;
      dom::element value;
      return answer.at_key(plan.parts.key(facet.part)).get(value) ? 1 : 0;
    }
    case FacetKind::Number:
      if (!is_answered) return 1 + blank;
      return number_value(index, number_in_answer(questionnaire.questions[index], answer));
    case FacetKind::Arrival: break;
  }
  return 0;
}

std::uint32_t Tally::State::number_value(std::uint32_t index, std::optional<double> number) {
  if (!number) return 0;
  const std::uint32_t position = numbers[index].put(*number);
  if (position == NumberTable::k_full) is_too_detailed = true;
  return position == NumberTable::k_full ? 0 : 3 + position;
}

std::uint32_t Tally::State::column_of(std::uint32_t index, std::uint32_t row) const {
  const AnswerPlan& plan = counters.plan(index);
  const auto none = static_cast<std::uint32_t>(plan.choices.size());
  dom::element value;
  if (seen_->seen[index].at_key(plan.parts.key(row)).get(value)) return none;
  return std::min(plan.find(value), none);
}

void Tally::State::weigh(Block& block) {
  own_weight_ = seen_->has(*weight) ? weight_in_answer(questionnaire.questions[*weight],
                                                       counters.plan(*weight), seen_->seen[*weight])
                                    : 0;
  if (own_weight_ <= 0) ++block.weightless;
  block.weight += own_weight_;
  block.weight_squares += own_weight_ * own_weight_;
  for (const std::uint32_t question : seen_->present)
    block.answer_squares[question] += own_weight_ * own_weight_;
}

void Tally::State::count(std::uint32_t index) {
  bump(counters.answered + index);
  if (is_number[index] != 0) count_number(index);
  counters.count(index, seen_->seen[index], [this](std::size_t at) { bump(at); });
}

void Tally::State::count_number(std::uint32_t index) {
  const auto number = number_in_answer(questionnaire.questions[index], seen_->seen[index]);
  if (!number) return;
  const std::uint32_t position = numbers[index].put(*number);
  if (position == NumberTable::k_full) {
    has_too_many_numbers = true;
    return;
  }
  Block& block = parts[here_].block;
  grow_and_add(block.numbers[index], position, std::uint64_t{1});
  if (!weight) return;
  grow_and_add(block.number_weights[index], position, own_weight_);
  grow_and_add(block.number_weighed[index], position, std::uint64_t{own_weight_ > 0 ? 1U : 0U});
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
  return add_to_all({this, 1}, answers_json, arrival);
}

bool Tally::add_to_all(std::span<Tally> tallies, std::string_view answers_json,
                       const Arrival& arrival) {
  if (tallies.empty()) return true;
  State& looking = *tallies.front().state_;
  if (!looking.look_at(answers_json, tallies)) return false;
  for (const Tally& tally : tallies)
    tally.state_->count_response(looking, arrival);
  return true;
}

}  // namespace probity::report
