#include "report/release.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <span>

#include "report/meaning.hpp"

namespace probity::report {
namespace {

/// What is kept apart from choices when values are pooled.
constexpr std::uint8_t k_group_answers = 0;
constexpr std::uint8_t k_group_passives = 1;
constexpr std::uint8_t k_group_promoters = 2;
constexpr std::uint8_t k_group_skipped = 3;

/// Whether a facet tells a part of an answer; whether there is one is told beside it.
bool is_of_part(const Facet& facet) {
  return facet.kind == FacetKind::Option || facet.kind == FacetKind::Place ||
         facet.kind == FacetKind::Row || facet.kind == FacetKind::Item;
}

/// Of the values but "not shown".
std::vector<std::uint8_t> groups_of(const Facet& facet, const Question& question,
                                    std::size_t values) {
  std::vector<std::uint8_t> out(values, k_group_answers);
  if (is_of_part(facet)) out.back() = k_group_skipped;
  if (facet.kind == FacetKind::Choice && is_promoter_rating(question)) {
    out[7] = out[8] = k_group_passives;
    out[9] = out[10] = k_group_promoters;
  }
  return out;
}

ClassTree::Order order_of(const Facet& facet, const Question& question) {
  switch (facet.kind) {
    case FacetKind::Choice:
      return question.kind == Kind::Rating ? ClassTree::Order::Along : ClassTree::Order::Free;
    case FacetKind::Place:
    case FacetKind::Number:
    case FacetKind::Arrival: return ClassTree::Order::Along;
    case FacetKind::Answered:
    case FacetKind::Option:
    case FacetKind::Row:
    case FacetKind::Item: break;
  }
  return ClassTree::Order::Free;
}

using Classes = std::vector<std::uint32_t>;

/// What a selection says of every combination of classes, whether anybody is in it or not: a rule
/// that looked at who is there would tell where nobody is.
class Logic {
 public:
  /// False when it said the opposite before: people who are not told apart are divided.
  [[nodiscard]] bool put(const Classes& classes, bool is_selected) {
    return says_.try_emplace(classes, is_selected).first->second == is_selected;
  }
  [[nodiscard]] bool is_selected(const Classes& classes) const { return says_.at(classes); }

  /// Joins classes of a dimension wherever the selection does not tell them apart; for each node
  /// of the tree the class it is now in.
  [[nodiscard]] Classes join_alike(std::size_t dimension, const ClassTree& tree) {
    const auto& nodes = tree.nodes();
    std::vector<std::map<Classes, bool>> says(nodes.size());
    for (const auto& [classes, is_selected] : says_) {
      Classes others = classes;
      others[dimension] = 0;
      says[classes[dimension]].emplace(std::move(others), is_selected);
    }
    Classes now(nodes.size());
    std::vector<std::uint8_t> is_joined(nodes.size());
    for (std::uint32_t n = 0; n < nodes.size(); ++n) {
      const ClassTree::Node& node = nodes[n];
      now[n] = n;
      is_joined[n] = node.is_leaf() ? 1 : 0;
      if (node.is_leaf() || !is_joined[node.left] || !is_joined[node.right]) continue;
      if (says[node.left] != says[node.right]) continue;
      is_joined[n] = 1;
      says[n] = std::move(says[node.left]);
      says[node.left].clear();
      says[node.right].clear();
    }
    for (std::size_t n = nodes.size(); n-- > 0;)
      if (!nodes[n].is_leaf() && (is_joined[n] || now[n] != n))
        now[nodes[n].left] = now[nodes[n].right] = now[n];
    says_.clear();
    for (std::uint32_t n = 0; n < nodes.size(); ++n)
      for (const auto& [others, is_selected] : says[n]) {
        Classes classes = others;
        classes[dimension] = n;
        says_.emplace(std::move(classes), is_selected);
      }
    return now;
  }
  [[nodiscard]] bool tells_apart(std::size_t dimension) const {
    return std::ranges::any_of(says_, [&](const auto& one) {
      return one.first[dimension] != says_.begin()->first[dimension];
    });
  }

