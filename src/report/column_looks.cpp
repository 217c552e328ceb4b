#include "report/column_looks.hpp"

#include <algorithm>

namespace probity::report {

using Shape = Column::Shape;

Arrival BlockLooks::arrival_of(const HourOfArrival& at) const {
  const std::int64_t begun = at.hour >= 0 ? at.hour : at.hour - (unit_hours_ - 1);
  return {begun / unit_hours_, at.version};
}

Look BlockLooks::at_arrivals() const {
  Look out{{FacetKind::Arrival, 0, 0}, Values(answers_.rows()), {}};
  Values by_code;
  for (const HourOfArrival& at : answers_.block().arrivals)
    by_code.push_back(out.put(arrival_number(arrival_of(at))));
  for (std::size_t row = 0; row < answers_.rows(); ++row)
    out.values[row] = by_code[answers_.block().arrival_codes[row]];
  return out;
}

/// As Tally::State::facet_value() of every response.
Look BlockLooks::at(const Facet& facet) const {
  if (facet.kind == FacetKind::Arrival) return at_arrivals();
  Look out{facet, Values(answers_.rows()), {}};
  const Column* column = answers_.of(facet.question);
  const auto choices = form_.questions[facet.question].choices.size();
  std::size_t none = choices + 1;
  if (facet.kind == FacetKind::Answered || facet.kind == FacetKind::Number) none = 1;
  if (facet.kind == FacetKind::Option || facet.kind == FacetKind::Item) none = 2;
  const Mask& hidden = hidden_[facet.question];
  const Mask is_answer = column == nullptr ? Mask{0} : answers_in(*column);
  Values by_head{0};
  for (std::size_t code = 1; code < is_answer.size(); ++code)
    by_head.push_back(is_answer[code] == 0 ? std::uint16_t{0}
                                           : head_value(out, column->heads[code]));
  for (std::size_t row = 0; row < answers_.rows(); ++row) {
    const std::uint16_t code = column == nullptr ? 0 : column->codes[row];
    const unsigned blank = hidden.empty() ? 0 : hidden[row];
    out.values[row] =
        is_answer[code] != 0 ? by_head[code] : static_cast<std::uint16_t>(none + blank);
  }
  if (column != nullptr && column->has_items()) set_item_values(facet, *column, out.values);
  return out;
}

/// The value of an answer that is no list and no object, or whose items do not say.
std::uint16_t BlockLooks::head_value(Look& look, const Column::Head& head) const {
  const Facet& facet = look.facet;
  const AnswerPlan& plan = counters_.plan(facet.question);
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
    case FacetKind::Number: {
      const auto number = is_scalar ? number_in_answer(question, head.value) : std::nullopt;
      if (number) value = 3U + look.put(*number);
      break;
    }
  }
  return static_cast<std::uint16_t>(value);
}

/// The same for answers whose items say it.
void BlockLooks::set_item_values(const Facet& facet, const Column& column, Values& out) const {
  const AnswerPlan& plan = counters_.plan(facet.question);
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
  for (std::size_t row = 0; row < answers_.rows(); ++row) {
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

Grouping divided(std::size_t rows, const std::vector<Look>& looks) {
  Grouping out(rows);
  for (const Look& look : looks)
    out.refine(look.values, std::size_t{*std::ranges::max_element(look.values)} + 1);
  return out;
}

Tally::Key key_of(Tally::State& tally, const std::vector<Look>& looks,
                  const std::vector<Facet>& facets, const Values& values) {
  Tally::Key key{};
  for (std::size_t i = 0; i < facets.size(); ++i) {
    const auto at = std::ranges::find(looks, facets[i], &Look::facet) - looks.begin();
    const Look& look = looks[static_cast<std::size_t>(at)];
    key[i] = values[static_cast<std::size_t>(at)];
    tally.is_too_detailed = tally.is_too_detailed || look.is_full;
    if (facets[i].kind == FacetKind::Arrival) {
      const std::uint32_t place = tally.arrivals.put(look.table.values[key[i]]);
      if (place == NumberTable::k_full) tally.is_too_detailed = true;
      key[i] = static_cast<std::uint16_t>(place);
    } else if (facets[i].kind == FacetKind::Number && key[i] >= 3) {
      key[i] = static_cast<std::uint16_t>(
          tally.number_value(facets[i].question, look.table.values[key[i] - 3U]));
    }
  }
  return key;
}

}  // namespace probity::report
