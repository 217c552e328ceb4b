#pragma once

#include <cstdint>
#include <vector>

#include "report/column_conditions.hpp"
#include "report/counters.hpp"
#include "report/facet.hpp"
#include "report/grouping.hpp"
#include "report/tally_state.hpp"

namespace probity::report {

/// One value of each response, as a part's key has it.
using Values = std::vector<std::uint16_t>;

/// What responses of a block are told apart by.
struct Look {
  Facet facet;
  Values values;      ///< By response, as a part's key has it; numbers and arrivals as below.
  NumberTable table;  ///< Numbers or arrivals of the block; each tally has them in its own order.
  bool is_full = false;  ///< More of them than are told apart.

  std::uint16_t put(double number) {
    const std::uint32_t place = table.put(number);
    is_full = is_full || place == NumberTable::k_full;
    return place == NumberTable::k_full ? 0 : static_cast<std::uint16_t>(place);
  }
};

/// Looks at the responses of a block.
class BlockLooks {
 public:
  /// `hidden` says by question from whom it is hidden; all must outlive this.
  BlockLooks(const Questionnaire& form, const Counters& counters, const BlockAnswers& answers,
             const std::vector<Mask>& hidden, std::int64_t unit_hours)
      : form_(form),
        counters_(counters),
        answers_(answers),
        hidden_(hidden),
        unit_hours_(unit_hours) {}

  [[nodiscard]] Look at(const Facet& facet) const;
  [[nodiscard]] Arrival arrival_of(const HourOfArrival& at) const;

 private:
  [[nodiscard]] Look at_arrivals() const;
  [[nodiscard]] std::uint16_t head_value(Look& look, const Column::Head& head) const;
  void set_item_values(const Facet& facet, const Column& column, Values& out) const;

  const Questionnaire& form_;
  const Counters& counters_;
  const BlockAnswers& answers_;
  const std::vector<Mask>& hidden_;
  std::int64_t unit_hours_;
};

/// Divides responses by all that is looked at.
[[nodiscard]] Grouping divided(std::size_t rows, const std::vector<Look>& looks);
/// The key that responses with these values of `looks` have in a tally for `facets`.
[[nodiscard]] Tally::Key key_of(Tally::State& tally, const std::vector<Look>& looks,
                                const std::vector<Facet>& facets, const Values& values);

}  // namespace probity::report