 private:
  std::map<Classes, bool> says_;
};

/// Steps through all combinations of positions below the limits.
bool step(std::vector<std::size_t>& at, std::span<const std::size_t> limits) {
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (++at[i] < limits[i]) return true;
    at[i] = 0;
  }
  return false;
}

/// The finest cut of a tree in which every class has nobody or enough people in every cell: for
/// each leaf its class. All in one where not even that has enough.
std::vector<std::uint32_t> finest_cut(const ClassTree& tree,
                                      const std::vector<std::vector<std::uint64_t>>& cells,
                                      std::uint64_t least) {
  const auto& nodes = tree.nodes();
  std::vector<std::vector<std::uint64_t>> counts(nodes.size());
  std::vector<std::uint8_t> is_fine(nodes.size());  // It or a division of it may be told.
  std::vector<std::uint8_t> is_cut(nodes.size());   // It is told as a whole.
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const ClassTree::Node& node = nodes[n];
    counts[n] = node.is_leaf() ? cells[n] : counts[node.left];
    for (std::size_t i = 0; !node.is_leaf() && i < counts[n].size(); ++i)
      counts[n][i] += counts[node.right][i];
    const bool is_enough =
        std::ranges::all_of(counts[n], [&](std::uint64_t c) { return c == 0 || c >= least; });
    const bool is_divisible = !node.is_leaf() && is_fine[node.left] && is_fine[node.right];
    const bool is_root = n + 1 == nodes.size();
    is_cut[n] = (is_enough || is_root) && !is_divisible;
    is_fine[n] = is_enough || is_divisible;
  }
  std::vector<std::uint32_t> class_of(nodes.size(), ClassTree::k_none);
  for (std::size_t n = nodes.size(); n-- > 0;) {
    if (class_of[n] == ClassTree::k_none && is_cut[n]) class_of[n] = static_cast<std::uint32_t>(n);
    if (nodes[n].is_leaf() || class_of[n] == ClassTree::k_none) continue;
    class_of[nodes[n].left] = class_of[nodes[n].right] = class_of[n];
  }
  class_of.resize(tree.leaves());
  return class_of;
}

}  // namespace

Release::Release(const Tally& tally, std::uint64_t least, std::vector<bool> others)
    : tally_(tally), least_(least), others_(std::move(others)), whole_(tally.whole()) {
  verdict_ = judge();
  if (verdict_ != Verdict::Everything) return;
  group_ = whole_;
  cells_ = {whole_};
  is_strict_ = tally.weight().has_value();
}

/// To whom a question was shown is known from the answers that decided it, and whether it was
/// answered is told beside its parts: what pools some of the ones with some of the others would
/// tell both. So those are divided first, and answers only where they are told apart from the rest.
ClassTree Release::tree_of(const Facet& facet, const std::vector<std::uint64_t>& counts) const {
  if (facet.kind == FacetKind::Arrival) return {counts, {}, ClassTree::Order::Along, least_};
  const Question& question = tally_.questionnaire().questions[facet.question];
  const std::span<const std::uint64_t> shown(counts.data(), counts.size() - 1);
  const std::uint64_t all_shown = std::accumulate(shown.begin(), shown.end(), std::uint64_t{0});
  const ClassTree outer(std::array{all_shown, counts.back()}, {}, ClassTree::Order::Free, least_);
  const auto groups = groups_of(facet, question, shown.size());
  const ClassTree::Order order = order_of(facet, question);
  if (!is_of_part(facet)) return outer.refined({shown, groups, order, least_});
  const std::array halves{all_shown - shown.back(), shown.back()};
  const ClassTree answered(halves, {}, ClassTree::Order::Free, least_);
  const auto kin = kin_of(facet);
  const std::uint64_t least = has_few_in_two_rows(facet) ? ~0UL : least_;
  if (answered.leaves() > 1 || shown.back() == 0) {
    const auto given = shown.first(shown.size() - 1);
    const ClassTree parts =
        kin.size() > 1 ? tree_of_kin(kin, order)
                       : ClassTree(given, std::span(groups).first(given.size()), order, least);
    return outer.refined(answered.refined(parts));
  }
  // By a few who skipped a question the numbers of its parts would no longer add up.
  return outer.refined({shown, groups, order, kin.size() > 1 ? ~0UL : least});
}

/// Nobody who answered left out both rows of two, so that what one pools the other could tell.
bool Release::has_few_in_two_rows(const Facet& facet) const {
  const Question& question = tally_.questionnaire().questions[facet.question];
  if (facet.kind != FacetKind::Row || question.rows.size() != 2) return false;
  for (std::uint32_t part = 0; part < 2; ++part) {
    const auto counts = tally_.values_of({facet.kind, facet.question, part}, whole_);
    const auto given = std::span(counts).first(counts.size() - 2);
    if (std::ranges::any_of(given, [&](std::uint64_t n) { return n > 0 && n < least_; }))
      return true;
  }
  return false;
}

/// Facets whose numbers add up with one another, so that what one keeps back the others could tell:
/// every ranking has one first item, a column may have one row where rows must differ, who must
/// choose two of three leaves out one, and of two parts who left out one gave the other.
std::vector<Facet> Release::kin_of(const Facet& facet) const {
  const Question& question = tally_.questionnaire().questions[facet.question];
  const bool is_exact = question.selected_min && question.selected_min == question.selected_max;
  std::size_t parts = 0;
  bool adds_up = false;
  if (facet.kind == FacetKind::Place || facet.kind == FacetKind::Option) {
    parts = question.choices.size();
    adds_up = facet.kind == FacetKind::Place || is_exact;
  } else if (facet.kind == FacetKind::Row) {
    parts = question.rows.size();
    adds_up = question.is_each_row_unique;
  } else if (facet.kind == FacetKind::Item) {
    parts = question.items.size();
  }
  const bool is_pair = parts == 2 && facet.kind != FacetKind::Row;
  if (!adds_up && !is_pair) return {facet};
  std::vector<Facet> out;
  for (std::uint32_t part = 0; part < parts; ++part)
    out.push_back({facet.kind, facet.question, part});
  return out;
}

/// The values of each of them; of two that are given or not also those of "both".
std::vector<std::vector<std::uint64_t>> Release::values_of_kin(const std::vector<Facet>& kin,
                                                               const Block& block,
                                                               Whose whose) const {
  std::vector<std::vector<std::uint64_t>> out;
  for (const Facet& facet : kin)
    out.push_back(whose == Whose::All ? tally_.values_of(facet, block)
                                      : tally_.weighed_of(facet, block));
  constexpr std::size_t k_given_or_not = 4;
  if (kin.size() != 2 || out[0].size() != k_given_or_not) return out;
  const std::uint64_t answered = out[0][0] + out[0][1];
  auto both = out[0];
  both[0] = out[0][0] + out[1][0] - std::min(answered, out[0][0] + out[1][0]);
  both[1] = answered - std::min(answered, both[0]);
  out.push_back(std::move(both));
  return out;
}

/// One tree of what is answered for all of them: a class has enough people in each. Classes that
/// differ from item to item would tell by the others what one of them pools.
ClassTree Release::tree_of_kin(const std::vector<Facet>& kin, ClassTree::Order order) const {
  // Sums of the least are at most the least of sums. What only some have never counts as nobody,
  // and as nearly nothing, so that no number of those makes a class; but of two values that are all
  // there is each may be nobody's.
  constexpr std::uint64_t k_scale = 1UL << 20;
  std::vector<std::uint64_t> least;
  std::vector<std::uint64_t> sums;
  bool has_few = false;
  for (auto& counts : values_of_kin(kin, whole_, Whose::All)) {
    counts.resize(counts.size() - 2);
    least.resize(counts.size(), ~0UL);
    sums.resize(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      has_few = has_few || (counts[i] > 0 && counts[i] < least_);
      if (counts.size() > 2 || counts[i] > 0) least[i] = std::min(least[i], counts[i]);
      sums[i] += counts[i];
    }
  }
  for (std::size_t i = 0; i < least.size(); ++i)
    least[i] = sums[i] == 0 ? 0 : std::min(least[i], ~0UL / (2 * k_scale)) * k_scale + 1;
  const bool is_pair = kin.size() == 2;
  return {least, {}, order, is_pair && has_few ? ~0UL : least_ * k_scale};
}

/// One selection against the rule, step by step.
class Release::Judge {
 public:
  Judge(Release& release, const Tally& tally, std::uint64_t least)
      : release_(release), tally_(tally), least_(least) {}

  Verdict run() {
    sort_dimensions();
    if (!are_leaves_there()) return Verdict::Unlike;
    if (!are_guards_enough()) return Verdict::TooSmall;
    if (!is_decided()) return Verdict::Unlike;
    if (const auto verdict = fill_logic(); verdict != Verdict::Group) return verdict;
    if (!fill_arrival()) return Verdict::Unlike;
    join();
    return judge_cells();
  }

 private:
  struct Side {
    Facet facet;
    ClassTree tree;
    std::vector<std::size_t> positions;  ///< Of the tally's parts.
    std::vector<double> numbers;
    std::vector<std::uint64_t> counts;  ///< Of the whole, by value.
    bool is_guarded = false;
    Classes now;  ///< Class of each node after joining.
    [[nodiscard]] std::uint32_t leaf(std::size_t part) const {
      return tree.leaf_of(positions[part]);
    }
  };

  void sort_dimensions();
  [[nodiscard]] bool are_leaves_there() const;
  [[nodiscard]] bool are_guards_enough() const;
  [[nodiscard]] bool is_decided() const;
  [[nodiscard]] Verdict fill_logic();
  [[nodiscard]] bool fill_arrival();
  void join();
  [[nodiscard]] Verdict judge_cells();
  [[nodiscard]] std::vector<Facet> asked_facets() const {
    std::vector<Facet> out;
    for (const Side& side : asked_)
      out.push_back(side.facet);
    return out;
  }
  [[nodiscard]] Classes classes_of(std::size_t part) const {
    Classes out;
    for (const Side& side : asked_)
      out.push_back(side.now[side.leaf(part)]);
    return out;
  }
  /// The same, and apart by whatever decides whether questions among those are shown.
  [[nodiscard]] Classes guarded_classes_of(std::size_t part, Classes classes) const {
    for (const auto* sides : {&asked_, &guards_})
      for (const Side& side : *sides)
        if (side.is_guarded) classes.push_back(side.leaf(part));
    return classes;
  }
  [[nodiscard]] bool has_guards() const {
    return !guards_.empty() || std::ranges::any_of(asked_, &Side::is_guarded);
  }

  Release& release_;
  const Tally& tally_;
  std::uint64_t least_;
  std::vector<Side> asked_;
  std::vector<Side> guards_;
  std::optional<Side> arrival_;
  Logic logic_;
  Logic in_window_;
};

void Release::Judge::sort_dimensions() {
  for (std::size_t d = 0; d < tally_.dimensions().size(); ++d) {
    const Dimension& dimension = tally_.dimensions()[d];
    Side side;
    side.facet = dimension.facet;
    side.is_guarded = dimension.is_guarded;
    side.positions = tally_.positions_in(d);
    std::vector<std::uint64_t> counts;
    if (dimension.facet.kind == FacetKind::Arrival) {
      counts.resize(tally_.arrivals().size());
      for (std::size_t p = 0; p < tally_.parts().size(); ++p)
        counts[side.positions[p]] += tally_.parts()[p].block.responses;
    } else {
      counts = tally_.values_of(dimension.facet, release_.whole_);
    }
    if (dimension.facet.kind == FacetKind::Number)
      side.numbers = tally_.numbers_of(dimension.facet.question);
    side.tree = release_.tree_of(dimension.facet, counts);
    side.counts = std::move(counts);
    if (dimension.facet.kind == FacetKind::Arrival)
      arrival_ = std::move(side);
    else
      (dimension.is_asked ? asked_ : guards_).push_back(std::move(side));
  }
}

/// Answers from elsewhere may name an option twice, and nobody is then left who did not choose it.
bool Release::Judge::are_leaves_there() const {
  const auto has_leaves = [this](const Side& side) {
    for (std::size_t p = 0; p < tally_.parts().size(); ++p)
      if (side.leaf(p) == ClassTree::k_none || side.counts[side.positions[p]] == 0) return false;
    return true;
  };
  return std::ranges::all_of(asked_, has_leaves) && std::ranges::all_of(guards_, has_leaves) &&
         (!arrival_ || has_leaves(*arrival_));
}

/// A question that is shown for one answer alone is not independent of that answer: between those
/// who gave it and those to whom the question was shown there must not be a few people.
bool Release::Judge::are_guards_enough() const {
  std::map<Classes, std::uint64_t> sums;
  for (std::size_t p = 0; p < tally_.parts().size(); ++p) {
    Classes classes;
    for (const auto* sides : {&asked_, &guards_})
      for (const Side& side : *sides)
        if (side.is_guarded) classes.push_back(side.leaf(p));
    if (!classes.empty()) sums[std::move(classes)] += tally_.parts()[p].block.responses;
  }
  return std::ranges::all_of(sums, [&](const auto& sum) { return sum.second >= least_; });
}

bool Release::Judge::is_decided() const {
  const auto facets = asked_facets();
  const auto decides = [&](const std::optional<Filter>& filter) {
    return !filter || Meaning(tally_.questionnaire(), *filter, facets).is_decided();
  };
  return decides(tally_.selection().filter) && decides(tally_.selection().also);
}

/// Asks the filters about every combination of values that anybody has.
Verdict Release::Judge::fill_logic() {
  constexpr std::size_t k_combinations_max = 20'000;
  const auto facets = asked_facets();
  std::vector<std::size_t> limits;
  std::vector<std::vector<double>> numbers;
  std::size_t combinations = 1;
  for (const Side& side : asked_) {
    limits.push_back(side.counts.size());
    numbers.push_back(side.numbers);
    combinations *= std::max<std::size_t>(1, side.counts.size());
    if (combinations > k_combinations_max) return Verdict::TooDetailed;
  }
  const auto& form = tally_.questionnaire();
  const auto holds = [&](const std::optional<Filter>& filter, std::span<const std::size_t> at) {
    return !filter || Meaning(form, *filter, facets).holds(at, numbers);
  };
  std::vector<std::size_t> at(asked_.size());
  do {
    Classes classes;
    for (std::size_t i = 0; i < at.size(); ++i)
      classes.push_back(asked_[i].tree.leaf_of(at[i]));
    if (std::ranges::find(classes, ClassTree::k_none) != classes.end()) continue;
    const bool is_selected =
        holds(tally_.selection().filter, at) && holds(tally_.selection().also, at);
    if (!logic_.put(classes, is_selected)) return Verdict::Unlike;
  } while (step(at, limits));
  return Verdict::Group;
}

bool Release::Judge::fill_arrival() {
  if (!arrival_) return true;
  const auto arrivals = tally_.arrivals();
  for (std::size_t i = 0; i < arrivals.size(); ++i)
    if (!in_window_.put({arrival_->tree.leaf_of(i)}, tally_.selection().holds(arrivals[i])))
      return false;
  return true;
}

void Release::Judge::join() {
  for (std::size_t i = 0; i < asked_.size(); ++i)
    asked_[i].now = logic_.join_alike(i, asked_[i].tree);
  if (arrival_) arrival_->now = in_window_.join_alike(0, arrival_->tree);
}

Verdict Release::Judge::judge_cells() {
  struct Cell {
    bool is_selected = false;
    Block block;
  };
  std::map<Classes, Cell> cells;
  for (std::size_t p = 0; p < tally_.parts().size(); ++p) {
    Classes classes = classes_of(p);
    bool is_selected = logic_.is_selected(classes);
    if (arrival_) {
      classes.push_back(arrival_->now[arrival_->leaf(p)]);
      is_selected = is_selected && in_window_.is_selected({classes.back()});
    }
    // Not by what the filter says of each answer: one to an older version may say what this one can
    // not, and a verdict that depends on it tells what else such people answered.
    Cell& cell = cells[guarded_classes_of(p, std::move(classes))];
    cell.is_selected = is_selected;
    cell.block.add(tally_.parts()[p].block);
  }
  std::size_t sides = arrival_ && in_window_.tells_apart(0) ? 1 : 0;
  for (std::size_t i = 0; i < asked_.size(); ++i)
    sides += logic_.tells_apart(i) ? 1 : 0;
  if (sides == 0)
    return !cells.empty() && cells.begin()->second.is_selected ? Verdict::Everything
                                                               : Verdict::TooSmall;
  for (auto& [classes, cell] : cells) {
    if (cell.block.responses < least_) return Verdict::TooSmall;
    const std::uint64_t weighed = cell.block.responses - cell.block.weightless;
    if (tally_.weight() && weighed > 0 && weighed < least_) return Verdict::TooSmall;
    if (cell.is_selected) release_.group_.add(cell.block);
    release_.cells_.push_back(std::move(cell.block));
  }
  release_.is_strict_ = sides > 1 || has_guards() || tally_.weight().has_value();
  return release_.group_.responses == 0 ? Verdict::TooSmall : Verdict::Group;
}

Verdict Release::judge() {
  if (tally_.selection().is_everything()) return Verdict::Everything;
  if (tally_.is_too_detailed()) return Verdict::TooDetailed;
  for (const Dimension& dimension : tally_.dimensions())
    if (dimension.facet.kind != FacetKind::Arrival && is_told_elsewhere(dimension.facet.question))
      return Verdict::Unlike;
  Judge judge(*this, tally_, least_);
  return judge.run();
}

std::vector<std::uint32_t> Release::cut_of(const Facet& facet, const ClassTree& tree) const {
  const auto kin = kin_of(facet);
  std::vector<std::vector<std::uint64_t>> leaves(tree.leaves());
  const auto put = [&](const std::vector<std::uint64_t>& values) {
    for (auto& leaf : leaves)
      leaf.push_back(0);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (tree.leaf_of(i) != ClassTree::k_none) leaves[tree.leaf_of(i)].back() += values[i];
  };
  for (const Block& cell : cells_) {
    std::ranges::for_each(values_of_kin(kin, cell, Whose::All), put);
    // A sum of weights is one of those who have a weight.
    if (tally_.weight()) std::ranges::for_each(values_of_kin(kin, cell, Whose::Weighed), put);
  }
  return finest_cut(tree, leaves, least_);
}

/// Whether it may be told to whom a question was shown: what is told of the questions that decide
/// it must not leave a few people over.
bool Release::are_guards_told(std::uint32_t question) const {
  // Each step goes to the question that decides; conditions have no cycles.
  for (std::size_t i = 0; i < form::k_questions_max; ++i) {
    const auto least = tally_.least_guarded(question);
    if (!least) return true;
    if (*least < least_) return false;
    const auto guards = guards_of(tally_.questionnaire(), question);
    if (guards.size() != 1) return false;
    const ClassTree tree = tree_of(guards.front(), tally_.values_of(guards.front(), whole_));
    auto cut = cut_of(guards.front(), tree);
    std::ranges::sort(cut);
    if (std::ranges::adjacent_find(cut) != cut.end()) return false;
    question = guards.front().question;
  }
  return false;
}

FacetRelease Release::facet(const Facet& facet) const {
  if (verdict_ != Verdict::Everything) return weighted_facet(facet);
  FacetRelease out;
  const auto whole = tally_.values_of(facet, whole_);
  out.class_of.assign(whole.size(), FacetRelease::k_nobody);
  for (std::uint32_t i = 0; i < whole.size(); ++i)
    if (whole[i] != 0) out.class_of[i] = i;
  out.classes = whole.size();
  return out;
}

FacetRelease Release::weighted_facet(const Facet& facet) const {
  FacetRelease out;
  const auto whole = tally_.values_of(facet, whole_);
  out.class_of.assign(whole.size(), FacetRelease::k_nobody);
  const ClassTree tree = tree_of(facet, whole);
  std::vector<std::uint32_t> cut(tree.leaves(), 0);
  if (!is_told_elsewhere(facet.question) && are_guards_told(facet.question)) {
    if (is_strict_)
      cut = cut_of(facet, tree);
    else
      std::iota(cut.begin(), cut.end(), 0U);
  }
  for (std::size_t i = 0; i < whole.size(); ++i)
    if (tree.leaf_of(i) != ClassTree::k_none) out.class_of[i] = cut[tree.leaf_of(i)];
  auto distinct = cut;
  std::ranges::sort(distinct);
  distinct.erase(std::ranges::unique(distinct).begin(), distinct.end());
  out.classes = distinct.size();
  return out;
}

}  // namespace probity::report
